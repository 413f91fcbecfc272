"""A history of our convention, played on the real decisions: all that happens, all that is told."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.dossier import dossier_of
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.personne import Personne
from services.habilitation.domain.recit import convention_fact, groupe_fact, membre_fact
from services.habilitation.projections import PERSONNES
from shared.calendrier import day_of
from shared.contracts import habilitation as told
from shared.contracts import habilitation_commands as commands
from shared.contracts.comptes import Poste
from shared.contracts.conventions import CodeService
from shared.contracts.envelope import Fact
from shared.contracts.identity import UserUpdated
from shared.droits.chaine import decide
from shared.errors import Refusal
from shared.path.decision import D, Document
from shared.security.principal import Principal
from tests.habilitation.builders import (
    CONVENTION,
    ITSELF,
    NOW,
    Scene,
    at_once,
)
from tests.habilitation.recalcul import Droit


class Histoire:
    """The scene, the moment, and what was told so far, as it is published."""

    def __init__(self, *documents: Document) -> None:
        self.scene = Scene(*documents)
        self.now = NOW
        self.told: list[dict[str, Any]] = []
        self.accepted = 0
        for personne in list(self.all(Personne)):
            if personne.convention_id == CONVENTION:
                self.account(personne.id)
        for convention in self.all(Convention):
            self.tell(convention_fact(told.ConventionSnapshot, convention, at=self.now))
        for groupe in self.all(Groupe):
            self.tell(groupe_fact(told.GroupeSnapshot, groupe, at=self.now))
        for membre in self.all(Membre):
            self.tell(membre_fact(told.AppartenancesSnapshot, membre, at=self.now))

    @property
    def today(self) -> date:
        return day_of(self.now)

    def all(self, model: type[D]) -> Iterator[D]:
        """Every document of a kind."""
        return (each for each in self.scene.stored.values() if isinstance(each, model))

    def tell(self, fact: Fact) -> None:
        """Something is told."""
        self.told.append(json.loads(fact.to_json()))

    def ask(self, command: Any, by: Principal) -> None:
        """Something is asked; a refusal changes nothing."""
        try:
            decision = at_once(self.scene.ask(command, by, now=self.now))
        except Refusal:
            return
        self.accepted += 1
        for each in decision.facts:
            self.tell(each.fact)

    def schedule(self) -> None:
        """The scheduler asks for all that may be due; what is not is nothing."""
        of: dict[str, Any] = {"convention_id": CONVENTION, "day": self.today}
        self.ask(commands.ApplyConventionDates(**of), ITSELF)
        for groupe in list(self.all(Groupe)):
            self.ask(commands.ApplyGroupeDates(**of, groupe_id=groupe.id), ITSELF)
        for membre in list(self.all(Membre)):
            self.ask(commands.ApplyAppartenanceDates(**of, user_id=membre.id), ITSELF)

    def wait(self, days: int) -> None:
        """Days go by."""
        self.now += timedelta(days=days)

    def account(self, user_id: str, **own: Any) -> None:
        """identity tells of an account, of which habilitation keeps a copy."""
        before = self.scene.get(Personne, user_id)
        kept = before.changed(**own)
        fact = UserUpdated(
            user_id=user_id,
            convention_id=kept.convention_id,
            genre=kept.genre,
            nom=kept.nom,
            prenom=kept.prenom,
            mail="zoe@commune.example",
            poste=Poste.SEDENTAIRE,
            etat=kept.etat,
            ouverture=kept.ouverture,
            cloture=kept.cloture,
            at=self.now,
            updated_by="admin",
        )
        id, fields = PERSONNES.document(fact)
        self.scene.put(Personne(id=id, **fields))
        self.tell(fact)

    def droits(self, day: date) -> set[Droit]:
        """The rights of everybody, as habilitation decides them on its own documents."""
        groupes = {each.id: each for each in self.all(Groupe)}
        convention = self.scene.get(Convention, CONVENTION)
        found = set()
        for membre in self.all(Membre):
            personne = self.scene.get(Personne, membre.id)
            own = [groupes[each.groupe_id] for each in membre.appartenances]
            dossier = dossier_of(personne, convention, membre, own)
            for code in CodeService:
                for groupe in decide(dossier, code, day).groupes:
                    profil = None if groupe.role is None else groupe.role.profil
                    found.add((membre.id, str(code), profil, groupe.id))
        return found
