"""A person changes groups in one step, by who manages both; a second profile never comes of it."""

from datetime import date
from typing import Any

import pytest

from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from shared.contracts.comptes import EtatCompte
from shared.contracts.habilitation_commands import MoveAppartenance
from shared.security.principal import Principal
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    CONVENTION,
    HABILITEUR,
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
    personne,
    role,
)


def move(
    user_id: str = "membre", depuis: str = "g1", vers: str = "g2", **own: Any
) -> MoveAppartenance:
    values = {
        "convention_id": CONVENTION,
        "groupe_id": depuis,
        "vers_id": vers,
        "user_id": user_id,
    }
    return MoveAppartenance(**(values | own))


async def test_person_leaves_one_group_for_the_other_at_once() -> None:
    scene = Scene()
    decision = await scene.ask(move())
    told: Any = decision.facts[0].fact
    assert [each.fact.TYPE for each in decision.facts] == ["mcp.habilitation.appartenance_moved.v1"]
    assert (told.depuis_id, told.groupe_id) == ("g1", "g2")
    (held,) = told.appartenances
    assert (held.groupe_id, held.debut, held.fin) == ("g2", TODAY, None)
    (over,) = told.passees
    assert (over.groupe_id, over.fin, over.fin_par) == ("g1", TODAY, "admin")
    assert scene.get(Membre, "membre").groupes(TODAY) == ("g2",)
    assert decision.result == {"user_id": "membre", "groupe_id": "g2"}


async def test_only_the_group_that_is_joined_counts_one_more() -> None:
    scene = Scene()
    before = {each: scene.get(Groupe, each).adhesions for each in ("g1", "g2")}
    await scene.ask(move())
    after = {each: scene.get(Groupe, each).adhesions for each in ("g1", "g2")}
    assert after == before | {"g2": before["g2"] + 1}


async def test_move_to_come_keeps_the_end_that_was_said() -> None:
    scene = Scene(membre("membre", appartenance("g1", fin=days(9))))
    await scene.ask(move(le=days(3)))
    found = scene.get(Membre, "membre")
    assert [found.groupes(days(n)) for n in (2, 3, 8, 9)] == [("g1",), ("g2",), ("g2",), ()]


async def test_membership_to_come_is_moved_from_its_first_day() -> None:
    scene = Scene(membre("membre", appartenance("g1", debut=days(3))))
    assert await scene.code(move()) == "non_membre"
    (told,) = await scene.facts(move(le=days(3)))
    assert [(each.groupe_id, each.debut) for each in told.appartenances] == [("g2", days(3))]
    assert told.passees == ()


async def test_profile_changes_with_the_group() -> None:
    scene = Scene(groupe("g3", role=role("T2")))
    assert await scene.code(move(vers="g3")) is None


async def test_profile_that_another_group_gives_forbids_it() -> None:
    scene = Scene(groupe("g3", role=role("T2")), groupe("g4", role=role("T1")))
    scene.put(membre("membre", "g1", "g4"))
    assert await scene.code(move(vers="g3")) == "autre_profil"


async def test_who_manages_both_moves_people() -> None:
    scene = Scene()
    assert await scene.code(move(), RESPONSABLE) == "groupe_inconnu"
    scene.put(groupe("g2", "resp"))
    assert await scene.code(move(), RESPONSABLE) is None
    assert await scene.code(move("habiliteur", "habiliter", "declarer"), AGENT) is None


@pytest.mark.parametrize(
    ("asked", "by", "code", "field"),
    [
        (move(vers="g404"), ADMIN, "groupe_inconnu", "vers_id"),
        (move(vers="g9"), ADMIN, "groupe_inconnu", "vers_id"),
        (move(vers="g2"), RESPONSABLE, "groupe_inconnu", "vers_id"),
        (move(depuis="g9"), ADMIN, "groupe_inconnu", "groupe_id"),
        (move(vers="g1"), ADMIN, "meme_groupe", "vers_id"),
        (move(vers="habiliter"), ADMIN, "non_permis", None),
        (move("habiliteur", "habiliter", "declarer"), ADMIN, "non_permis", None),
        (move("suppleant"), RESPONSABLE, "non_permis", None),
        (move(le=days(-1)), ADMIN, "debut_passe", "le"),
        (move("simple"), ADMIN, "non_membre", "user_id"),
        (move("leur-simple"), ADMIN, "compte_inconnu", "user_id"),
        (move("u404"), ADMIN, "compte_inconnu", "user_id"),
        (move(), THEIR_ADMIN, "convention_inconnue", "convention_id"),
        (move(), AGENT, "non_permis", None),
        (move(vers="declarer"), HABILITEUR, "groupe_inconnu", "groupe_id"),
    ],
)
async def test_what_is_refused(
    asked: MoveAppartenance, by: Principal, code: str, field: str | None
) -> None:
    refusal = await Scene().refusal(asked, by)
    assert refusal is not None
    assert (refusal.code, refusal.field) == (code, field)


async def test_nobody_moves_himself() -> None:
    scene = Scene(membre("admin", "g1"))
    assert await scene.code(move("admin"), ADMIN) == "pas_pour_soi"
    assert await scene.code(move("admin"), SUPPLEANT) is None


@pytest.mark.parametrize(
    ("cloture", "le", "code"),
    [(TODAY, None, "groupe_cloture"), (days(3), days(3), "groupe_cloture"), (days(3), None, None)],
)
async def test_nobody_moves_to_a_closed_group(
    cloture: date, le: date | None, code: str | None
) -> None:
    refusal = await Scene(groupe("g2", cloture=cloture)).refusal(move(le=le))
    assert (refusal and refusal.code) == code
    if refusal is not None:
        assert refusal.field == "vers_id"


async def test_people_move_out_of_a_closed_group() -> None:
    assert await Scene(groupe("g1", cloture=days(-1))).code(move()) is None


async def test_closed_account_does_not_move() -> None:
    scene = Scene(personne("membre", etat=EtatCompte.CLOTURE))
    assert await scene.code(move()) == "compte_cloture"


async def test_nobody_is_twice_in_the_group_moved_to() -> None:
    assert await Scene(membre("membre", "g1", "g2")).code(move()) == "deja_membre"


async def test_caf_does_it_where_management_is_not_delegated() -> None:
    scene = Scene(kept())
    assert await scene.code(move(), ADMIN) == "gestion_non_deleguee"
    assert await scene.code(move(), AGENT) is None
