"""Tests of habilitation.domain."""
