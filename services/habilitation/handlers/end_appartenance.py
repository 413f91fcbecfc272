"""EndAppartenance: take a person out of a group, today unless said otherwise [seed 004]."""

from services.habilitation.domain import appartenances
from services.habilitation.domain.recit import tell_membre
from services.habilitation.handlers import membership
from shared.contracts.habilitation import AppartenanceEnded
from shared.contracts.habilitation_commands import EndAppartenance
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[EndAppartenance, None], state: State) -> Decision:
    """Raises what `Demande.entitled` does, UserUnknown, FinPast, NotMember, EndsBefore."""
    asked, demande = request.message, membership.Demande.of(request, state)
    _, groupe = demande.entitled(asked.groupe_id)
    membre = appartenances.leave(
        demande.known(),
        groupe.id,
        fin=asked.fin or demande.day,
        par=request.principal.id,
        day=demande.day,
    )
    told = tell_membre(AppartenanceEnded, membre, at=request.now, groupe_id=groupe.id)
    return Decision((membre,), (told,), {"user_id": membre.id, "groupe_id": groupe.id})


END_APPARTENANCE = UseCase(
    message=EndAppartenance,
    keys=membership.keys,
    more_keys=membership.more_keys,
    decide=_decide,
)
