"""A person is taken out of a group: at once, or on a day; an end only comes nearer."""

from datetime import date
from typing import Any

import pytest

from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from shared.contracts.conventions import MOST_PASSEES
from shared.contracts.habilitation_commands import EndAppartenance
from shared.security.principal import Principal
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    CONVENTION,
    HABILITEUR,
    MEMBRE,
    OPENED,
    OTHER_RESPONSABLE,
    RESPONSABLE,
    SUPPLEANT,
    THEIR_ADMIN,
    TODAY,
    Scene,
    appartenance,
    days,
    groupe,
    kept,
    membre,
)


def end(user_id: str = "membre", groupe_id: str = "g1", **own: Any) -> EndAppartenance:
    values = {"convention_id": CONVENTION, "groupe_id": groupe_id, "user_id": user_id}
    return EndAppartenance(**(values | own))


async def test_person_is_out_at_once_and_who_did_it_is_kept() -> None:
    scene = Scene()
    decision = await scene.ask(end(), RESPONSABLE)
    told: Any = decision.facts[0].fact
    assert [each.fact.TYPE for each in decision.facts] == ["mcp.habilitation.appartenance_ended.v1"]
    assert (told.groupe_id, told.appartenances) == ("g1", ())
    (over,) = told.passees
    assert (over.groupe_id, over.debut, over.fin, over.fin_par) == ("g1", OPENED, TODAY, "resp")
    assert scene.get(Membre, "membre").groupes(TODAY) == ()
    assert decision.result == {"user_id": "membre", "groupe_id": "g1"}


async def test_nobody_joined() -> None:
    scene = Scene()
    before = scene.get(Groupe, "g1").adhesions
    await scene.ask(end())
    assert scene.get(Groupe, "g1").adhesions == before


async def test_person_is_out_on_the_day_that_is_said() -> None:
    scene = Scene()
    (told,) = await scene.facts(end(fin=days(3)))
    assert [each.fin for each in told.appartenances] == [days(3)]
    found = scene.get(Membre, "membre")
    assert [found.groupes(days(n)) for n in (2, 3)] == [("g1",), ()]
    assert found.appartenances[0].fin_dite is False


@pytest.mark.parametrize(
    ("fin", "asked", "code"),
    [
        (None, days(-1), "fin_passee"),
        (days(3), days(2), None),
        (days(3), days(3), "fin_anterieure"),
        (days(3), days(4), "fin_anterieure"),
        (days(-1), None, "non_membre"),
    ],
)
async def test_end_only_comes_nearer(
    fin: date | None, asked: date | None, code: str | None
) -> None:
    scene = Scene(membre("membre", appartenance("g1", fin=fin)))
    assert await scene.code(end(fin=asked)) == code


async def test_membership_to_come_that_never_begins_is_gone() -> None:
    scene = Scene(membre("membre", appartenance("g1", debut=days(3))))
    (told,) = await scene.facts(end(fin=days(2)))
    assert (told.appartenances, told.passees) == ((), ())
    assert scene.get(Membre, "membre").appartenances == ()


async def test_all_that_was_to_follow_ends_too() -> None:
    now, later = appartenance("g1", fin=days(5)), appartenance("g1", debut=days(5))
    scene = Scene(membre("membre", now, later, "g2"))
    (told,) = await scene.facts(end(fin=days(2)))
    assert [(each.groupe_id, each.fin) for each in told.appartenances] == [
        ("g1", days(2)),
        ("g2", None),
    ]


@pytest.mark.parametrize("by", [ADMIN, SUPPLEANT, RESPONSABLE])
async def test_who_manages_the_group_takes_people_out(by: Principal) -> None:
    assert await Scene().code(end(), by) is None


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (OTHER_RESPONSABLE, "groupe_inconnu"),
        (MEMBRE, "groupe_inconnu"),
        (THEIR_ADMIN, "convention_inconnue"),
        (AGENT, "non_permis"),
    ],
)
async def test_nobody_else_does(by: Principal, code: str) -> None:
    assert await Scene().code(end(), by) == code


async def test_who_is_delegated_to_does_not_take_an_administrateur_out() -> None:
    scene = Scene(membre("suppleant", "g1", "declarer"))
    assert await scene.code(end("suppleant"), RESPONSABLE) == "non_permis"
    assert await scene.code(end("suppleant", "declarer"), HABILITEUR) == "non_permis"
    assert await scene.code(end("suppleant"), ADMIN) is None


async def test_leaving_gives_no_right_so_anybody_who_manages_may_leave() -> None:
    scene = Scene(membre("admin", "g1"))
    assert await scene.code(end("admin"), ADMIN) is None


@pytest.mark.parametrize(
    ("user_id", "code"),
    [
        ("u404", "compte_inconnu"),
        ("leur-simple", "compte_inconnu"),
        ("agent", "compte_inconnu"),
        ("simple", "non_membre"),
        ("habiliteur", "non_membre"),
    ],
)
async def test_who_is_not_in_it_is_not_taken_out(user_id: str, code: str) -> None:
    assert await Scene().code(end(user_id)) == code


async def test_people_leave_a_closed_group() -> None:
    scene = Scene(groupe("g1", cloture=days(-1)))
    assert await scene.code(end()) is None
    assert await scene.code(end(), RESPONSABLE) == "groupe_inconnu"  # it is his no more


async def test_caf_does_it_where_management_is_not_delegated() -> None:
    scene = Scene(kept())
    assert await scene.code(end(), ADMIN) == "gestion_non_deleguee"
    assert await scene.code(end(), AGENT) is None


async def test_of_what_is_over_the_newest_are_kept() -> None:
    past = [appartenance(f"n{n}", OPENED, days(-40 + n)) for n in range(MOST_PASSEES)]
    scene = Scene(membre("membre", *past, "g1"))
    (told,) = await scene.facts(end())
    kept = scene.get(Membre, "membre").appartenances
    assert len(kept) == len(told.passees) == MOST_PASSEES
    assert kept[-1].groupe_id == "g1"
    assert "n0" not in {each.groupe_id for each in kept}
