"""AccountRequested: habilitation needs the account of somebody whom it designated.

Who may designate whom is habilitation's to decide, and was decided; the rules of accounts are
ours. A fact cannot be refused: where one of them says no, habilitation is told.
"""

from datetime import date, datetime
from typing import Any

from services.identity.domain import demande, ouverture
from services.identity.domain.compte import Acteur, Compte, asked_for_more
from services.identity.domain.copies import Convention
from services.identity.domain.demande import Demande
from services.identity.domain.droits import Demandeur
from services.identity.domain.errors import ConventionOver, NoIdentifiantLeft, UserExists
from services.identity.domain.ouverture import Issue
from services.identity.domain.personne import read_nom, read_own_mail, read_prenom
from services.identity.handlers.entitlement import today
from services.identity.handlers.issuing import Issuing
from shared.contracts.comptes import GenreCompte
from shared.contracts.habilitation_demandes import AccountRequested
from shared.errors import Outdated, Refusal
from shared.path.decision import Decision, Key, Reader, Request, State, UseCase
from shared.security.principal import ActorKind, Principal

Asked = Request[AccountRequested, Any]
Drawn = Issue | Refusal | None
"""What was drawn; or the rule that says no; or nothing, for an account that exists."""


def make_requested_account(issuing: Issuing) -> UseCase[AccountRequested, Drawn]:
    """The use case, with what draws credentials."""

    async def prepare(request: Request[AccountRequested, None], reader: Reader) -> Drawn:
        if await reader.load(Compte.key_of(request.message.user_id)) is not None:
            return None
        try:
            return await issuing.issue(_account(request), request.now)
        except Refusal as refusal:
            return refusal

    return UseCase(
        message=AccountRequested, prepare=prepare, keys=_keys, more_keys=_more_keys, decide=_decide
    )


def _keys(request: Request[AccountRequested, Drawn]) -> list[Key[Any]]:
    asked, drawn = request.message, request.prepared
    known: list[Key[Any]] = [
        Compte.key_of(asked.user_id),
        Demande.key_of(asked.user_id),
        Acteur.key_of(asked.asked_by),
        Convention.key_of(asked.convention_id),
    ]
    if isinstance(drawn, Issue):
        known += ouverture.keys(_account(request), drawn)
    return known


def _more_keys(request: Request[AccountRequested, Drawn], state: State) -> list[Key[Any]]:
    if not isinstance(request.prepared, Issue):
        return []
    return [*ouverture.holder_keys(_account(request).mail, state)]


def _account(request: Asked) -> Compte:
    """The account to be made, open from today on. Raises what its names and address break."""
    asked, personne = request.message, request.message.personne
    return Compte(
        id=asked.user_id,
        genre=GenreCompte.PARTENAIRE,
        convention_id=asked.convention_id,
        caf=asked.caf,
        identifiant="",
        nom=read_nom(personne.nom),
        prenom=read_prenom(personne.prenom),
        mail=read_own_mail(personne.mail),
        telephone=personne.telephone,
        poste=personne.poste,
        ouverture=today(request),
    )


def _decide(request: Request[AccountRequested, Drawn], state: State) -> Decision:
    """Make the account, once; or tell why not.

    The copy of the convention may lag behind the demand: what it does not say is no refusal.

    Writes:  comptes, identifiants, adresses; or demandes
    Tells:   UserCreated, IdentifiantIssued, TemporaryPasswordIssued; or GroupesRequested; or
    AccountRefused
    """
    asked, day = request.message, today(request)
    before = state.get(Compte.key_of(asked.user_id))
    try:
        if before is not None:
            return _known(before, asked, request.now)
        return _made(request, state, day)
    except NoIdentifiantLeft:
        raise Outdated from None  # others are drawn
    except Refusal as refusal:
        demande_before = state.get(Demande.key_of(asked.user_id))
        return demande.refuse(demande_before, asked, refusal, request.now)


def _known(before: Compte, asked: AccountRequested, now: datetime) -> Decision:
    """The account was asked for twice, or made otherwise: nothing but groups can be new.

    Raises: UserExists for another's
    """
    if (before.genre, before.convention_id) != (GenreCompte.PARTENAIRE, asked.convention_id):
        raise UserExists
    named = before.groupes_demandes
    others = tuple(each for each in dict.fromkeys(asked.groupes or ()) if each not in named)
    if not others:
        return Decision()
    after = before.changed(groupes_demandes=(*named, *others))
    return Decision((after,), (asked_for_more(after, others, by=asked.asked_by, at=now),))


def _made(request: Request[AccountRequested, Drawn], state: State, day: date) -> Decision:
    asked, drawn = request.message, request.prepared
    if isinstance(drawn, Refusal):
        raise drawn
    if drawn is None:  # it was there when this was prepared
        raise Outdated
    convention = state.get(Convention.key_of(asked.convention_id))
    if convention is not None and convention.is_over(day):
        raise ConventionOver
    account = _account(request)
    return ouverture.make_account(
        account if asked.caf is not None else account.of_caf(convention),
        drawn,
        state,
        by=asked.asked_by,
        now=request.now,
        groupes=asked.groupes or (),
        demandeur=_demandeur(asked, state, convention),
    )


def _demandeur(
    asked: AccountRequested, state: State, convention: Convention | None
) -> Demandeur | None:
    """Who designated the person: he is told whose address it is only where he may see it."""
    acteur = state.get(Acteur.key_of(asked.asked_by))
    if acteur is None:
        return None
    agent = acteur.genre is GenreCompte.AGENT_CAF
    principal = Principal(ActorKind.AGENT_CAF if agent else ActorKind.PARTENAIRE, acteur.id)
    own = convention if acteur.convention_id == asked.convention_id else None
    return Demandeur(principal, acteur, own)
