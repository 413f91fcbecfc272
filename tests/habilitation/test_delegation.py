"""Delegation is closed (G-32): whatever is asked, in whatever order, by whomever.

The real decisions and the sets of `monde.py` are asked the same: both accept or both refuse, and
they agree on who belongs to what, what that gives, who manages it. Independently of the sets, after
each step: nobody gave himself anything, an administrateur is touched by no delegate, the groups
of the Caf and the other convention are as they were.

`MCP_DELEGATION=full` plays 10 000 steps for each of 20 seeds; without it, what a few seconds allow.
"""

import os
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from shared.contracts.conventions import CodeService
from shared.contracts.habilitation_commands import (
    AddAppartenance,
    AssignRole,
    CloseGroupe,
    DeleteGroupe,
    EndAppartenance,
    ModifyGroupe,
    MoveAppartenance,
    OpenGroupe,
    ReopenGroupe,
    WithdrawRole,
)
from shared.path.decision import Document
from tests.habilitation.builders import (
    AGENT,
    CONVENTION,
    OTHER_CONVENTION,
    TODAY,
    Scene,
    convention,
    kept,
    partner,
)
from tests.habilitation.monde import ADMINS, AFAS, CAF, OURS, Monde, Pair

FULL = os.environ.get("MCP_DELEGATION") == "full"
SEEDS = range(20 if FULL else 2)
EXAMPLES, STEPS = (200, 50) if FULL else (20, 40)
"""Histories and steps of each: 10 000 in all for a seed [reliability-security.md, G-32]."""
MADE = tuple(f"n{number}" for number in range(4))
"""Groups that the history may make, beside those that are there."""

T = TypeVar("T")
actors = st.sampled_from([CAF, "admin", "resp", "autre-resp", "habiliteur", "simple"])
users = st.sampled_from([*sorted(OURS), "leur-simple", "u404"])
groupes = st.sampled_from(["g1", "g2", *MADE, "habiliter", "declarer", "g9"])
profils = st.sampled_from(["T1", "T2", "T9"])
conventions = st.sampled_from([*[CONVENTION] * 9, OTHER_CONVENTION])


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine that waits for nothing gives."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    raise AssertionError("a decision waited")


class Delegation(RuleBasedStateMachine):
    """One history: its scene, and the same in sets."""

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene()
        self.monde = Monde(
            membres=frozenset({("membre", "g1"), ("habiliteur", "habiliter")}),
            roles={"g1": "T1"},
            responsables={
                "g1": "resp", "g2": "autre-resp", "habiliter": "admin", "declarer": "admin"
            },
            ouverts=frozenset({"g1", "g2", "habiliter", "declarer"}),
        )  # fmt: skip

    @rule(kept_by_caf=st.booleans())
    def keep(self, kept_by_caf: bool) -> None:
        """The Caf keeps the management to itself, or delegates it."""
        self.scene.put(kept() if kept_by_caf else convention())
        self.monde = Monde(**vars(self.monde) | {"kept": kept_by_caf})

    @rule(who=actors, user=users, groupe=groupes, in_=conventions)
    def add(self, who: str, user: str, groupe: str, in_: str) -> None:
        asked = AddAppartenance(convention_id=in_, groupe_id=groupe, user_id=user)
        self.play(who, asked, self.monde.add(who, user, groupe))

    @rule(who=actors, user=users, groupe=groupes, in_=conventions)
    def end(self, who: str, user: str, groupe: str, in_: str) -> None:
        asked = EndAppartenance(convention_id=in_, groupe_id=groupe, user_id=user)
        self.play(who, asked, self.monde.end(who, user, groupe))

    @rule(who=actors, user=users, groupe=groupes, vers=groupes, in_=conventions)
    def move(self, who: str, user: str, groupe: str, vers: str, in_: str) -> None:
        asked = MoveAppartenance(convention_id=in_, groupe_id=groupe, user_id=user, vers_id=vers)
        self.play(who, asked, self.monde.move(who, user, groupe, vers))

    @rule(who=actors, groupe=groupes, profil=profils, in_=conventions)
    def assign(self, who: str, groupe: str, profil: str, in_: str) -> None:
        asked = AssignRole(
            convention_id=in_, groupe_id=groupe, service=CodeService.CDAP, profil=profil
        )
        self.play(who, asked, self.monde.assign(who, groupe, profil))

    @rule(who=actors, groupe=groupes, in_=conventions)
    def withdraw(self, who: str, groupe: str, in_: str) -> None:
        asked = WithdrawRole(convention_id=in_, groupe_id=groupe)
        self.play(who, asked, self.monde.withdraw(who, groupe))

    @rule(who=actors, groupe=groupes, user=users, in_=conventions)
    def name(self, who: str, groupe: str, user: str, in_: str) -> None:
        asked = ModifyGroupe(convention_id=in_, groupe_id=groupe, responsable_id=user)
        self.play(who, asked, self.monde.name(who, groupe, user))

    @rule(who=actors, groupe=st.sampled_from(MADE), user=users, parent=st.none() | groupes)
    def open(self, who: str, groupe: str, user: str, parent: str | None) -> None:
        if Groupe.key_of(groupe) in self.scene.stored:  # an id is used once
            return
        asked = OpenGroupe(
            convention_id=CONVENTION,
            groupe_id=groupe,
            code=groupe,
            libelle=groupe,
            responsable_id=user,
            parent_id=parent,
        )
        self.play(who, asked, self.monde.open(who, groupe, user, parent))

    @rule(who=actors, groupe=groupes, in_=conventions)
    def close(self, who: str, groupe: str, in_: str) -> None:
        asked = CloseGroupe(convention_id=in_, groupe_id=groupe)
        self.play(who, asked, self.monde.close(who, groupe))

    @rule(who=actors, groupe=groupes, in_=conventions)
    def reopen(self, who: str, groupe: str, in_: str) -> None:
        asked = ReopenGroupe(convention_id=in_, groupe_id=groupe)
        self.play(who, asked, self.monde.reopen(who, groupe))

    @rule(who=actors, groupe=groupes, in_=conventions)
    def delete(self, who: str, groupe: str, in_: str) -> None:
        asked = DeleteGroupe(convention_id=in_, groupe_id=groupe)
        self.play(who, asked, self.monde.delete(who, groupe))

    def play(self, who: str, asked: Any, expected: Monde | None) -> None:
        """Ask it, compare with the sets, look at what changed."""
        if asked.convention_id != CONVENTION:
            expected = None
        before = dict(self.scene.stored)
        code = at_once(self.scene.code(asked, AGENT if who == CAF else partner(who)))
        assert (code is None) == (expected is not None), (who, asked, code)
        if expected is not None:
            check_step(who, self.monde, before, self.scene.stored)
            self.monde = expected
        else:
            assert self.scene.stored == before
        assert seen(self.scene.stored) == self.monde


