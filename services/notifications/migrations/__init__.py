"""Numbered changes of the store's shape, in order."""

from services.notifications.migrations.v0001_envois import V0001
from services.notifications.migrations.v0002_adresses import V0002

MIGRATIONS = (V0001, V0002)
