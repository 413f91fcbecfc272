"""The heart: what handlers are made of and how the commands of a group are decided."""
