"""identity: who you are. Accounts, credentials, sessions, tokens."""
