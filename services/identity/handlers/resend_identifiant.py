"""ResendIdentifiant: a person's identifiant is written to them again [seed 002]."""

from services.identity.domain.compte import Compte
from services.identity.domain.droits import Operation
from services.identity.domain.errors import NotOpen
from services.identity.domain.frequence import MOST_IDENTIFIANTS
from services.identity.domain.historique import NatureActe
from services.identity.domain.ouverture import Annonce, announced
from services.identity.handlers import entitlement
from services.identity.handlers.issuing import Issuing
from shared.contracts.comptes import EtatCompte
from shared.contracts.identity_commands import ResendIdentifiant
from shared.errors import Outdated
from shared.frequence import counted
from shared.path.decision import Decision, Reader, Request, State, UseCase


def resend_identifiant(issuing: Issuing) -> UseCase[ResendIdentifiant, Annonce | None]:
    """The use case, with what seals the identifiant."""

    async def prepare(request: Request[ResendIdentifiant, None], reader: Reader) -> Annonce | None:
        compte = await reader.load(Compte.key_of(request.message.user_id))
        return None if compte is None else issuing.announce(compte, request.now)

    return UseCase(
        message=ResendIdentifiant,
        prepare=prepare,
        keys=entitlement.keys,
        more_keys=entitlement.more_keys,
        decide=_decide,
    )


def _decide(request: Request[ResendIdentifiant, Annonce | None], state: State) -> Decision:
    compte = entitlement.entitled(request, state, Operation.RENVOYER_IDENTIFIANT).compte
    if compte.etat_at(entitlement.today(request)) is not EtatCompte.OUVERT:
        raise NotOpen
    if request.prepared is None:  # it was made while this was prepared
        raise Outdated
    moments = counted(compte.renvois, request.now, most=MOST_IDENTIFIANTS)
    compte, told = announced(compte.changed(renvois=moments), request.prepared)
    compte = compte.noted(NatureActe.ENVOI_IDENTIFIANT, par=request.principal.id, at=request.now)
    return Decision((compte,), (told,), {"user_id": compte.id})
