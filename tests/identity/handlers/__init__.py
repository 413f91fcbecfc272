"""Tests of identity.handlers."""
