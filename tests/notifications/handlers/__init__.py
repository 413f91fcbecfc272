"""Tests of the use cases, in memory."""
