"""Record an attempt: what the mail server answered becomes a row, a state and a fact.

A server that refuses the person's address for good has it flagged, and whoever opened the account
is written to; unless the address was left meanwhile: the mail is then tried again at the new one.
An incident that the Caf's server took is told to the person as transmitted, and not before.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.notifications.domain.adresse import Adresse, flag
from services.notifications.domain.destinataire import Destinataire
from services.notifications.domain.envoi import (
    Envoi,
    EtatEnvoi,
    common,
    notice_id,
    queue_notice,
    record_attempt,
)
from services.notifications.domain.modele import Modele
from services.notifications.domain.tentative import (
    Accepted,
    Deferred,
    Rejected,
    Result,
    note_attempt,
)
from services.notifications.handlers.changes import decision
from services.notifications.handlers.tell_incident import keys_of_receipt, receipt
from services.notifications.handlers.undelivered import keys_of_undelivered, undelivered
from shared.contracts.notifications import AddressFlagged
from shared.errors import Bug
from shared.path.decision import Decision, Document, Key, Request, State, UseCase


@dataclass(frozen=True, slots=True)
class RecordAttempt:
    """An attempt at a mail ended; asked by the sender of this process only.

    `bounced` is the address of the person, where it is what the server refused.
    """

    mail_id: str
    result: Result
    at: datetime
    user_id: str
    bounced: str | None = field(default=None, repr=False)


def _keys(request: Request[RecordAttempt, None]) -> Iterable[Key[Any]]:
    asked = request.message
    yield Envoi.key_of(asked.mail_id)
    if asked.bounced is not None:
        yield Adresse.key_of(asked.user_id)
        yield Destinataire.key_of(asked.user_id)
        yield Envoi.key_of(_notice_id(asked))


def _more_keys(request: Request[RecordAttempt, None], state: State) -> Iterable[Key[Any]]:
    before = state.get(Envoi.key_of(request.message.mail_id))
    match request.message.result:
        case Rejected():
            return keys_of_undelivered(before)
        case Accepted():
            return keys_of_receipt(before)
        case _:
            return []


def _decide(request: Request[RecordAttempt, None], state: State) -> Decision:
    asked = request.message
    before = state.get(Envoi.key_of(asked.mail_id))
    if before is None:
        raise Bug("attempt_at_no_mail")
    changed = record_attempt(before, _outcome(asked, state), asked.at)
    envoi, told = changed
    row = note_attempt(envoi.id, envoi.attempts, asked.result, asked.at)
    if isinstance(asked.result, Accepted):
        return decision(changed, *receipt(before, state, asked.at), also=(row,))
    if not (isinstance(asked.result, Rejected) and envoi.etat is EtatEnvoi.ECHEC and told):
        return decision(changed, also=(row,))
    if asked.bounced is None:
        return decision(changed, *undelivered(envoi, state, asked.at), also=(row,))
    flagged = _flag(asked, asked.bounced, asked.result.smtp_code, envoi, state)
    return decision((envoi, (*told, *flagged.facts)), also=(row, *flagged.writes))


def _outcome(asked: RecordAttempt, state: State) -> Result:
    """What the answer means by now: an address left since may be bad, its person's is another."""
    if asked.bounced is None or not isinstance(asked.result, Rejected):
        return asked.result
    person = state.get(Destinataire.key_of(asked.user_id))
    if person is None or person.mail in (None, asked.bounced):
        return asked.result
    return Deferred(asked.result.smtp_code, asked.result.smtp_status)


@dataclass(frozen=True, slots=True)
class _Flagged:
    """What comes with the flag on an address."""

    writes: tuple[Document, ...] = ()
    facts: tuple[AddressFlagged, ...] = ()


def _flag(asked: RecordAttempt, bounced: str, code: int, envoi: Envoi, state: State) -> _Flagged:
    known = state.get(Adresse.key_of(asked.user_id))
    if known is not None and known.refuses(bounced):
        return _Flagged()
    adresse = flag(known, asked.user_id, mail=bounced, smtp_code=code, now=asked.at)
    person = state.get(Destinataire.key_of(asked.user_id))
    created_by = None if person is None else person.created_by
    fact = AddressFlagged(smtp_code=code, creator_id=created_by, **common(envoi, asked.at))
    creator = None if person is None else person.createur
    if creator is None or state.get(Envoi.key_of(_notice_id(asked))) is not None:
        return _Flagged((adresse,), (fact,))
    notice = queue_notice(
        Modele.ADRESSE_SIGNALEE,
        creator,
        id=_notice_id(asked),
        domain=envoi.domain,
        now=asked.at,
        sujet_id=asked.user_id,
        valeurs={"le": asked.at.isoformat()},
    )
    return _Flagged((adresse, notice), (fact,))


def _notice_id(asked: RecordAttempt) -> str:
    return notice_id(Modele.ADRESSE_SIGNALEE, asked.user_id, asked.mail_id)


RECORD_ATTEMPT: UseCase[RecordAttempt, None] = UseCase(
    message=RecordAttempt, keys=_keys, more_keys=_more_keys, decide=_decide
)
