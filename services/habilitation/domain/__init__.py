"""The rules of conventions, groups and memberships: pure, no I/O, no clock."""
