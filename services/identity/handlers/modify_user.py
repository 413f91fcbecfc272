"""ModifyUser: what is known of a person changes; what is left out stays [seed 001]."""

from datetime import date
from typing import Any

from services.identity.domain import compte as comptes
from services.identity.domain import lecture
from services.identity.domain.compte import AdresseReservee, Compte
from services.identity.domain.droits import Operation
from services.identity.domain.errors import FonctionsOfAgents, OuvertureOver
from services.identity.domain.historique import NatureActe
from services.identity.domain.ouverture import (
    Envois,
    check_dates,
    freed,
    holder_keys,
    reserved,
    write_both,
)
from services.identity.domain.personne import (
    read_fonctions,
    read_nom,
    read_own_mail,
    read_prenom,
)
from services.identity.handlers import entitlement
from services.identity.handlers.issuing import Issuing
from shared.contracts.comptes import EtatCompte, GenreCompte
from shared.contracts.identity_commands import ModifyUser
from shared.errors import Outdated
from shared.path.decision import Decision, Document, Key, Reader, Request, State, Told, UseCase

Asked = Request[ModifyUser, Any]
Prepared = Request[ModifyUser, Envois | None]


def modify_user(issuing: Issuing) -> UseCase[ModifyUser, Envois | None]:
    """The use case, with what draws credentials for who waits for them at another address."""

    async def prepare(request: Request[ModifyUser, None], reader: Reader) -> Envois | None:
        today = entitlement.today(request)
        compte = await reader.load(Compte.key_of(request.message.user_id))
        if compte is None or not _waits_for_mails(compte, today):
            return None
        if not await entitlement.may_so_far(request, reader, Operation.MODIFIER):
            return None
        after = compte.changed(**_changes(request.message, compte, today))
        if after.mail == compte.mail:
            return None
        return await issuing.write_both(after, request.now)

    return UseCase(
        message=ModifyUser,
        prepare=prepare,
        is_slow=lambda asked: asked.mail is not None,
        keys=_keys,
        more_keys=_more_keys,
        decide=_decide,
    )


def _keys(request: Asked) -> list[Key[Any]]:
    mail = request.message.mail
    address = [] if mail is None else [AdresseReservee.key_of(read_own_mail(mail))]
    return [*entitlement.keys(request), *address]


def _more_keys(request: Asked, state: State) -> list[Key[Any]]:
    """The address that the person had, too, if it changes."""
    named = entitlement.more_keys(request, state)
    compte = state.get(Compte.key_of(request.message.user_id))
    if compte is not None and request.message.mail is not None:
        named.append(AdresseReservee.key_of(compte.mail))
        named += holder_keys(read_own_mail(request.message.mail), state)
    return named


def _decide(request: Prepared, state: State) -> Decision:
    """One fact carries the whole state; a new address is told by its own.

    An address corrected may have been somebody else's: a temporary password that went there opens
    nothing any more, and sessions have ended (somebody else changed it). Who waits for one gets
    both mails anew, at the new address.
    """
    personne = entitlement.entitled(request, state, Operation.MODIFIER)
    before, by, now = personne.compte, request.principal.id, request.now
    compte = before.changed(**_changes(request.message, before, entitlement.today(request)))
    if compte == before:
        return Decision(result={"user_id": compte.id})
    if compte.mail == before.mail:
        compte = compte.noted(NatureActe.MODIFICATION, par=by, at=now)
        return Decision(
            (compte,), (comptes.updated(compte, by=by, at=now),), {"user_id": compte.id}
        )
    compte = compte.changed(provisoire=None, epoque=before.epoque + 1).noted(
        NatureActe.CHANGEMENT_ADRESSE, par=by, at=now
    )
    told = comptes.mail_changed(compte, before.mail, convention=personne.convention, by=by, at=now)
    mails: tuple[Told, ...] = ()
    if _waits_for_mails(before, entitlement.today(request)):
        if request.prepared is None:  # it was not so while this was prepared
            raise Outdated
        compte, mails = write_both(compte, request.prepared)
    moved = _moved(before, compte, request, state)
    return Decision((compte, *moved), (told, *mails), {"user_id": compte.id})


def _waits_for_mails(compte: Compte, today: date) -> bool:
    """Whether an open account depends on a temporary password, sent to it before."""
    is_open = {compte.etat, compte.etat_at(today)} == {EtatCompte.OUVERT}
    needs_one = compte.mot_de_passe is None or compte.provisoire is not None
    return is_open and needs_one and compte.generation > 0


def _moved(
    before: Compte, compte: Compte, request: Request[Any, Any], state: State
) -> tuple[Document, ...]:
    """The new address kept for the account, the one before free; a closed one keeps none.

    Raises: MailTaken, MailUnavailable
    """
    if before.etat is EtatCompte.CLOTURE:
        return ()
    day = entitlement.today(request)
    return (
        reserved(compte, state, day, lecture.demandeur(request.principal, state, day)),
        *freed(before.mail, before.id, state, now=request.now),
    )


def _changes(asked: ModifyUser, before: Compte, day: date) -> dict[str, Any]:
    """What is asked, as it is kept. Raises: NomInvalid, PrenomInvalid, FonctionsOfAgents…"""
    changes = {name: value for name, value in asked if value is not None and name != "user_id"}
    if asked.nom is not None:
        changes["nom"] = read_nom(asked.nom)
    if asked.prenom is not None:
        changes["prenom"] = read_prenom(asked.prenom)
    if asked.mail is not None:
        changes["mail"] = read_own_mail(asked.mail)
    if asked.fonctions is not None:
        if before.genre is not GenreCompte.AGENT_CAF:
            raise FonctionsOfAgents
        changes["fonctions"] = read_fonctions(asked.fonctions)
    if asked.telephone is not None:
        changes["telephone"] = asked.telephone or None
    if asked.ouverture is not None:
        changes["ouverture"] = _ouverture(asked.ouverture, before, day)
    return changes


def _ouverture(asked: date, before: Compte, day: date) -> date:
    """The opening day, which moves until it has come. Raises: OuvertureOver, OuverturePast…"""
    if asked == before.ouverture:
        return asked
    if before.etat_at(day) is not EtatCompte.A_OUVRIR:
        raise OuvertureOver
    check_dates(asked, before.cloture, day)
    return asked
