"""One use case, one file: the keys that it needs, then the call of the domain."""
