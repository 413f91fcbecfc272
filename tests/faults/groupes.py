"""habilitation under load: libellés of groups change, groups are opened.

The Caf keeps the management of these conventions to itself, so that one agent may do it all.
"""

import time
from datetime import UTC, datetime
from typing import ClassVar

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.personne import Personne
from shared.contracts.envelope import Command
from shared.contracts.habilitation import SERVICE, GroupeOpened, GroupeUpdated
from shared.contracts.habilitation_commands import ModifyGroupe, OpenGroupe
from shared.ids import draw_id
from shared.mongo.documents import to_row
from shared.security.tokens import http_audience
from tests.faults.load import TOKEN_S, issuer_of
from tests.faults.subject import AGENT, Effect, HttpRequest, Subject
from tests.habilitation.builders import agent, groupe, kept, personne

CONVENTIONS = 24
"""Over which the groups are spread: commands of one convention share a partition."""


class Groupes(Subject):
    """Groups of several conventions, an agent of their Caf with a token."""

    SERVICE: ClassVar[str] = SERVICE
    _token, _token_at = "", 0.0

    async def seed(self, count: int) -> None:
        """Straight into the store, before any event: conventions, people, groups."""
        conventions = [_convention(number) for number in range(CONVENTIONS)]
        people = [agent(AGENT.id, version=1), *(responsable_of(c.id) for c in conventions)]
        self.groupes = [_groupe(number) for number in range(count)]
        database = self.platform.database(SERVICE)
        for each in (*conventions, *people, *self.groupes):
            database[each.COLLECTION].insert_one(to_row(each))

    def change(self, number: int) -> tuple[Command, Effect]:
        """Another libellé."""
        target, libelle = self._next(number)
        command = ModifyGroupe(
            convention_id=target.convention_id, groupe_id=target.id, libelle=libelle
        )
        return command, _modified(target, libelle)

    def create(self) -> tuple[Command, Effect]:
        """A group of one of the conventions, its code reserved with it."""
        groupe_id, number = draw_id(), next(self._numbers)
        convention_id = number_of(number % CONVENTIONS)
        command = OpenGroupe(
            convention_id=convention_id,
            groupe_id=groupe_id,
            code=f"G{number}",
            libelle=f"Groupe {number}",
            responsable_id=responsable_of(convention_id).id,
        )
        effect = Effect(f"groupes/{groupe_id}", (GroupeOpened.TYPE,), {"code": command.code})
        return command, effect

    def request(self, number: int) -> HttpRequest:
        """Another libellé."""
        target, libelle = self._next(number)
        path = f"/conventions/{target.convention_id}/groupes/{target.id}"
        return HttpRequest(path, {"libelle": libelle}, _modified(target, libelle))

    def bearer(self) -> str:
        """A token of the agent for this HTTP door, good for a while."""
        if time.monotonic() - self._token_at > TOKEN_S or not self._token:
            audience = http_audience(SERVICE)
            issuer = issuer_of(self.platform)
            self._token = issuer.issue(AGENT, audience=audience, now=datetime.now(UTC))
            self._token_at = time.monotonic()
        return self._token

    def _next(self, number: int) -> tuple[Groupe, str]:
        return self.groupes[number % len(self.groupes)], f"Groupe {next(self._numbers)}"


def _modified(target: Groupe, libelle: str) -> Effect:
    return Effect(f"groupes/{target.id}", (GroupeUpdated.TYPE,), {"libelle": libelle})


def number_of(number: int) -> str:
    """The number of a convention."""
    return f"25_{number + 1}"


def responsable_of(convention_id: str) -> Personne:
    """Somebody of a convention."""
    return personne(f"responsable-{convention_id}", convention_id=convention_id, version=1)


def _convention(number: int) -> Convention:
    return kept(id=number_of(number), siret=f"{number:014}", administrateurs=(), version=1)


def _groupe(number: int) -> Groupe:
    id = number_of(number % CONVENTIONS)
    return groupe(f"groupe-{number}", responsable_of(id).id, convention_id=id, version=1)
