"""ForgottenPassword: an address and a captcha; a new temporary password by mail [seed 003].

Whatever the address, the same reads, the same hash, the same seal, the same answer: nobody learns
whether it is anybody's.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.identity.domain import compte as comptes
from services.identity.domain.captcha import CaptchaRefused
from services.identity.domain.compte import AdresseReservee, Compte
from services.identity.domain.copies import Convention
from services.identity.domain.personne import read_mail
from services.identity.domain.reinitialisation import Tirage, TooManyResets, reset
from services.identity.domain.session import may_enter
from services.identity.handlers.issuing import Issuing
from services.identity.handlers.presence import convention_keys, convention_of
from services.identity.handlers.sign_in import NOBODY
from services.identity.ports import Captchas
from shared.contracts.comptes import GenreCompte, MotifTirage
from shared.errors import Outdated
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase


@dataclass(frozen=True)
class ForgottenPassword:
    """The address of the account, the challenge and its answer."""

    mail: str = field(repr=False)
    captcha_id: str
    reponse: str = field(repr=False)


@dataclass(frozen=True)
class Drawn:
    """A temporary password for the account of that address; for nobody, one that goes nowhere."""

    user_id: str | None
    convention_id: str | None
    tirage: Tirage


def forgotten_password(captchas: Captchas, issuing: Issuing) -> UseCase[ForgottenPassword, Drawn]:
    """The use case, with what knows the challenges and what draws credentials."""

    async def prepare(request: Request[ForgottenPassword, None], reader: Reader) -> Drawn:
        asked, now = request.message, request.now
        mail = read_mail(asked.mail)
        if not await captchas.answer(asked.captcha_id, asked.reponse, now):
            raise CaptchaRefused
        reserved = await reader.load(AdresseReservee.key_of(mail))
        user_id = None if reserved is None else reserved.user_id
        compte = await reader.load(Compte.key_of(user_id or NOBODY))
        convention_id = None if compte is None else compte.convention_id
        convention = await reader.load(Convention.key_of(convention_id or NOBODY))
        tirage = await issuing.draw(compte or _nobody(mail, now), now, motif=MotifTirage.OUBLI)
        if compte is None or not may_enter(compte, convention, now):
            return Drawn(None, None, tirage)
        return Drawn(compte.id, convention_id, tirage)

    return UseCase(message=ForgottenPassword, prepare=prepare, keys=_keys, decide=_decide)


def _nobody(mail: str, now: datetime) -> Compte:
    """Whom a password is drawn for where the address is nobody's: it reaches nobody."""
    return Compte(
        id=NOBODY,
        genre=GenreCompte.PARTENAIRE,
        identifiant="",
        nom="",
        prenom="",
        mail=mail,
        ouverture=now.date(),
    )


def _keys(request: Request[ForgottenPassword, Drawn]) -> list[Key[Any]]:
    drawn = request.prepared
    if drawn.user_id is None:
        return []
    return [Compte.key_of(drawn.user_id), *convention_keys(drawn.convention_id)]


def _decide(request: Request[ForgottenPassword, Drawn], state: State) -> Decision:
    """Nothing to do is no refusal: a fourth mail within the hour is answered like the first.

    Nor is anything prepared again: the captcha is used up. Another password is on its way then, or
    the address is no longer that of the account.
    """
    drawn, now = request.prepared, request.now
    if drawn.user_id is None:
        return Decision()
    compte = comptes.find(state, drawn.user_id)
    if not may_enter(compte, convention_of(state, drawn.convention_id), now):
        return Decision()
    try:
        return reset(compte, drawn.tirage, asked_by=None, now=now)
    except (Outdated, TooManyResets):
        return Decision()
