"""The two AFAS groups: made by the Caf with the bulletin of AFAS, of one responsable [seed 001].

AFAS-HABILITER holds the administrateurs of the convention; of AFAS-DECLARER, the partner manages
the members [seed 002]. Both are found by the reservation of their code.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from services.habilitation.domain import appartenances
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.errors import UserUnknown
from services.habilitation.domain.errors_appartenances import TooManyAppartenances
from services.habilitation.domain.groupe import CodeReserve, Groupe, Role
from services.habilitation.domain.membre import Appartenance, Membre
from services.habilitation.domain.mention import Mention
from services.habilitation.domain.recit import tell_groupe, tell_membre
from shared.calendrier import day_of
from shared.contracts.conventions import MOST_APPARTENANCES, CodeService, NatureGroupe
from shared.contracts.habilitation import (
    AppartenanceAdded,
    AppartenanceEnded,
    GroupeClosed,
    GroupeOpened,
    GroupeReopened,
    GroupeUpdated,
)
from shared.ids import derive_id
from shared.path.decision import Decision, Key, State

HABILITER, DECLARER = NatureGroupe.AFAS_HABILITER, NatureGroupe.AFAS_DECLARER
CODES = {HABILITER: "AFAS-HABILITER", DECLARER: "AFAS-DECLARER"}
"""Seen on the screens [seed 001]."""
LIBELLES = {HABILITER: "AFAS Habiliter", DECLARER: "AFAS Déclarer"}
"""« AFAS-DEC - AFAS Déclarer » is seen [seed 001], the other is assumed."""


def code_keys(convention_id: str) -> list[Key[Any]]:
    """The reservations of both codes."""
    return [_code_key(convention_id, nature) for nature in CODES]


def groupe_keys(convention_id: str, state: State) -> list[Key[Any]]:
    """The groups that hold them."""
    reserved = (state.get(_code_key(convention_id, nature)) for nature in CODES)
    return [Groupe.key_of(each.groupe_id) for each in reserved if each and each.groupe_id]


def groupe_of(convention_id: str, nature: NatureGroupe, state: State) -> Groupe | None:
    """One of the two groups, where the Caf made it."""
    reserved = state.get(_code_key(convention_id, nature))
    if reserved is None or reserved.groupe_id is None:
        return None
    found = state.get(Groupe.key_of(reserved.groupe_id))
    return None if found is None or found.nature is not nature else found


def are_open(convention_id: str, state: State, now: datetime) -> bool:
    """Whether the two groups are there and go on."""
    found = (groupe_of(convention_id, nature, state) for nature in CODES)
    return all(each is not None and each.goes_on(day_of(now)) for each in found)


def make(
    convention: Convention, responsable_id: str, state: State, *, by: str, now: datetime
) -> Decision:
    """Make both groups, or open them again, or give them another responsable.

    The administrateurs are put in AFAS-HABILITER [seed 001].

    Writes:  codes, groupes, membres
    Tells:   GroupeOpened, GroupeReopened or GroupeUpdated; AppartenanceAdded
    """
    mention = Mention(at=now, par=by)
    habiliter, declarer = (
        _brought_about(convention, nature, responsable_id, state, mention) for nature in CODES
    )
    made = both(_told(habiliter, convention, state, now), _told(declarer, convention, state, now))
    people = [each.user_id for each in convention.administrateurs]
    return both(made, join(habiliter, people, state, by=by, now=now))


def close(convention_id: str, state: State, now: datetime) -> Decision:
    """Both groups end with the bulletin (assumed): their responsable may leave."""
    day = day_of(now)
    found = (groupe_of(convention_id, nature, state) for nature in CODES)
    closed = tuple(
        each.changed(cloture=day, cloture_dite=True) for each in found if each and each.goes_on(day)
    )
    return Decision(closed, tuple(tell_groupe(GroupeClosed, each, at=now) for each in closed))


def join(
    habiliter: Groupe, people: Iterable[str], state: State, *, by: str, now: datetime
) -> Decision:
    """Put these administrateurs in AFAS-HABILITER from today on, unless they are there.

    Writes:  membres, groupes
    Tells:   AppartenanceAdded
    Raises:  UserUnknown for who is to be somebody of another convention; TooManyAppartenances
    """
    day = day_of(now)
    if not habiliter.goes_on(day):
        return Decision()
    found = (
        state.get(Membre.key_of(user_id))
        or Membre(id=user_id, convention_id=habiliter.convention_id)
        for user_id in people
    )
    joining = [
        _joined(each, habiliter, day, by) for each in found if not _stays(each, habiliter, day)
    ]
    if not joining:
        return Decision()
    grown = habiliter.changed(adhesions=habiliter.adhesions + len(joining))
    told = (
        tell_membre(AppartenanceAdded, each, at=now, groupe_id=habiliter.id) for each in joining
    )
    return Decision((grown, *joining), tuple(told))


def leave(convention_id: str, user_id: str, state: State, *, by: str, now: datetime) -> Decision:
    """Take somebody who is administrateur no longer out of AFAS-HABILITER.

    Writes:  membres
    Tells:   AppartenanceEnded
    """
    day = day_of(now)
    habiliter = groupe_of(convention_id, HABILITER, state)
    membre = state.get(Membre.key_of(user_id))
    if habiliter is None or membre is None:
        return Decision()
    if membre.in_groupe(habiliter.id, day) is None:
        return Decision()
    changed = appartenances.leave(membre, habiliter.id, fin=day, par=by, day=day)
    told = tell_membre(AppartenanceEnded, changed, at=now, groupe_id=habiliter.id)
    return Decision((changed,), (told,))


def both(first: Decision, then: Decision) -> Decision:
    """One decision after another: of a document that both write, the later is kept."""
    later = {each.key for each in then.writes}
    kept = (each for each in first.writes if each.key not in later)
    return Decision((*kept, *then.writes), (*first.facts, *then.facts), first.result)


def _code_key(convention_id: str, nature: NatureGroupe) -> Key[CodeReserve]:
    return CodeReserve.key_of(CodeReserve.id_for(convention_id, CODES[nature]))


def _stays(membre: Membre, habiliter: Groupe, day: date) -> bool:
    """Whether somebody is in the group today, with no end."""
    own = (each for each in membre.appartenances if each.groupe_id == habiliter.id)
    return any(each.holds(day) and each.fin is None for each in own)


def _joined(membre: Membre, habiliter: Groupe, day: date, by: str) -> Membre:
    """Somebody in the group from today on: an end that was planned is taken away."""
    planned = [each for each in membre.going_on(day) if each.groupe_id == habiliter.id]
    kept = tuple(each for each in membre.appartenances if each not in planned)
    present = next((each for each in planned if each.holds(day)), None)
    if present is None:
        present = Appartenance(groupe_id=habiliter.id, debut=day, par=by)
    added = present.model_copy(update={"fin": None, "fin_par": None})
    if membre.convention_id != habiliter.convention_id:
        raise UserUnknown
    if len(membre.going_on(day)) - len(planned) >= MOST_APPARTENANCES:
        raise TooManyAppartenances
    return appartenances.settled(membre.changed(appartenances=(*kept, added)), day)


def _brought_about(
    convention: Convention,
    nature: NatureGroupe,
    responsable_id: str,
    state: State,
    mention: Mention,
) -> Groupe:
    """The group as it is to be: new, or open again, with that responsable."""
    day = day_of(mention.at)
    before = groupe_of(convention.id, nature, state)
    if before is None:
        return Groupe(
            id=derive_id("groupe", convention.id, CODES[nature]),
            convention_id=convention.id,
            code=CODES[nature],
            libelle=LIBELLES[nature],
            nature=nature,
            responsable_id=responsable_id,
            ouverture=day,
            ouverture_dite=True,
            role=Role(service=CodeService.AFAS),
            role_attribue=mention,
        )
    after = before.changed(responsable_id=responsable_id)
    return after if before.goes_on(day) else after.changed(cloture=None, cloture_dite=False)


def _told(groupe: Groupe, convention: Convention, state: State, now: datetime) -> Decision:
    """What the group became, if it changed."""
    before = groupe_of(convention.id, groupe.nature, state)
    if before is None:
        key = _code_key(convention.id, groupe.nature)
        told = tell_groupe(GroupeOpened, groupe, at=now)
        return Decision((groupe, CodeReserve(id=key.id, groupe_id=groupe.id)), (told,))
    if groupe == before:
        return Decision()
    fait = GroupeUpdated if before.goes_on(day_of(now)) else GroupeReopened
    return Decision((groupe,), (tell_groupe(fait, groupe, at=now),))