def check_step(who: str, monde: Monde, before: Any, after: Any) -> None:
    """What no rule may allow, told from the documents alone."""
    changed = [each for key, each in after.items() if before.get(key) != each]
    assert {getattr(each, "convention_id", CONVENTION) for each in changed} <= {CONVENTION}
    assert not any(isinstance(each, Convention) for each in changed)
    if who == CAF:
        return
    gained = droits(after) - droits(before)
    assert who not in {user for user, _ in gained}
    for each in changed:
        if isinstance(each, Groupe) and each.id in AFAS:
            old = before[each.key]
            assert each.changed(adhesions=old.adhesions) == old
        if isinstance(each, Membre) and who not in ADMINS:
            assert each.id not in ADMINS
            touched = set(going_on(each)) ^ set(going_on(before.get(each.key)))
            assert touched <= monde.manages(who)


def going_on(membre: Membre | None) -> list[str]:
    return [] if membre is None else [each.groupe_id for each in membre.going_on(TODAY)]


def droits(stored: dict[Any, Document]) -> set[Pair]:
    """Who has which CDAP profile, by the documents."""
    return {
        (membre.id, groupe.role.profil)
        for membre in stored.values()
        if isinstance(membre, Membre)
        for each in membre.groupes(TODAY)
        for groupe in [stored.get(Groupe.key_of(each))]
        if isinstance(groupe, Groupe) and groupe.is_open(TODAY)
        if groupe.role is not None and groupe.role.profil is not None
    }


def seen(stored: dict[Any, Document]) -> Monde:
    """Our convention as the documents have it, in sets."""
    ours = [each for each in stored.values() if getattr(each, "convention_id", "") == CONVENTION]
    groupes = [each for each in ours if isinstance(each, Groupe) and not each.supprime]
    agreed = stored[Convention.key_of(CONVENTION)]
    assert isinstance(agreed, Convention)
    return Monde(
        membres=frozenset(
            (each.id, groupe_id)
            for each in ours
            if isinstance(each, Membre)
            for groupe_id in going_on(each)
        ),
        roles={
            each.id: each.role.profil
            for each in groupes
            if each.role is not None and each.role.profil is not None
        },
        responsables={each.id: each.responsable_id for each in groupes},
        ouverts=frozenset(each.id for each in groupes if each.goes_on(TODAY)),
        parents={each.id: each.parent_id for each in groupes if each.parent_id is not None},
        kept=not agreed.gestion_deleguee,
    )


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("number", SEEDS)
def test_nobody_gives_more_than_what_was_delegated_to_him(number: int) -> None:
    history = seed(number)(type("Delegation", (Delegation,), {}))
    run_state_machine_as_test(
        history,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
