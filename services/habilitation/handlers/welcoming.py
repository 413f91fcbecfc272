"""What welcomes somebody in the groups that an account was asked for: a member, or told why not.

identity lets a person be created for groups; who belongs to them is decided here, once, on behalf
of who asked for them. A fact cannot be refused: what the rule forbids is told.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

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
from shared.errors import Refusal
from shared.path.decision import Decision, Document, Key, State, Told
from shared.security.principal import ActorKind, Principal


class Accueil(NamedTuple):
    """Who is welcomed, in which groups, on behalf of whom."""

    user_id: str
    convention_id: str
    groupes: tuple[str, ...]
    by: str
    now: datetime

    @property
    def day(self) -> date:
        """The day on which it is done."""
        return day_of(self.now)


def keys(accueil: Accueil) -> list[Key[Any]]:
    """Both people and what is theirs, the convention, the groups."""
    people = (accueil.user_id, accueil.by)
    return [
        Convention.key_of(accueil.convention_id),
        *map(Personne.key_of, people),
        *map(Membre.key_of, people),
        *map(Groupe.key_of, accueil.groupes),
    ]


def more_keys(accueil: Accueil, state: State) -> list[Key[Any]]:
    """The groups of both."""
    people = (accueil.user_id, accueil.by)
    membres = [state.get(key) for key in map(Membre.key_of, people)]
    return [key for membre in membres for key in groupe_keys(membre, accueil.day)]


def before(accueil: Accueil, state: State) -> Membre:
    """The memberships of the person, none so far if nothing is stored."""
    return _demande(accueil, state).membre()


def welcome(accueil: Accueil, membre: Membre, state: State) -> Decision:
    """The person in each of the groups, or why not.

    Writes:  membres, groupes
    Tells:   AppartenanceAdded, AppartenanceRefused
    """
    demande, day = _demande(accueil, state), accueil.day
    joined: list[Document] = []
    facts: list[Told] = []
    for groupe_id in dict.fromkeys(accueil.groupes):
        if membre.in_groupe(groupe_id, day) is not None:  # somebody was faster
            continue
        joining = Appartenance(groupe_id=groupe_id, debut=day, par=accueil.by)
        try:
            membre, groupe = demande.add(membre, joining)
        except Refusal as refusal:
            facts.append(_refused(accueil, state, membre, groupe_id, refusal))
        else:
            joined.append(groupe)
            facts.append(
                tell_membre(AppartenanceAdded, membre, at=accueil.now, groupe_id=groupe_id)
            )
    return Decision((membre, *joined), tuple(facts))


def _demande(accueil: Accueil, state: State) -> Demande:
    demandeur = _asker(accueil, state)
    return Demande(state, demandeur, accueil.convention_id, accueil.user_id, accueil.day)


def _asker(accueil: Accueil, state: State) -> Demandeur:
    """Who asked for the account: of the copy, or as the fact itself tells where the copy lags.

    What is told of people comes in no order among them, after a stop of this service above all.
    He was let to ask for an account there, so his own is open and of that convention; by what he
    may put somebody in a group is decided here all the same (assumed).
    """
    personne = state.get(Personne.key_of(accueil.by)) or Personne(
        id=accueil.by,
        genre=GenreCompte.PARTENAIRE,
        convention_id=accueil.convention_id,
        etat=EtatCompte.OUVERT,
    )
    kind = ActorKind.AGENT_CAF if personne.is_agent else ActorKind.PARTENAIRE
    asks = lecture.demandeur(Principal(kind, accueil.by), state, accueil.day)
    return replace(asks, personne=personne)


def _refused(
    accueil: Accueil, state: State, membre: Membre, groupe_id: str, refusal: Refusal
) -> Told:
    groupe = state.get(Groupe.key_of(groupe_id))
    if groupe is not None and groupe.convention_id != membre.convention_id:
        groupe = None
    return tell_membre(
        AppartenanceRefused,
        membre,
        at=accueil.now,
        groupe_id=groupe_id,
        code=None if groupe is None else groupe.code,
        motif=refusal.code,
        asked_by=accueil.by,
    )
