"""Tests of what a mail may become."""
