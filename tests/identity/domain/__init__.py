"""Tests of identity.domain."""
