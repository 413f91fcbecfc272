"""Tests of shared.observability."""
