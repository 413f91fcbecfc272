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


def still_held(adresse: Adresse, state: State) -> list[Envoi]:
    """Those of them that did not end meanwhile: overtaken, expired, given up."""
    mails = (state.get(Envoi.key_of(id)) for id in adresse.retenus)
    return [each for each in mails if each is not None and each.etat is EtatEnvoi.RETENU]


def released(adresse: Adresse, state: State, by: str, now: datetime) -> Iterable[Changed]:
    """Each mail that is still held, to be tried now; where it goes is judged when it leaves.

    What it says may have become worthless meanwhile: that one is left to the schedule.
    """
    for envoi in still_held(adresse, state):
        if not envoi.is_expired(now):
            yield release(envoi, by, now)
