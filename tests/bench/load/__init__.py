"""Tests of the load programs."""
