"""Let go of the mails held for one person: their address was corrected, or works after all."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.notifications.domain.adresse import Adresse
from services.notifications.domain.envoi import Changed, Envoi, EtatEnvoi, release
from shared.path.decision import Key, State

ADRESSE_CORRIGEE, EXPLOITANT = "adresse_corrigee", "exploitant"
"""Who lets a mail go, as MailReleased tells it."""


def keys_of_held(adresse: Adresse | None) -> Iterable[Key[Any]]:
    """The mails held for the person of that address."""
    return [] if adresse is None else [Envoi.key_of(id) for id in adresse.retenus]


def released(
    adresse: Adresse, state: State, by: str, now: datetime, *, mail: str | None = None
) -> Iterable[Changed]:
    """Each mail that is still held, to be tried now, at `mail` where it is given.

    What it says may have become worthless meanwhile: that one is left to the schedule.
    """
    for id in adresse.retenus:
        envoi = state.get(Envoi.key_of(id))
        if envoi is not None and envoi.etat is EtatEnvoi.RETENU and not envoi.is_expired(now):
            yield release(envoi, by, now, adresse=mail)
