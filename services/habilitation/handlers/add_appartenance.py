"""AddAppartenance: put a person in a group, from today on unless said otherwise [seed 002]."""

from services.habilitation.domain.membre import Appartenance
from services.habilitation.domain.recit import tell_membre
from services.habilitation.handlers import membership
from shared.contracts.habilitation import AppartenanceAdded
from shared.contracts.habilitation_commands import AddAppartenance
from shared.path.decision import Decision, Request, State, UseCase


def _decide(request: Request[AddAppartenance, None], state: State) -> Decision:
    """Raises what `Demande.add` does."""
    asked, demande = request.message, membership.Demande.of(request, state)
    joining = Appartenance(
        groupe_id=asked.groupe_id,
        debut=asked.debut or demande.day,
        fin=asked.fin,
        par=request.principal.id,
    )
    membre, groupe = demande.add(demande.membre(), joining)
    told = tell_membre(AppartenanceAdded, membre, at=request.now, groupe_id=groupe.id)
    return Decision((membre, groupe), (told,), {"user_id": membre.id, "groupe_id": groupe.id})


ADD_APPARTENANCE = UseCase(
    message=AddAppartenance,
    keys=membership.keys,
    more_keys=membership.more_keys,
    decide=_decide,
)
