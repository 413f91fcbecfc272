"""Those who belong to a group, when something changes what it gives them.

They are found before the group of commands is decided; `adhesions` tells whether somebody joined
since, and what they have is read from what was loaded with the decision.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.habilitation.domain.errors import NotForOneself
from services.habilitation.domain.errors_groupes import (
    GroupeNotEmpty,
    GroupeTooLarge,
    MembreOtherProfil,
)
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.lecture import look
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.profil_unique import find_other_profil
from shared.errors import Outdated
from shared.path.decision import Key, State
from shared.security.principal import ActorKind, Principal

MOST_ADHERENTS = 2_000
"""Members of a group for whom what it gives may change at once (assumed): each costs 0.4 ms on a
busy machine, of a transaction that has two seconds. One that missed them would be tried again for
ever, and what waits behind it too."""


@dataclass(frozen=True)
class Adherents:
    """Who belonged to a group when it counted so many adhesions."""

    adhesions: int = 0
    user_ids: tuple[str, ...] = ()

    @property
    def are_too_many(self) -> bool:
        """Whether they cannot be looked at one by one."""
        return len(self.user_ids) > MOST_ADHERENTS

    @property
    def keys(self) -> list[Key[Any]]:
        """Their memberships, none where they are too many."""
        return [] if self.are_too_many else [Membre.key_of(each) for each in self.user_ids]

    def more_keys(self, state: State, day: date) -> list[Key[Any]]:
        """The groups that they belong to, or will."""
        return [
            Groupe.key_of(each.groupe_id)
            for membre in self._membres(state)
            for each in membre.going_on(day)
        ]

    def of(self, groupe: Groupe, state: State, day: date) -> list[Membre]:
        """Who belongs to it, or will, as loaded.

        Raises: GroupeTooLarge, Outdated where somebody joined since
        """
        if groupe.adhesions != self.adhesions:
            raise Outdated
        if self.are_too_many:
            raise GroupeTooLarge
        return [each for each in self._membres(state) if each.in_groupe(groupe.id, day)]

    def _membres(self, state: State) -> list[Membre]:
        found = (state.get(key) for key in self.keys if key in state)
        return [each for each in found if each is not None]


def check_gain(
    before: Groupe, after: Groupe, adherents: Adherents, state: State, by: Principal, day: date
) -> None:
    """Check what a group newly gives: to nobody a second profile, nothing to who decides it.

    Raises: GroupeTooLarge, NotForOneself, MembreOtherProfil, Outdated
    Source: [seed 002][seed 003]; a responsable or administrateur who belongs to the group has it
    changed by another (assumed)
    """
    if after.role is None:
        return
    membres = adherents.of(before, state, day)
    if by.kind is ActorKind.PARTENAIRE and any(each.id == by.id for each in membres):
        raise NotForOneself
    for membre in membres:
        held = find_other_profil(membre, after, _groupes_of(membre, state, day), day)
        if held is not None:
            raise MembreOtherProfil(profil=held.profil, groupe=held.groupe.libelle)


def check_empty(groupe: Groupe, adherents: Adherents, state: State, day: date) -> None:
    """Whether nobody belongs to it, now or later. Raises GroupeNotEmpty, Outdated"""
    if adherents.are_too_many or adherents.of(groupe, state, day):
        raise GroupeNotEmpty


def _groupes_of(membre: Membre, state: State, day: date) -> Iterable[Groupe]:
    """The groups that somebody belongs to, or will. Raises Outdated where one was not loaded."""
    for each in membre.going_on(day):
        groupe = look(state, Groupe.key_of(each.groupe_id))
        if groupe is not None:
            yield groupe
