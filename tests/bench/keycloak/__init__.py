"""Tests of what brings and asks Keycloak; none of them starts it."""
