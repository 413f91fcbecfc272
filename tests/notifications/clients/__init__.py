"""Tests of the mail client against a real server."""
