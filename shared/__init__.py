"""The published language and the plumbing: no business decision lives here."""
