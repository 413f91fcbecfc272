"""Numbered changes of the store's shape, in order."""

from services.notifications.migrations.v0001_envois import V0001

MIGRATIONS = (V0001,)
