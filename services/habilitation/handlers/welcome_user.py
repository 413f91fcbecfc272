"""UserCreated: who was created for groups becomes their member, or a fact tells why not.

identity lets a person be created for groups; who belongs to them is decided here, once, on behalf
of who created the account. A fact cannot be refused: what the rule forbids is told.
"""

from dataclasses import replace
from typing import Any

from services.habilitation.domain import lecture
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.droits import Demandeur
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Appartenance, Membre
from services.habilitation.domain.personne import Personne
from services.habilitation.domain.recit import tell_membre
from services.habilitation.handlers.membership import Demande, groupe_keys
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte, GenreCompte
from shared.contracts.habilitation import AppartenanceAdded, AppartenanceRefused
from shared.contracts.identity import UserCreated
from shared.errors import Refusal
from shared.path.decision import Decision, Document, Key, Request, State, Told, UseCase
from shared.security.principal import ActorKind, Principal

Asked = Request[UserCreated, None]


def _keys(request: Asked) -> list[Key[Any]]:
    """Nothing for who was created for no group; else both people and what is theirs."""
    fact = request.message
    if not fact.groupes or fact.convention_id is None:
        return []
    people = (fact.user_id, fact.created_by)
    return [
        Convention.key_of(fact.convention_id),
        *map(Personne.key_of, people),
        *map(Membre.key_of, people),
        *map(Groupe.key_of, fact.groupes),
    ]


def _more_keys(request: Asked, state: State) -> list[Key[Any]]:
    """The groups of both."""
    fact, day = request.message, day_of(request.now)
    people = (fact.user_id, fact.created_by)
    membres = [state.get(key) for key in map(Membre.key_of, people) if key in state]
    return [key for membre in membres for key in groupe_keys(membre, day)]


def _decide(request: Asked, state: State) -> Decision:
    """Once for ever, whatever becomes of the person: `accueilli` says that it was done."""
    fact, day = request.message, day_of(request.now)
    if not fact.groupes or fact.convention_id is None:
        return Decision()
    demandeur = _creator(request, state)
    demande = Demande(state, demandeur, fact.convention_id, fact.user_id, day)
    membre = demande.membre()
    if membre.accueilli:
        return Decision()
    membre = membre.changed(accueilli=True)
    joined: list[Document] = []
    facts: list[Told] = []
    for groupe_id in dict.fromkeys(fact.groupes):
        if membre.in_groupe(groupe_id, day) is not None:  # somebody was faster
            continue
        joining = Appartenance(groupe_id=groupe_id, debut=day, par=fact.created_by)
        try:
            membre, groupe = demande.add(membre, joining)
        except Refusal as refusal:
            facts.append(_refused(request, state, membre, groupe_id, refusal))
        else:
            joined.append(groupe)
            facts.append(
                tell_membre(AppartenanceAdded, membre, at=request.now, groupe_id=groupe_id)
            )
    return Decision((membre, *joined), tuple(facts))


def _creator(request: Asked, state: State) -> Demandeur:
    """Who made the account: of the copy, or as the fact itself tells where the copy lags.

    What is told of people comes in no order among them, after a stop of this service above all.
    identity let him make an account there, so his own is open and of that convention; by what he
    may put somebody in a group is decided here all the same (assumed).
    """
    fact = request.message
    personne = state.get(Personne.key_of(fact.created_by)) or Personne(
        id=fact.created_by,
        genre=GenreCompte.PARTENAIRE,
        convention_id=fact.convention_id,
        etat=EtatCompte.OUVERT,
    )
    kind = ActorKind.AGENT_CAF if personne.is_agent else ActorKind.PARTENAIRE
    asks = lecture.demandeur(Principal(kind, fact.created_by), state, day_of(request.now))
    return replace(asks, personne=personne)


def _refused(
    request: Asked, state: State, membre: Membre, groupe_id: str, refusal: Refusal
) -> Told:
    groupe = state.get(Groupe.key_of(groupe_id))
    if groupe is not None and groupe.convention_id != membre.convention_id:
        groupe = None
    return tell_membre(
        AppartenanceRefused,
        membre,
        at=request.now,
        groupe_id=groupe_id,
        code=None if groupe is None else groupe.code,
        motif=refusal.code,
        asked_by=request.message.created_by,
    )


WELCOME_USER = UseCase(message=UserCreated, keys=_keys, more_keys=_more_keys, decide=_decide)
