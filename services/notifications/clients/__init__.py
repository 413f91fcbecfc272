"""Foreign systems: the mail server."""
