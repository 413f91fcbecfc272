"""A person is put in a group, by who may, for days to come; nobody gets a second CDAP profile."""

from datetime import date
from typing import Any

import pytest

from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from shared.contracts.comptes import EtatCompte
from shared.contracts.conventions import MOST_APPARTENANCES, EtatConvention
from shared.contracts.habilitation_commands import AddAppartenance
from shared.path.decision import Document
from shared.security.principal import Principal
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    AUDITOR,
    CONVENTION,
    HABILITEUR,
    ITSELF,
    MEMBRE,
    OTHER_AGENT,
    OTHER_CONVENTION,
    OTHER_RESPONSABLE,
    RESPONSABLE,
    SIMPLE,
    SUPPLEANT,
    THEIR_ADMIN,
    THEIR_RESPONSABLE,
    TODAY,
    Scene,
    appartenance,
    convention,
    days,
    groupe,
    kept,
    membre,
    personne,
    role,
)


def add(user_id: str = "simple", groupe_id: str = "g1", **own: Any) -> AddAppartenance:
    values = {"convention_id": CONVENTION, "groupe_id": groupe_id, "user_id": user_id}
    return AddAppartenance(**(values | own))


async def test_person_belongs_to_the_group_from_today_on() -> None:
    scene = Scene()
    decision = await scene.ask(add())
    told: Any = decision.facts[0].fact
    assert [each.fact.TYPE for each in decision.facts] == ["mcp.habilitation.appartenance_added.v1"]
    assert (told.user_id, told.groupe_id) == ("simple", "g1")
    (held,) = told.appartenances
    assert (held.groupe_id, held.debut, held.fin) == ("g1", TODAY, None)
    assert scene.get(Membre, "simple").groupes(TODAY) == ("g1",)
    assert scene.get(Membre, "simple").appartenances[0].par == "admin"
    assert decision.result == {"user_id": "simple", "groupe_id": "g1"}


async def test_whoever_read_the_members_beforehand_sees_that_one_joined() -> None:
    scene = Scene()
    before = scene.get(Groupe, "g1").adhesions
    await scene.ask(add())
    assert scene.get(Groupe, "g1").adhesions == before + 1


async def test_membership_to_come_gives_nothing_before_its_day() -> None:
    scene = Scene()
    await scene.ask(add(debut=days(3), fin=days(5)))
    found = scene.get(Membre, "simple")
    assert [found.groupes(days(n)) for n in (2, 3, 4, 5)] == [(), ("g1",), ("g1",), ()]
    assert found.appartenances[0].debut_dit is False


@pytest.mark.parametrize("by", [ADMIN, SUPPLEANT, RESPONSABLE])
async def test_who_manages_a_group_puts_people_in_it(by: Principal) -> None:
    assert await Scene().code(add(), by) is None


@pytest.mark.parametrize("by", [ADMIN, HABILITEUR, AGENT])
async def test_members_of_afas_declarer_are_who_manages_afas_s(by: Principal) -> None:
    assert await Scene().code(add(groupe_id="declarer"), by) is None


@pytest.mark.parametrize(
    ("by", "code"), [(ADMIN, "non_permis"), (HABILITEUR, "groupe_inconnu"), (AGENT, None)]
)
async def test_members_of_afas_habiliter_are_the_caf_s(by: Principal, code: str | None) -> None:
    assert await Scene().code(add(groupe_id="habiliter"), by) == code


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (OTHER_RESPONSABLE, "groupe_inconnu"),
        (HABILITEUR, "groupe_inconnu"),
        (MEMBRE, "groupe_inconnu"),
        (SIMPLE, "groupe_inconnu"),
        (THEIR_ADMIN, "convention_inconnue"),
        (THEIR_RESPONSABLE, "convention_inconnue"),
        (OTHER_AGENT, "convention_inconnue"),
        (AGENT, "non_permis"),
        (AUDITOR, "non_permis"),
        (ITSELF, "non_permis"),
    ],
)
async def test_nobody_else_does(by: Principal, code: str) -> None:
    assert await Scene().code(add("suppleant"), by) == code


@pytest.mark.parametrize(
    "asked",
    [
        add(groupe_id="g9"),
        add(groupe_id="g404"),
        add(groupe_id="g1", convention_id=OTHER_CONVENTION),
        add("leur-simple"),
        add("u404"),
        add("agent"),
    ],
)
async def test_what_is_of_others_is_unknown(asked: AddAppartenance) -> None:
    assert await Scene().code(asked) in {"groupe_inconnu", "convention_inconnue", "compte_inconnu"}


@pytest.mark.parametrize(("by", "user_id"), [(ADMIN, "admin"), (RESPONSABLE, "resp")])
async def test_nobody_gives_himself_a_right(by: Principal, user_id: str) -> None:
    assert await Scene().code(add(user_id), by) == "pas_pour_soi"


async def test_administrateur_gets_a_right_from_the_other_one() -> None:
    assert await Scene().code(add("admin"), SUPPLEANT) is None


@pytest.mark.parametrize(("by", "groupe_id"), [(RESPONSABLE, "g1"), (HABILITEUR, "declarer")])
async def test_who_is_delegated_to_does_not_touch_an_administrateur(
    by: Principal, groupe_id: str
) -> None:
    assert await Scene().code(add("suppleant", groupe_id), by) == "non_permis"


