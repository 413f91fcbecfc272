"""Tests of the servers of a local run."""
