"""The published language: the only thing that services know about one another."""
