"""Tell that a temporary password expired: its person, if it arrived; else who opened the account.

What never reached anybody is told once, whether the mail's own end or this fact comes first, and
even if the mail never came to be.
"""

from collections.abc import Iterable
from typing import Any

from services.notifications.domain.envoi import (
    Changed,
    Envoi,
    EtatEnvoi,
    mail_id,
    notice_id,
    queue_notice,
)
from services.notifications.domain.modele import VALIDITE, Modele
from services.notifications.handlers.changes import decision
from services.notifications.handlers.undelivered import keys_of_notice, notice
from shared.contracts.identity import TemporaryPasswordExpired
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[TemporaryPasswordExpired, None]


def tell_expired(domain: str) -> UseCase[TemporaryPasswordExpired, None]:
    """The use case; `domain` is the right-hand side of the Message-IDs."""

    def decide(request: Asked, state: State) -> Decision:
        fact = request.message
        if request.now >= fact.at + VALIDITE:
            return Decision()
        password = _password_id(fact)
        mail = state.get(Envoi.key_of(password))
        if mail is not None and mail.etat is EtatEnvoi.ENVOYE:
            return decision(*_to_the_person(request, state, domain))
        return decision(*notice(fact.user_id, password, state, domain=domain, now=request.now))

    return UseCase(message=TemporaryPasswordExpired, keys=_keys, decide=decide)


def _keys(request: Asked) -> Iterable[Key[Any]]:
    password = _password_id(request.message)
    yield Envoi.key_of(password)
    yield Envoi.key_of(_id(request.message))
    yield from keys_of_notice(request.message.user_id, password)


def _password_id(fact: TemporaryPasswordExpired) -> str:
    return mail_id(fact.user_id, fact.generation, Modele.MOT_DE_PASSE_PROVISOIRE)


def _id(fact: TemporaryPasswordExpired) -> str:
    return notice_id(Modele.MOT_DE_PASSE_EXPIRE, fact.user_id, str(fact.generation))


def _to_the_person(request: Asked, state: State, domain: str) -> Iterable[Changed]:
    fact = request.message
    if state.get(Envoi.key_of(_id(fact))) is None:
        mail = queue_notice(
            Modele.MOT_DE_PASSE_EXPIRE,
            fact.user_id,
            id=_id(fact),
            domain=domain,
            now=request.now,
            expires_at=fact.at + VALIDITE,
            valeurs={},
        )
        yield mail, ()
