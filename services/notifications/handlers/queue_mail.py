"""Queue a mail: what identity issued is to be written to its recipient."""

from collections.abc import Iterable
from typing import Any

from services.notifications.domain.destinataire import DernierSecret
from services.notifications.domain.envoi import (
    Changed,
    Envoi,
    abandon,
    expire,
    mail_id,
    queue,
)
from services.notifications.domain.modele import Modele
from services.notifications.handlers.changes import decision
from services.notifications.handlers.undelivered import keys_of_notice, undelivered
from shared.contracts.identity import IdentifiantIssued, TemporaryPasswordIssued
from shared.contracts.notifications import MotifAbandon
from shared.path.decision import Decision, Key, Request, State, UseCase

IDENTIFIANT = Modele.IDENTIFIANT
MOT_DE_PASSE = Modele.MOT_DE_PASSE_PROVISOIRE


def queue_mails(
    domain: str,
) -> tuple[UseCase[IdentifiantIssued, None], UseCase[TemporaryPasswordIssued, None]]:
    """The two use cases; `domain` is the right-hand side of the Message-IDs."""

    def decide_identifiant(request: Request[IdentifiantIssued, None], state: State) -> Decision:
        key = Envoi.key_of(_id(IDENTIFIANT, request))
        if state.get(key) is not None:
            return Decision()
        envoi = queue(IDENTIFIANT, request.message, domain=domain, now=request.now)
        return decision(_unless_expired(envoi, request))

    def decide_mot_de_passe(
        request: Request[TemporaryPasswordIssued, None], state: State
    ) -> Decision:
        key = Envoi.key_of(_id(MOT_DE_PASSE, request))
        if state.get(key) is not None:
            return Decision()
        envoi = queue(MOT_DE_PASSE, request.message, domain=domain, now=request.now)
        last = state.get(DernierSecret.key_of(envoi.user_id))
        if last is not None and last.generation > envoi.generation:
            return decision(abandon(envoi, MotifAbandon.DEPASSE, request.now))
        queued = _unless_expired(envoi, request)
        return decision(
            *_overtaken(last, request, state),
            queued,
            *undelivered(queued[0], state, request.now),
            also=(_newest(last, envoi),),
        )

    return (
        UseCase(
            message=IdentifiantIssued,
            keys=lambda request: [Envoi.key_of(_id(IDENTIFIANT, request))],
            decide=decide_identifiant,
        ),
        UseCase(
            message=TemporaryPasswordIssued,
            keys=_keys_of_password,
            more_keys=_mail_of_last_secret,
            decide=decide_mot_de_passe,
        ),
    )


def _id(modele: Modele, request: Request[Any, None]) -> str:
    return mail_id(request.message.user_id, request.message.generation, modele)


def _keys_of_password(request: Request[TemporaryPasswordIssued, None]) -> Iterable[Key[Any]]:
    issued, id = request.message, _id(MOT_DE_PASSE, request)
    yield Envoi.key_of(id)
    yield DernierSecret.key_of(issued.user_id)
    if request.now >= issued.expires_at:  # read too late: it will never be delivered
        yield from keys_of_notice(issued.user_id, id)


def _mail_of_last_secret(
    request: Request[TemporaryPasswordIssued, None], state: State
) -> Iterable[Key[Any]]:
    last = state.get(DernierSecret.key_of(request.message.user_id))
    return [] if last is None else [Envoi.key_of(last.mail_id)]


def _unless_expired(envoi: Envoi, request: Request[Any, None]) -> Changed:
    """A fact that was read too late makes a mail that is never sent, and says so."""
    return expire(envoi, request.now) if envoi.is_expired(request.now) else (envoi, ())


def _newest(last: DernierSecret | None, envoi: Envoi) -> DernierSecret:
    if last is None:
        return DernierSecret(id=envoi.user_id, generation=envoi.generation, mail_id=envoi.id)
    return last.changed(generation=envoi.generation, mail_id=envoi.id)


def _overtaken(
    last: DernierSecret | None, request: Request[TemporaryPasswordIssued, None], state: State
) -> Iterable[Changed]:
    """The mail of the password before, if it still waits: its password opens nothing any more."""
    before = None if last is None else state.get(Envoi.key_of(last.mail_id))
    if before is not None and before.is_open:
        yield abandon(before, MotifAbandon.DEPASSE, request.now)
