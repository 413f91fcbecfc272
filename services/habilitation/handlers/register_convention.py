"""RegisterConvention: an organisme and its one convention, by its Caf pivot [seed 003]."""

from services.habilitation.domain import lecture
from services.habilitation.domain.convention import Convention, SiretReserve
from services.habilitation.domain.errors import NotPermitted
from services.habilitation.domain.errors_contrat import NumeroTaken, SiretTaken
from services.habilitation.domain.organisme import register
from services.habilitation.domain.recit import tell_convention
from services.habilitation.handlers import contracting
from services.habilitation.handlers.contracting import today
from shared.contracts.conventions import EtatConvention
from shared.contracts.habilitation import ConventionRegistered
from shared.contracts.habilitation_commands import RegisterConvention
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[RegisterConvention, None]


def _keys(request: Asked) -> list[Key[Convention] | Key[SiretReserve]]:
    return [*contracting.keys(request), SiretReserve.key_of(request.message.siret)]


def _more_keys(request: Asked, state: State) -> list[Key[Convention]]:
    """The convention that the organisme has already: it may have closed since."""
    reserved = state.get(SiretReserve.key_of(request.message.siret))
    if reserved is None or reserved.convention_id is None:
        return []
    return [Convention.key_of(reserved.convention_id)]


def _decide(request: Asked, state: State) -> Decision:
    """A draft, which opens nothing.

    Writes:  conventions, sirets
    Tells:   ConventionRegistered
    Raises:  NotPermitted, NumeroTaken, SiretTaken, and what `register` raises
    """
    asked, day = request.message, today(request)
    demandeur = lecture.demandeur(request.principal, state, day)
    if not demandeur.is_agent(day) or demandeur.personne is None:
        raise NotPermitted
    convention = register(asked, agent_caf=demandeur.personne.caf, day=day)
    if state.get(convention.key) is not None:
        raise NumeroTaken
    reserved = state.get(SiretReserve.key_of(asked.siret)) or SiretReserve(id=asked.siret)
    _check_free(reserved, request, state)
    told = tell_convention(ConventionRegistered, convention, at=request.now)
    return Decision(
        (convention, reserved.changed(convention_id=convention.id)),
        (told,),
        {"convention_id": convention.id},
    )


def _check_free(reserved: SiretReserve, request: Asked, state: State) -> None:
    """Whether the convention that holds the SIRET is closed, by the calendar if nobody told."""
    if reserved.convention_id is None:
        return
    holder = state.get(Convention.key_of(reserved.convention_id))
    if holder is not None and holder.etat_at(today(request)) is not EtatConvention.CLOTUREE:
        raise SiretTaken


REGISTER_CONVENTION = UseCase(
    message=RegisterConvention, keys=_keys, more_keys=_more_keys, decide=_decide
)
