"""The integration harness: runs the platform and drives it from outside (README.md)."""
