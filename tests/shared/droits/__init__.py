"""Tests of rights decided on a dossier."""
