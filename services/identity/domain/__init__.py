"""The rules of accounts: pure, no I/O, no clock."""
