"""SolliciterCaf: an administrateur, and nobody else, calls on his Caf [seed 000][seed 002]."""

from typing import Any

from services.habilitation.domain import lecture, sollicitation
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.demandes import Demandes
from services.habilitation.domain.droits import Operation, check_convention
from services.habilitation.domain.recit import tell_demande
from services.habilitation.domain.sollicitation import MessageMissing
from shared.calendrier import day_of
from shared.contracts.habilitation_commands import SolliciterCaf
from shared.contracts.habilitation_demandes import CafSollicitee
from shared.frequence import counted
from shared.path.decision import Decision, Key, Request, State, UseCase

Asked = Request[SolliciterCaf, None]


def _keys(request: Asked) -> list[Key[Any]]:
    convention_id = request.message.convention_id
    return [*lecture.keys(request.principal, convention_id), Demandes.key_of(convention_id)]


def _decide(request: Asked, state: State) -> Decision:
    """Tell what is asked of the Caf, which is then written to.

    Writes:  demandes
    Tells:   CafSollicitee
    Raises:  ConventionUnknown, ConventionNotOpen, NotPermitted, MessageMissing, TooOften
    """
    asked, day = request.message, day_of(request.now)
    convention = check_convention(
        lecture.demandeur(request.principal, state, day),
        Operation.SOLLICITER,
        state.get(Convention.key_of(asked.convention_id)),
        day,
    )
    if not asked.message.strip():
        raise MessageMissing
    before = Demandes.of(convention.id, state)
    moments = counted(before.sollicitations, request.now, most=sollicitation.MOST)
    demandes = before.changed(sollicitations=moments)
    told = tell_demande(
        CafSollicitee,
        convention,
        demandes,
        by=request.principal.id,
        at=request.now,
        sollicitation_id=asked.sollicitation_id,
        organisme=convention.organisme,
        objet=asked.objet,
        service=asked.service,
        sujet=sollicitation.sujet(convention, asked.service),
        message=asked.message,
    )
    return Decision((demandes,), (told,), {"sollicitation_id": asked.sollicitation_id})


SOLLICITER_CAF = UseCase(message=SolliciterCaf, keys=_keys, decide=_decide)
