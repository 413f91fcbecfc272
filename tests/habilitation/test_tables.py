"""Rights = f(groups), as tables in OpenFGA's form (G-34): what is, in tuples; what follows.

A tuple says that a `user` has a `relation` to an `object`, on `condition` of days or of a state; a
stage adds tuples (one of the same user, relation and object replaces it; a group has one role) and
asserts: `check`, `list-objects`, `list-users`. Both ways of deciding are asked: habilitation's, on
its documents, and the one recomputed from what is told of them.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.habilitation.domain.convention import Convention, ServiceSigne
from services.habilitation.domain.groupe import Groupe, Role
from services.habilitation.domain.membre import Membre
from shared.contracts.conventions import CodeService, NatureGroupe
from tests.habilitation.builders import (
    CONVENTION,
    OTHER_CONVENTION,
    TODAY,
    appartenance,
    convention,
    days,
    groupe,
    membre,
    personne,
)
from tests.habilitation.histoire import Histoire
from tests.habilitation.recalcul import Droit, recompute

TABLES = Path(__file__).parent / "tables"
NATURES = {"habiliter": NatureGroupe.AFAS_HABILITER, "declarer": NatureGroupe.AFAS_DECLARER}
Tuple = dict[str, Any]
Key = tuple[str, str, str]


def cases() -> Iterator[Any]:
    """Every test of every table."""
    for path in sorted(TABLES.glob("*.yaml")):
        for each in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            yield pytest.param(each["stages"], id=f"{path.stem}: {each['name']}")


def key_of(tuple_: Tuple) -> Key:
    """What a later tuple replaces."""
    user = "" if tuple_["relation"] == "role" else tuple_["user"]
    return user, tuple_["relation"], tuple_["object"]


def name(of: str) -> str:
    """`groupe:as` is the group `as`."""
    return of.partition(":")[2]


class World:
    """The documents that some tuples stand for."""

    def __init__(self, tuples: list[Tuple]) -> None:
        self._tuples = tuples

    def told(self, relation: str, object: str | None = None) -> Iterator[tuple[str, str, Any]]:
        """The tuples of a relation: user, object, condition, days as days."""
        for each in self._tuples:
            if each["relation"] == relation and object in {None, name(each["object"])}:
                dated = {
                    key: days(value) if isinstance(value, int) else value
                    for key, value in each.get("condition", {}).items()
                }
                yield name(each["user"]), name(each["object"]), dated

    def histoire(self) -> Histoire:
        """A history that begins with them."""
        groupes = [self.groupe(*each) for each in self.told("groupe")]
        accounts = {user for user, *_ in [*self.told("membre"), *self.told("personne")]}
        own = {user: condition for user, _, condition in self.told("personne")}
        people = [personne(user, **own.get(user, {})) for user in sorted(accounts)]
        membres = [self.membre(user) for user in sorted(accounts)]
        nobody = map(membre, ("membre", "habiliteur"))  # those of the builders are elsewhere
        return Histoire(self.convention(), *nobody, *groupes, *people, *membres)

    def convention(self) -> Convention:
        """Ours, with what is said of its services."""
        own: dict[str, Any] = {}
        for _, _, condition in self.told("convention", CONVENTION):
            own |= condition
        agreed = convention(**own)
        for code, _, condition in self.told("bulletin", CONVENTION):
            signed = agreed.service(code)
            assert isinstance(signed, ServiceSigne)
            changed = ServiceSigne(**(signed.model_dump() | condition))
            agreed = agreed.with_service(changed)
        return agreed

    def groupe(self, id: str, number: str, condition: dict[str, date]) -> Groupe:
        """A group, with its role and its responsable."""
        assert number in {CONVENTION, OTHER_CONVENTION}
        of = ("", "role", f"groupe:{id}")
        role = next((each["user"] for each in self._tuples if key_of(each) == of), None)
        responsable = next((user for user, *_ in self.told("responsable", id)), "resp")
        return groupe(
            id,
            responsable,
            convention_id=number,
            nature=NATURES.get(id, NatureGroupe.PARTENAIRE),
            role=None if role is None else role_of(role),
            **condition,
        )

    def membre(self, user_id: str) -> Membre:
        """Somebody's memberships."""
        own = [
            appartenance(groupe_id, **condition)
            for user, groupe_id, condition in self.told("membre")
            if user == user_id
        ]
        return membre(user_id, *own)


def role_of(user: str) -> Role:
    """`profil:T1` is a profile of CDAP, `service:afas` a service without profiles."""
    kind, _, code = user.partition(":")
    if kind == "profil":
        return Role(service=CodeService.CDAP, profil=code)
    return Role(service=CodeService(code))


def objects(droits: set[Droit], user: str, kind: str) -> set[str]:
    """What somebody has access to, of one kind."""
    own = {each for each in droits if f"compte:{each[0]}" == user}
    if kind == "profil":
        return {f"profil:{profil}" for _, _, profil, _ in own if profil is not None}
    return {f"service:{service}" for _, service, _, _ in own}


def check(stage: dict[str, Any], droits: set[Droit]) -> None:
    """What a stage asserts."""
    users = {f"compte:{user}" for user, *_ in droits}
    for each in stage.get("checkAssertions", ()):
        asked = each["tuple"]
        kind = asked["object"].partition(":")[0]
        has = asked["object"] in objects(droits, asked["user"], kind)
        assert has is each["expectation"], asked
    for each in stage.get("listObjectsAssertions", ()):
        asked = each["request"]
        found = objects(droits, asked["user"], asked["type"])
        assert sorted(found) == each["expectation"], asked
    for each in stage.get("listUsersAssertions", ()):
        asked = each["request"]["object"]
        found = {user for user in users if asked in objects(droits, user, "service")}
        assert sorted(found) == each["expectation"], asked


@pytest.mark.parametrize("stages", list(cases()))
def test_rights_follow_from_groups(stages: list[dict[str, Any]]) -> None:
    tuples: dict[Key, Tuple] = {}
    for stage in stages:
        tuples |= {key_of(each): each for each in stage.get("tuples", ())}
        for each in stage.get("deletes", ()):
            del tuples[key_of(each)]
        histoire = World(list(tuples.values())).histoire()
        check(stage, histoire.droits(TODAY))
        check(stage, recompute(histoire.told, TODAY.isoformat()))
