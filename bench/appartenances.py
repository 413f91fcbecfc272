"""Memberships and the commands that make them: people of many conventions join their group."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from pymongo.database import Database

from bench.accounts import AGENT, CAF, command_headers
from services.habilitation.domain.convention import Contrat, Convention, Profil, ServiceSigne
from services.habilitation.domain.groupe import Groupe, Role
from services.habilitation.domain.personne import Personne
from shared.contracts.comptes import EtatCompte, Fonction, GenreCompte
from shared.contracts.conventions import CodeService, EtatConvention, EtatService
from shared.contracts.habilitation_commands import AddAppartenance
from shared.ids import draw_id
from shared.mongo.documents import to_row
from shared.path.decision import Document
from tests.harness.topics import Outgoing

PER_CONVENTION = 10
"""People who join the group of their convention (assumed: a small town hall)."""
OUVERTURE = date(2025, 1, 6)


class Appartenances:
    """Fresh people, ten to a convention, whose group has a profile and nobody in it yet."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database
        self._numbers = count(1)
        self._of: dict[str, str] = {}

    def seed(self, many: int) -> list[str]:
        """The people's ids; neighbours are of different conventions."""
        conventions = [f"25_{next(self._numbers)}" for _ in range(-(-many // PER_CONVENTION))]
        self._of = {draw_id(): conventions[place % len(conventions)] for place in range(many)}
        self._insert(map(_convention, conventions))
        self._insert(map(_groupe, conventions))
        self._insert(_personne(id, convention_id=of) for id, of in self._of.items())
        return list(self._of)

    def records(self, topic: str, ids: Sequence[str], token: str) -> Iterable[Outgoing]:
        """One AddAppartenance command for each of these people."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        for id in ids:
            of = self._of[id]
            headers = command_headers(token, at, AddAppartenance)
            body = {"convention_id": of, "groupe_id": _groupe(of).id, "user_id": id}
            raw = tuple((name, value.encode()) for name, value in headers)
            yield Outgoing(topic, of.encode(), raw, json.dumps(body).encode())

    def keys(self, ids: Sequence[str]) -> list[str]:
        """Those of the facts: their conventions."""
        return [self._of[id] for id in ids]

    def seed_agent(self) -> None:
        """Who asks for all of it: an agent of the Caf that manages these conventions itself."""
        agent = _personne(
            AGENT, genre=GenreCompte.AGENT_CAF, caf=CAF, fonctions=(Fonction.HABILITATIONS,)
        )
        self._insert([agent])

    def _insert(self, documents: Iterable[Document]) -> None:
        rows = [(each.COLLECTION, {**to_row(each), "version": 1, "seq": 1}) for each in documents]
        self._database[rows[0][0]].insert_many([row for _, row in rows], ordered=False)


def _convention(number: str) -> Convention:
    text = "Instruction des aides"
    t1 = Profil(profil="T1", missions=text, finalite=text, fondement=text, destinataires=text)
    return Convention(
        id=number,
        siret=f"{int(number[3:]):014}",
        organisme="Mairie de Valfleury",
        type_organisme="commune",
        departements=("93",),
        caf=CAF,
        etat=EtatConvention.OUVERTE,
        validee=True,
        ouverture=OUVERTURE,
        contrat=Contrat(signe_le=OUVERTURE, gestion_deleguee=False),
        services=(
            ServiceSigne(
                service=CodeService.CDAP,
                etat=EtatService.SIGNE,
                bulletin=OUVERTURE,
                eligibilite=OUVERTURE,
                profils=(t1,),
            ),
        ),
    )


def _groupe(convention_id: str) -> Groupe:
    return Groupe(
        id=f"groupe-{convention_id}",
        convention_id=convention_id,
        code="T1",
        libelle="T1 Assistants sociaux",
        responsable_id=AGENT,
        ouverture=OUVERTURE,
        ouverture_dite=True,
        role=Role(service=CodeService.CDAP, profil="T1"),
    )


def _personne(id: str, **own: Any) -> Personne:
    values: dict[str, Any] = {
        "id": id,
        "genre": GenreCompte.PARTENAIRE,
        "nom": "Durand",
        "prenom": "Camille",
        "etat": EtatCompte.OUVERT,
        "ouverture": OUVERTURE,
    }
    return Personne(**(values | own))
