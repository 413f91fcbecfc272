"""Invented conventions, groups and people, as many as asked: for us and for who decides beside us.

A tenth as many groups as people, ten groups to a convention, each person in one group. Nine groups
of ten carry CDAP with the profile T1, the last one carries Adonis.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from shared.contracts.comptes import EtatCompte, GenreCompte
from shared.contracts.conventions import (
    Appartenance,
    CodeService,
    EtatConvention,
    EtatService,
    NatureGroupe,
    Portee,
    ProfilAccorde,
    Role,
    ServiceConventionne,
)
from shared.contracts.envelope import Fact
from shared.contracts.habilitation import AppartenanceAdded, ConventionOpened, RoleAssigned
from shared.contracts.identity import UserCreated
from shared.droits.projection import PROJECTIONS
from shared.ids import draw_id

SINCE = date(2026, 1, 5)
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
GROUPES = 10
"""Of one convention."""
CDAP, ADONIS = CodeService.CDAP, CodeService.ADONIS
PROFIL = "T1"
_BY_TYPE = {fact.TYPE: each for each in PROJECTIONS for fact in each.facts}


@dataclass(frozen=True)
class Ville:
    """Who is where; everybody's id is drawn."""

    people: Sequence[str]
    groupes: Sequence[str]
    _groupe_of: dict[str, int] = field(default_factory=dict)

    @classmethod
    def draw(cls, people: int, groupes: int) -> "Ville":
        """So many people, spread evenly over so many groups."""
        ids = [draw_id() for _ in range(people)]
        return cls(
            ids,
            [draw_id() for _ in range(groupes)],
            {id: number % groupes for number, id in enumerate(ids)},
        )

    def questions(self, count: int) -> list[tuple[str, str]]:
        """Who asks for which service: half of them for one that they do not have."""
        drawn = random.Random(2026)
        asked = (drawn.choice(self.people) for _ in range(count))
        return [(id, drawn.choice((CDAP, ADONIS))) for id in asked]

    def has(self, user_id: str, service: str) -> bool:
        """Whether a person has a service."""
        return service == _service(self._groupe_of[user_id])

    def convention_of(self, user_id: str) -> str:
        """The convention of a person."""
        return self._numero(self._groupe_of[user_id])

    def opened(self) -> Iterator[tuple[str, str]]:
        """The services that are open, by convention."""
        for first in range(0, len(self.groupes), GROUPES):
            yield from ((self._numero(first), service) for service in (CDAP, ADONIS))

    def roles(self) -> Iterator[tuple[str, str, str]]:
        """What each group carries: convention, group, service."""
        for number, groupe_id in enumerate(self.groupes):
            yield self._numero(number), groupe_id, _service(number)

    def members(self) -> Iterator[tuple[str, str]]:
        """Who is in which group."""
        return ((id, self.groupes[number]) for id, number in self._groupe_of.items())

    def facts(self) -> Iterator[Fact]:
        """All of it as facts, the memberships last."""
        yield from self.framework()
        yield from self.accounts(self.people)
        yield from self.memberships(self.people)

    def framework(self) -> Iterator[Fact]:
        """Conventions and groups."""
        for first in range(0, len(self.groupes), GROUPES):
            yield _convention(self._numero(first))
        for number, groupe_id in enumerate(self.groupes):
            yield _groupe(self._numero(number), groupe_id, number)

    def accounts(self, people: Sequence[str]) -> Iterator[Fact]:
        """These people's accounts."""
        return (account(id, self.convention_of(id)) for id in people)

    def memberships(self, people: Sequence[str]) -> Iterator[Fact]:
        """These people's memberships."""
        for id in people:
            groupe_id = self.groupes[self._groupe_of[id]]
            yield AppartenanceAdded(
                convention_id=self.convention_of(id),
                user_id=id,
                groupe_id=groupe_id,
                appartenances=(Appartenance(groupe_id=groupe_id, debut=SINCE),),
                passees=(),
                at=AT,
            )

    @staticmethod
    def _numero(groupe: int) -> str:
        return f"26_{groupe // GROUPES + 1}"


def rows(facts: Iterator[Fact]) -> dict[str, list[dict[str, Any]]]:
    """What a copy of rights keeps of these facts, each the first of its aggregate."""
    kept: dict[str, list[dict[str, Any]]] = {each.collection: [] for each in PROJECTIONS}
    for fact in facts:
        each = _BY_TYPE[fact.TYPE]
        id, row = each.document(fact)
        kept[each.collection].append({"_id": id, **row, "seq": 1})
    return kept


def account(user_id: str, convention_id: str) -> Fact:
    """Somebody's account was opened."""
    return UserCreated(
        user_id=user_id,
        convention_id=convention_id,
        genre=GenreCompte.PARTENAIRE,
        nom="Benali",
        prenom="Aïcha",
        mail=f"{user_id}@commune.example",
        poste="sedentaire",
        etat=EtatCompte.OUVERT,
        caf="931",
        ouverture=SINCE,
        created_by="banc",
        at=AT,
    )


def _service(groupe: int) -> CodeService:
    return ADONIS if groupe % GROUPES == GROUPES - 1 else CDAP


def _convention(numero: str) -> Fact:
    t1 = ProfilAccorde(
        profil=PROFIL,
        missions="Accompagnement social des familles",
        finalite="Instruction des aides de la commune",
        fondement="Convention d’accès",
        destinataires="Agents du centre communal d’action sociale",
        portee=Portee.CAF,
        condition="Diplôme d’assistant de service social",
        condition_confirmee=True,
    )
    services = tuple(
        ServiceConventionne(
            service=service,
            etat=EtatService.SIGNE,
            bulletin=SINCE,
            eligibilite=SINCE,
            profils=(t1,) if service is CDAP else (),
        )
        for service in (CDAP, ADONIS)
    )
    return ConventionOpened(
        convention_id=numero,
        siret="21930001400017",
        organisme="Mairie de Valfleury",
        caf="931",
        gestion_deleguee=True,
        etat=EtatConvention.OUVERTE,
        administrateurs=("banc",),
        ouverture=SINCE,
        contrat=SINCE,
        services=services,
        at=AT,
    )


def _groupe(numero: str, groupe_id: str, number: int) -> Fact:
    service = _service(number)
    return RoleAssigned(
        convention_id=numero,
        groupe_id=groupe_id,
        code=f"G{number}",
        libelle=f"T1 Groupe {number}",
        nature=NatureGroupe.PARTENAIRE,
        responsable_id="banc",
        ouverture=SINCE,
        role=Role(service=service, profil=PROFIL if service is CDAP else None),
        assigned_by="banc",
        at=AT,
    )
