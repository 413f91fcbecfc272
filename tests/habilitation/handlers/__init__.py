"""Tests of habilitation.handlers."""
