"""Imports: an organisme's users and groups from a CSV file, line by line [seed 002]."""
