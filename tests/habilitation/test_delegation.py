"""Delegation is closed (G-32): whatever is asked, in whatever order, by whomever.

The real decisions and the sets of `monde.py` are asked the same: both accept or both refuse, and
they agree on who belongs to what, what that gives, who manages it. Independently of the sets, after
each step: nobody gave himself anything, an administrateur is touched by no delegate, the groups
of the Caf and the other convention are as they were.

`HISTOIRES=full` plays 10 000 steps for each of 20 seeds; without it, what a few seconds allow.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

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
    at_once,
    convention,
    kept,
    partner,
)
from tests.habilitation.monde import ADMINS, AFAS, CAF, OURS, Monde, Pair

FULL = os.environ.get("HISTOIRES") == "full"
SEEDS = range(20 if FULL else 2)
EXAMPLES, STEPS = (300, 50) if FULL else (20, 40)
"""Histories and steps of each: more than 10 000 asked in all for a seed [G-32]."""
MADE = tuple(f"n{number}" for number in range(4))
"""Groups that the history may make, beside those that are there."""

ACTORS = (CAF, "admin", "suppleant", "resp", "autre-resp", "habiliteur", "simple")
USERS = (*sorted(OURS), "leur-simple", "u404")
GROUPES = ("g1", "g2", *MADE, "habiliter", "declarer", "g9")
PROFILS = ("T1", "T2", "T9")
CONVENTIONS = (*[CONVENTION] * 9, OTHER_CONVENTION)


class Act(NamedTuple):
    """What may be asked: the command, its fields, what each is chosen from."""

    command: type[Any]
    fields: tuple[str, ...]
    choices: tuple[Sequence[Any], ...]


ACTS = {
    "add": Act(AddAppartenance, ("user_id", "groupe_id"), (USERS, GROUPES)),
    "end": Act(EndAppartenance, ("user_id", "groupe_id"), (USERS, GROUPES)),
    "move": Act(MoveAppartenance, ("user_id", "groupe_id", "vers_id"), (USERS, GROUPES, GROUPES)),
    "assign": Act(AssignRole, ("groupe_id", "profil"), (GROUPES, PROFILS)),
    "withdraw": Act(WithdrawRole, ("groupe_id",), (GROUPES,)),
    "name": Act(ModifyGroupe, ("groupe_id", "responsable_id"), (GROUPES, USERS)),
    "open": Act(
        OpenGroupe, ("groupe_id", "responsable_id", "parent_id"), (MADE, USERS, (None, *GROUPES))
    ),
    "close": Act(CloseGroupe, ("groupe_id",), (GROUPES,)),
    "reopen": Act(ReopenGroupe, ("groupe_id",), (GROUPES,)),
    "delete": Act(DeleteGroupe, ("groupe_id",), (GROUPES,)),
}
"""By the name that the sets give it."""
NAMES = (*ACTS, *ACTS, "keep", "delegate", "delegate")
"""A step: something asked, or the Caf keeps the management to itself, or delegates it."""


def more(command: type[Any], named: dict[str, Any]) -> dict[str, Any]:
    """What some commands need besides."""
    if command is AssignRole:
        return {"service": CodeService.CDAP}
    if command is OpenGroupe:
        return {"code": named["groupe_id"], "libelle": named["groupe_id"]}
    return {}


class Delegation(RuleBasedStateMachine):
    """One history: its scene, and the same in sets."""

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene()
        self.monde = seen(self.scene.stored)
        self.used: set[str] = set()

    @rule(name=st.sampled_from(NAMES), allowed=st.booleans(), data=st.data())
    def step(self, name: str, allowed: bool, data: st.DataObject) -> None:
        """One of what the sets allow, or whatever comes to mind, of which most is refused."""
        if name in {"keep", "delegate"}:
            self.scene.put(kept() if name == "keep" else convention())
            self.monde = replace(self.monde, kept=name == "keep")
            return
        choices = (ACTORS, *ACTS[name].choices)
        if not allowed:
            who, *parts = (data.draw(st.sampled_from(each)) for each in choices)
            self.play(name, who, parts, in_=data.draw(st.sampled_from(CONVENTIONS)))
            return
        ask = getattr(self.monde, name)
        found = [each for each in product(*choices) if ask(*each) is not None]
        if found:
            who, *parts = data.draw(st.sampled_from(found))
            self.play(name, who, parts)

    def play(self, name: str, who: str, parts: Sequence[Any], in_: str = CONVENTION) -> None:
        """Ask it, compare with the sets, look at what changed."""
        command, fields, _ = ACTS[name]
        named = dict(zip(fields, parts, strict=True))
        if name == "open" and named["groupe_id"] in self.used:  # an id is used once
            return
        expected: Monde | None = getattr(self.monde, name)(who, *parts)
        if in_ != CONVENTION:
            expected = None
        asked = command(convention_id=in_, **named, **more(command, named))
        before = dict(self.scene.stored)
        code = at_once(self.scene.code(asked, AGENT if who == CAF else partner(who)))
        assert (code is None) == (expected is not None), (who, asked, code)
        if expected is None:
            assert self.scene.stored == before
            return
        if name == "open":
            self.used.add(named["groupe_id"])
        check_step(who, self.monde, before, self.scene.stored)
        self.monde = expected
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
