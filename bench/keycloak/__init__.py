"""Keycloak, beside which sign-ins and accounts are measured; brought by Maven, never committed."""