@pytest.mark.parametrize(
    ("debut", "fin", "code", "field"),
    [
        (days(-1), None, "debut_passe", "debut"),
        (days(2), days(2), "dates_invalides", "fin"),
        (days(2), days(1), "dates_invalides", "fin"),
        (None, TODAY, "dates_invalides", "fin"),
    ],
)
async def test_dates_follow_one_another(
    debut: date | None, fin: date | None, code: str, field: str
) -> None:
    refusal = await Scene().refusal(add(debut=debut, fin=fin))
    assert refusal is not None
    assert (refusal.code, refusal.field) == (code, field)
    assert await Scene().code(add(fin=days(1))) is None


@pytest.mark.parametrize(
    ("groupe_id", "own", "debut", "code"),
    [
        ("g3", {"cloture": TODAY}, None, "groupe_cloture"),
        ("g3", {"cloture": days(3)}, days(3), "groupe_cloture"),
        ("g3", {"cloture": days(3)}, days(2), None),
        ("g3", {"ouverture": days(3)}, None, None),
        ("g3", {"supprime": True}, None, "groupe_inconnu"),
    ],
)
async def test_nobody_joins_a_closed_group(
    groupe_id: str, own: dict[str, Any], debut: date | None, code: str | None
) -> None:
    scene = Scene(groupe(groupe_id, **own))
    assert await scene.code(add(groupe_id=groupe_id, debut=debut)) == code


@pytest.mark.parametrize(
    ("own", "code"),
    [
        ({"etat": EtatCompte.CLOTURE}, "compte_cloture"),
        ({"cloture": TODAY}, "compte_cloture"),
        ({"cloture": days(1)}, None),
        ({"etat": EtatCompte.A_OUVRIR, "ouverture": days(9)}, None),
    ],
)
async def test_closed_account_joins_nothing(own: dict[str, Any], code: str | None) -> None:
    assert await Scene(personne("simple", **own)).code(add()) == code


@pytest.mark.parametrize(
    ("debut", "fin", "code"),
    [
        (None, None, "deja_membre"),
        (days(3), None, "deja_membre"),
        (days(5), None, None),
        (days(5), days(6), None),
    ],
)
async def test_nobody_is_twice_in_a_group_at_the_same_time(
    debut: date | None, fin: date | None, code: str | None
) -> None:
    scene = Scene(membre("simple", appartenance("g1", fin=days(5))))
    assert await scene.code(add(debut=debut, fin=fin)) == code


async def test_who_left_comes_back() -> None:
    scene = Scene(membre("simple", appartenance("g1", fin=days(-1))))
    (told,) = await scene.facts(add())
    assert [each.fin for each in told.appartenances] == [None]
    assert [each.fin for each in told.passees] == [days(-1)]


async def test_second_profile_is_refused_by_the_name_of_the_group_that_holds_the_first() -> None:
    scene = Scene(
        groupe("g3", libelle="T2 Petite enfance", role=role("T2")), membre("simple", "g3")
    )
    refusal = await scene.refusal(add())
    assert refusal is not None
    assert refusal.code == "autre_profil"
    assert refusal.said == (
        "Cette personne a déjà le profil T2 par le groupe « T2 Petite enfance »."
    )


async def test_same_profile_by_two_groups_is_fine() -> None:
    scene = Scene(groupe("g3", role=role("T1")), membre("simple", "g3"))
    assert await scene.code(add()) is None


@pytest.mark.parametrize(("debut", "code"), [(days(4), "autre_profil"), (days(5), None)])
async def test_second_profile_may_follow_the_first(debut: date, code: str | None) -> None:
    held = membre("simple", appartenance("g3", fin=days(5)))
    scene = Scene(groupe("g3", role=role("T2")), held)
    assert await scene.code(add(debut=debut)) == code


@pytest.mark.parametrize(
    ("agreed", "by", "code"),
    [
        (convention(etat=EtatConvention.SUSPENDUE), ADMIN, "convention_non_ouverte"),
        (convention(cloture=TODAY), ADMIN, "convention_non_ouverte"),
        (kept(), ADMIN, "gestion_non_deleguee"),
        (kept(), RESPONSABLE, "gestion_non_deleguee"),
        (kept(), AGENT, None),
        (kept(cloture=TODAY), AGENT, "convention_cloturee"),
    ],
)
async def test_convention_says_who_manages(
    agreed: Document, by: Principal, code: str | None
) -> None:
    assert await Scene(agreed).code(add(), by) == code


async def test_memberships_of_a_person_are_bounded() -> None:
    many = [appartenance(f"n{n}") for n in range(MOST_APPARTENANCES)]
    groupes = [groupe(each.groupe_id) for each in many]
    scene = Scene(*groupes, membre("simple", *many))
    assert await scene.code(add()) == "trop_d_appartenances"
    over = many[0].ended(TODAY, "admin")
    scene.put(membre("simple", over, *many[1:]))
    (told,) = await scene.facts(add())
    assert len(told.appartenances) == MOST_APPARTENANCES
    assert len(told.to_json()) < 64 * 1024


async def test_two_at_once_of_one_group_are_decided_in_turn() -> None:
    scene = Scene()
    scene.put(groupe("g3", role=role("T2")))
    asked = [await scene.prepared(each) for each in (add(), add(groupe_id="g2"))]
    scene.decide(*asked)
    assert scene.get(Membre, "simple").groupes(TODAY) == ("g1", "g2")
    assert await scene.code(add(groupe_id="g3")) == "autre_profil"
