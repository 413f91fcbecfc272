"""Somebody is named, administrateur or responsable: an open account, or one that is asked for."""

from datetime import date, datetime
from typing import Any, NamedTuple

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.demandes import Demandes
from services.habilitation.domain.errors import UserUnknown
from services.habilitation.domain.errors_contrat import (
    AccountExists,
    AccountNotOpen,
    ConventionToOpen,
    ResponsableExists,
    ResponsableNotOpen,
    ResponsableUnknown,
)
from services.habilitation.domain.etats import CONVENTION
from services.habilitation.domain.personne import Personne
from services.habilitation.domain.recit import tell_demande
from shared.contracts.conventions import NouvellePersonne, TitreDemande
from shared.contracts.habilitation_demandes import AccountRequested
from shared.path.decision import Decision, Key, State


class Nomme(NamedTuple):
    """Who is named, to be what; `personne` where identity has to make his account first."""

    user_id: str
    personne: NouvellePersonne | None
    titre: TitreDemande

    def keys(self, convention_id: str) -> list[Key[Any]]:
        """Where his account is, if there is one; what counts that it is asked for."""
        asked = [] if self.personne is None else [Demandes.key_of(convention_id)]
        return [Personne.key_of(self.user_id), *asked]

    def check(self, convention: Convention, state: State, day: date) -> None:
        """Whether he may be named in this convention, whose account he has or will have.

        Raises: ConventionToOpen, UserUnknown, AccountNotOpen, AccountExists, or the same with the
        field of a responsable
        """
        if not convention.is_open(day):
            raise ConventionToOpen(etat=CONVENTION.libelles[convention.etat_at(day)])
        refusals = _OF_RESPONSABLE if self.titre is TitreDemande.RESPONSABLE else _OF_USER
        known = state.get(Personne.key_of(self.user_id))
        if self.personne is not None:
            if known is not None:
                raise refusals.existing
            return
        if known is None or known.convention_id != convention.id:
            raise refusals.unknown
        if not known.is_open(day):
            raise refusals.not_open

    def account_requested(
        self,
        convention: Convention,
        state: State,
        *,
        by: str,
        now: datetime,
        groupes: tuple[str, ...] = (),
    ) -> Decision:
        """What asks identity for his account, if it is to be made, for these groups.

        Writes:  demandes
        Tells:   AccountRequested
        Raises:  TooManyComptes
        """
        if self.personne is None:
            return Decision()
        demandes = Demandes.of(convention.id, state).with_compte(by, now)
        asked = tell_demande(
            AccountRequested,
            convention,
            demandes,
            by=by,
            at=now,
            user_id=self.user_id,
            personne=self.personne,
            titre=self.titre,
            groupes=groupes or None,
        )
        return Decision((demandes,), (asked,))


class _Refusals(NamedTuple):
    unknown: type[UserUnknown]
    not_open: type[AccountNotOpen]
    existing: type[AccountExists]


_OF_USER = _Refusals(UserUnknown, AccountNotOpen, AccountExists)
_OF_RESPONSABLE = _Refusals(ResponsableUnknown, ResponsableNotOpen, ResponsableExists)
