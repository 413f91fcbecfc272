"""What every use case about a membership needs: the documents, and the rights of who asks."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.habilitation.domain import appartenances, lecture
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.droits import Demandeur, Operation, check_groupe
from services.habilitation.domain.errors import UserUnknown
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Appartenance, Membre
from services.habilitation.domain.personne import Personne
from services.habilitation.domain.profil_unique import check_one_profil
from shared.calendrier import day_of
from shared.path.decision import Key, Request, State

R = Request[Any, Any]
"""A command about the membership of `user_id` in `groupe_id`."""


def keys(request: R) -> list[Key[Any]]:
    """Who asks, the convention, the group, the person and all memberships of theirs."""
    asked = request.message
    return [
        *lecture.keys(request.principal, asked.convention_id, asked.groupe_id),
        Personne.key_of(asked.user_id),
        Membre.key_of(asked.user_id),
    ]


def more_keys(request: R, state: State) -> list[Key[Any]]:
    """The groups of who asks, and those of the person."""
    day = day_of(request.now)
    return [
        *lecture.more_keys(request.principal, state, day),
        *groupe_keys(state.get(Membre.key_of(request.message.user_id)), day),
    ]


def groupe_keys(membre: Membre | None, day: date) -> list[Key[Groupe]]:
    """The groups that a person belongs to, or will."""
    going_on = () if membre is None else membre.going_on(day)
    return [Groupe.key_of(each.groupe_id) for each in going_on]


@dataclass(frozen=True)
class Demande:
    """What is asked about one person of a convention: by whom, on which day, what was loaded."""

    state: State
    demandeur: Demandeur
    convention_id: str
    user_id: str
    day: date

    @classmethod
    def of(cls, request: R, state: State) -> "Demande":
        """That of a command."""
        asked, day = request.message, day_of(request.now)
        demandeur = lecture.demandeur(request.principal, state, day)
        return cls(state, demandeur, asked.convention_id, asked.user_id, day)

    def entitled(self, groupe_id: str) -> tuple[Convention, Groupe]:
        """The convention and that group of it, if who asks may touch the person's membership.

        Raises: ConventionUnknown, GroupeUnknown, NotPermitted, ConventionNotOpen, NotDelegated,
        ConventionOver
        """
        convention, groupe = check_groupe(
            self.demandeur,
            Operation.GERER_MEMBRES,
            self.state.get(Convention.key_of(self.convention_id)),
            self.state.get(Groupe.key_of(groupe_id)),
            self.day,
        )
        appartenances.check_touch(self.demandeur, convention, groupe, self.user_id, self.day)
        return convention, groupe

    def membre(self) -> Membre:
        """The memberships of the person, none so far if nothing is stored."""
        stored = self.state.get(Membre.key_of(self.user_id))
        return stored or Membre(id=self.user_id, convention_id=self.convention_id)

    def known(self) -> Membre:
        """The memberships of a person of that convention. Raises UserUnknown, also of others."""
        personne = self.state.get(Personne.key_of(self.user_id))
        stored = self.state.get(Membre.key_of(self.user_id))
        owners = {each.convention_id for each in (personne, stored) if each is not None}
        if self.convention_id not in owners:
            raise UserUnknown
        return self.membre()

    def check_account(self, debut: date) -> None:
        """Raises UserUnknown, AccountOver."""
        personne = self.state.get(Personne.key_of(self.user_id))
        appartenances.check_account(personne, self.convention_id, debut)

    def add(self, before: Membre, joining: Appartenance) -> tuple[Membre, Groupe]:
        """The person with one more membership, and the group that they join.

        Raises: what `entitled` does, NotForOneself, DebutPast, DateInvalid, UserUnknown,
        AccountOver, GroupeOver, AlreadyMember, TooManyAppartenances, OtherProfil
        """
        _, groupe = self.entitled(joining.groupe_id)
        appartenances.check_not_oneself(self.demandeur.principal.id, self.user_id)
        appartenances.check_dates(joining.debut, joining.fin, self.day)
        self.check_account(joining.debut)
        if before.convention_id != self.convention_id:
            raise UserUnknown
        membre = appartenances.join(before, groupe, joining, self.day)
        self.check_profil(membre, groupe)
        return membre, groupe.joined()

    def check_profil(self, membre: Membre, groupe: Groupe) -> None:
        """No second profile comes with that group. Raises OtherProfil.

        All groups of the person are at hand: whoever joined one just before named it.
        """
        found = map(self.state.get, groupe_keys(membre, self.day))
        others = [each for each in found if each is not None]
        check_one_profil(membre, groupe, others, self.day)
