"""Numbered changes of the store's shape, in order."""

from services.habilitation.migrations.v0001_habilitation import V0001

MIGRATIONS = (V0001,)
