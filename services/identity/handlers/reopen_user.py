"""ReopenUser: taking the closing date away reactivates an account [seed 002]."""

from services.identity.domain import cloture
from services.identity.domain.compte import Compte
from services.identity.domain.droits import Operation
from services.identity.domain.errors import ConventionOver
from services.identity.domain.ouverture import Envois
from services.identity.handlers import entitlement
from services.identity.handlers.close_user import address_too
from services.identity.handlers.issuing import Issuing
from shared.contracts.habilitation import EtatConvention
from shared.contracts.identity import ReopenUser
from shared.path.decision import Decision, Reader, Request, State, UseCase


def reopen_user(issuing: Issuing) -> UseCase[ReopenUser, Envois | None]:
    """The use case, with what draws credentials for who never got any."""

    async def prepare(request: Request[ReopenUser, None], reader: Reader) -> Envois | None:
        compte = await reader.load(Compte.key_of(request.message.user_id))
        if compte is None or compte.generation > 0:
            return None
        state = await entitlement.look(
            request, reader, entitlement.keys(request), entitlement.more_keys
        )
        entitlement.entitled(request, state, Operation.ROUVRIR)
        return await issuing.write_both(compte, request.now)

    return UseCase(
        message=ReopenUser,
        prepare=prepare,
        keys=entitlement.keys,
        more_keys=address_too,
        decide=_decide,
    )


def _decide(request: Request[ReopenUser, Envois | None], state: State) -> Decision:
    personne = entitlement.entitled(request, state, Operation.ROUVRIR)
    convention = personne.convention
    if convention is not None and convention.etat == EtatConvention.CLOTUREE:
        raise ConventionOver
    return cloture.reopen(
        personne.compte, request.prepared, state, by=request.principal.id, now=request.now
    )
