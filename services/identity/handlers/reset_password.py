"""ResetPassword: the Caf has a new temporary password written, and never sees it [seed 002]."""

from services.identity.domain.compte import Compte
from services.identity.domain.droits import Operation
from services.identity.domain.errors import NotOpen
from services.identity.domain.reinitialisation import Tirage, reset
from services.identity.handlers import entitlement
from services.identity.handlers.issuing import Issuing
from shared.contracts.comptes import EtatCompte, MotifTirage
from shared.contracts.identity_commands import ResetPassword
from shared.errors import Outdated
from shared.path.decision import Decision, Reader, Request, State, UseCase


def reset_password(issuing: Issuing) -> UseCase[ResetPassword, Tirage | None]:
    """The use case, with what draws passwords."""

    async def prepare(request: Request[ResetPassword, None], reader: Reader) -> Tirage | None:
        compte = await reader.load(Compte.key_of(request.message.user_id))
        if compte is None:
            return None
        if not await entitlement.may_so_far(request, reader, Operation.REINITIALISER):
            return None
        return await issuing.draw(compte, request.now, motif=MotifTirage.REINITIALISATION)

    return UseCase(
        message=ResetPassword,
        prepare=prepare,
        keys=entitlement.keys,
        more_keys=entitlement.more_keys,
        decide=_decide,
    )


def _decide(request: Request[ResetPassword, Tirage | None], state: State) -> Decision:
    """The password in use keeps its worth until the temporary one is used."""
    compte = entitlement.entitled(request, state, Operation.REINITIALISER).compte
    if compte.etat_at(entitlement.today(request)) is not EtatCompte.OUVERT:
        raise NotOpen
    if request.prepared is None:  # it was made, or the right given, while this was prepared
        raise Outdated
    decision = reset(compte, request.prepared, asked_by=request.principal.id, now=request.now)
    return Decision(decision.writes, decision.facts, {"user_id": compte.id})
