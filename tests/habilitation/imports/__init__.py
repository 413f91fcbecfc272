"""Imports of users and groups."""
