"""Tell who opened an account that the temporary password did not reach the person.

Part of every decision that ends a mail: a password that expires, fails or is given up before it
was delivered [domain: « expired undelivered → the creator is told »].
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.notifications.domain.destinataire import Destinataire
from services.notifications.domain.envoi import (
    Changed,
    Envoi,
    EtatEnvoi,
    notice_id,
    queue_notice,
)
from services.notifications.domain.modele import Modele
from shared.contracts.notifications import MotifAbandon
from shared.path.decision import Key, State

NOT_UNDELIVERED = frozenset({MotifAbandon.DEPASSE, MotifAbandon.EXPLOITANT})
"""Given up because nothing was to be delivered any more, or by somebody who knows."""


def keys_of_undelivered(envoi: Envoi | None) -> Iterable[Key[Any]]:
    """What is to be loaded beside a mail that is about to end."""
    if envoi is None or envoi.modele is not Modele.MOT_DE_PASSE_PROVISOIRE or not envoi.is_open:
        return []
    return keys_of_notice(envoi.user_id, envoi.id)


def keys_of_notice(user_id: str, mail_id: str) -> Iterable[Key[Any]]:
    """What is needed to write to whoever opened the account of that person about that mail."""
    return [Destinataire.key_of(user_id), Envoi.key_of(_id(user_id, mail_id))]


def undelivered(envoi: Envoi, state: State, now: datetime) -> Iterable[Changed]:
    """The mail to whoever opened the account, if this ended mail calls for one and he is known."""
    if envoi.modele is not Modele.MOT_DE_PASSE_PROVISOIRE or not _never_arrived(envoi):
        return
    yield from notice(envoi.user_id, envoi.id, state, domain=envoi.domain, now=now)


def notice(
    user_id: str, mail_id: str, state: State, *, domain: str, now: datetime
) -> Iterable[Changed]:
    """The mail to whoever opened the account of that person, once for that mail of a password."""
    person = state.get(Destinataire.key_of(user_id))
    if person is None or person.createur is None:
        return
    id = _id(user_id, mail_id)
    if state.get(Envoi.key_of(id)) is not None:
        return
    mail = queue_notice(
        Modele.MOT_DE_PASSE_NON_REMIS,
        person.createur,
        id=id,
        domain=domain,
        now=now,
        sujet_id=user_id,
        valeurs={"le": now.isoformat()},
    )
    yield mail, ()


def _never_arrived(envoi: Envoi) -> bool:
    if envoi.etat is EtatEnvoi.ABANDONNE:
        return envoi.motif not in NOT_UNDELIVERED
    return envoi.etat in (EtatEnvoi.ECHEC, EtatEnvoi.EXPIRE)


def _id(user_id: str, mail_id: str) -> str:
    return notice_id(Modele.MOT_DE_PASSE_NON_REMIS, user_id, mail_id)
