"""Tests of shared.security."""
