"""Notifications: the only service that writes to people; it sends each mail once and says so."""
