"""Tests of the house itself: who may import what, how large files are."""
