"""Whatever is asked in whatever order: two administrateurs at most, one of each rang, and they are
the members of AFAS-HABILITER that the Caf put there."""

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.habilitation.domain.administrateurs import LIBELLES
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.membre import Membre
from shared.contracts.conventions import MOST_ADMINISTRATEURS, CodeService, Rang
from shared.contracts.habilitation_commands import (
    DesignateAdministrateur,
    RelieveAdministrateur,
    ReplaceAdministrateur,
    SignBulletin,
    TerminateBulletin,
)
from shared.errors import Refusal
from tests.habilitation.builders import AGENT, CONVENTION, TODAY, Scene, convention, nouvelle
from tests.habilitation.signing import ask

PEOPLE = ("admin", "suppleant", "simple", "membre", "nouveau")
person = st.sampled_from(PEOPLE)
AFAS: dict[str, Any] = {"service": CodeService.AFAS}


def _with_account(kind: Any, user_id: str, **own: Any) -> Any:
    personne = nouvelle() if user_id == "nouveau" else None
    return ask(kind, user_id=user_id, personne=personne, **own)


asked = st.one_of(
    st.builds(
        lambda who, rang: _with_account(DesignateAdministrateur, who, rang=rang),
        person,
        st.sampled_from(Rang),
    ),
    st.builds(
        lambda old, new: _with_account(ReplaceAdministrateur, new, ancien_id=old), person, person
    ),
    st.builds(lambda who: ask(RelieveAdministrateur, user_id=who), person),
    st.just(ask(TerminateBulletin, **AFAS)),
    st.just(ask(SignBulletin, responsable_id="resp", **AFAS)),
)


async def play(commands: list[Any]) -> None:
    scene = Scene(convention(administrateurs=()))
    for command in commands:
        before = dict(scene.stored)
        try:
            facts = await scene.facts(command, AGENT)
        except Refusal:
            assert scene.stored == before
            continue
        for fact in facts:
            assert len(getattr(fact, "administrateurs", ())) <= MOST_ADMINISTRATEURS
        check(scene)


def check(scene: Scene) -> None:
    stored = scene.get(Convention, CONVENTION)
    ranks = [each.rang for each in stored.administrateurs]
    assert len(set(ranks)) == len(ranks) <= MOST_ADMINISTRATEURS
    afas = stored.service(CodeService.AFAS)
    if afas is None or not afas.is_open:
        return
    for user_id in PEOPLE:
        membre = scene.stored.get(Membre.key_of(user_id))
        there = isinstance(membre, Membre) and "habiliter" in membre.groupes(TODAY)
        assert there is stored.is_administrateur(user_id)


@given(commands=st.lists(asked, max_size=20))
def test_limits_hold_in_every_order(commands: list[Any]) -> None:
    asyncio.run(play(commands))


def test_every_rang_has_its_word() -> None:
    assert set(LIBELLES) == set(Rang)
