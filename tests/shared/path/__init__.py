"""Tests of shared.path."""
