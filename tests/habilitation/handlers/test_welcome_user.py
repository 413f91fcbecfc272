"""An account was created for groups: its person is their member, or a fact tells why not; once."""

from typing import Any

import pytest

from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.personne import Personne
from shared.contracts.comptes import EtatCompte, GenreCompte, Poste
from shared.contracts.conventions import EtatConvention
from shared.contracts.habilitation_commands import EndAppartenance
from shared.contracts.identity import UserCreated
from shared.path.decision import Decision, Document
from tests.habilitation.builders import (
    ADMIN,
    CONVENTION,
    ITSELF,
    NOW,
    OTHER_CONVENTION,
    TODAY,
    Scene,
    convention,
    days,
    groupe,
    kept,
    membre,
    personne,
    role,
)


def created(*groupes: str, by: str = "admin", **own: Any) -> UserCreated:
    values: dict[str, Any] = {
        "user_id": "neuf",
        "convention_id": CONVENTION,
        "at": NOW,
        "genre": GenreCompte.PARTENAIRE,
        "nom": "Benali",
        "prenom": "Aïcha",
        "mail": "aicha.benali@commune.example",
        "poste": Poste.SEDENTAIRE,
        "etat": EtatCompte.OUVERT,
        "created_by": by,
        "groupes": groupes or None,
    }
    return UserCreated(**(values | own))


def scene_with(*documents: Document) -> Scene:
    """identity told of the person: the copy knows no less than the fact."""
    return Scene(personne("neuf"), *documents)


def told(decision: Decision) -> list[tuple[str, str, str | None]]:
    """What is told: of which group, and why not."""
    return [
        (each.TYPE.split(".")[2], each.groupe_id, getattr(each, "motif", None))
        for each in [told.fact for told in decision.facts]
        if hasattr(each, "groupe_id")
    ]


async def test_person_is_member_of_the_groups_asked_for() -> None:
    scene = scene_with()
    decision = await scene.ask(created("g1", "g2"), ITSELF)
    assert told(decision) == [
        ("appartenance_added", "g1", None),
        ("appartenance_added", "g2", None),
    ]
    found = scene.get(Membre, "neuf")
    assert found.groupes(TODAY) == ("g1", "g2")
    assert {each.par for each in found.appartenances} == {"admin"}
    assert scene.get(Groupe, "g2").adhesions == 1


async def test_what_is_refused_is_told_to_who_created_the_account() -> None:
    scene = scene_with(groupe("g3", role=role("T2"), code="T2PE"))
    decision = await scene.ask(created("g1", "g3", "g2"), ITSELF)
    assert told(decision) == [
        ("appartenance_added", "g1", None),
        ("appartenance_refused", "g3", "autre_profil"),
        ("appartenance_added", "g2", None),
    ]
    refused: Any = decision.facts[1].fact
    assert (refused.asked_by, refused.code) == ("admin", "T2PE")
    assert [each.groupe_id for each in refused.appartenances] == ["g1"]


@pytest.mark.parametrize(
    ("by", "groupe_id", "motif"),
    [
        ("admin", "g1", None),
        ("resp", "g1", None),
        ("habiliteur", "declarer", None),
        ("agent", "declarer", None),
        ("agent", "habiliter", None),
        ("agent", "g1", "non_permis"),
        ("autre-resp", "g1", "groupe_inconnu"),
        ("membre", "g1", "groupe_inconnu"),
        ("admin", "habiliter", "non_permis"),
        ("admin", "g9", "groupe_inconnu"),
        ("admin", "g404", "groupe_inconnu"),
        ("leur-admin", "g1", "convention_inconnue"),
        ("autre-agent", "g1", "convention_inconnue"),
        ("auditeur", "g1", "non_permis"),
        ("u404", "g1", "groupe_inconnu"),
        ("neuf", "g1", "groupe_inconnu"),
    ],
)
async def test_right_is_that_of_who_created_the_account(
    by: str, groupe_id: str, motif: str | None
) -> None:
    decision = await scene_with().ask(created(groupe_id, by=by), ITSELF)
    name = "appartenance_added" if motif is None else "appartenance_refused"
    assert told(decision) == [(name, groupe_id, motif)]


@pytest.mark.parametrize(
    ("by", "groupe_id", "motif"),
    [
        ("admin", "g1", None),
        ("resp", "g1", None),
        ("habiliteur", "declarer", None),
        ("resp", "g2", "groupe_inconnu"),
        ("simple", "g1", "groupe_inconnu"),
    ],
)
async def test_who_created_it_may_be_told_of_later_than_what_he_created(
    by: str, groupe_id: str, motif: str | None
) -> None:
    scene = scene_with()
    del scene.stored[Personne.key_of(by)]
    name = "appartenance_added" if motif is None else "appartenance_refused"
    decision = await scene.ask(created(groupe_id, by=by), ITSELF)
    assert told(decision) == [(name, groupe_id, motif)]


async def test_code_of_a_group_of_others_is_not_told() -> None:
    (fact,) = await scene_with().facts(created("g9"), ITSELF)
    assert fact.code is None


@pytest.mark.parametrize(
    ("document", "motif"),
    [
        (convention(etat=EtatConvention.SUSPENDUE), "convention_non_ouverte"),
        (kept(), "gestion_non_deleguee"),
        (groupe("g1", cloture=TODAY), "groupe_cloture"),
        (personne("neuf", etat=EtatCompte.CLOTURE), "compte_cloture"),
        (personne("neuf", convention_id=OTHER_CONVENTION), "compte_inconnu"),
        (personne("admin", cloture=TODAY), "non_permis"),
    ],
)
async def test_rule_that_forbids_it_is_the_reason_that_is_told(
    document: Document, motif: str
) -> None:
    decision = await scene_with(document).ask(created("g1"), ITSELF)
    assert told(decision) == [("appartenance_refused", "g1", motif)]
    assert decision.writes[0].key == Membre.key_of("neuf")


async def test_convention_that_is_unknown_is_the_reason_that_is_told() -> None:
    decision = await scene_with().ask(created("g1", convention_id="99_1"), ITSELF)
    assert told(decision) == [("appartenance_refused", "g1", "convention_inconnue")]


async def test_account_created_for_no_group_is_nothing_to_look_at() -> None:
    scene = scene_with()
    for fact in (created(), created("g1", convention_id=None)):
        assert await scene.ask(fact, ITSELF) == Decision()
    assert Membre.key_of("neuf") not in scene.stored


async def test_old_fact_repeated_does_nothing() -> None:
    scene = scene_with()
    await scene.ask(created("g1"), ITSELF)
    out = EndAppartenance(convention_id=CONVENTION, groupe_id="g1", user_id="neuf")
    await scene.ask(out, ADMIN)
    assert await scene.ask(created("g1"), ITSELF) == Decision()
    assert scene.get(Membre, "neuf").groupes(TODAY) == ()


async def test_refusal_is_told_once() -> None:
    scene = scene_with()
    assert len(await scene.facts(created("g404"), ITSELF)) == 1
    assert await scene.ask(created("g404"), ITSELF) == Decision()


async def test_who_was_put_in_it_already_is_neither_put_twice_nor_refused() -> None:
    scene = scene_with(membre("neuf", "g1"))
    assert told(await scene.ask(created("g1", "g2", "g2"), ITSELF)) == [
        ("appartenance_added", "g2", None)
    ]
    assert scene.get(Membre, "neuf").groupes(days(1)) == ("g1", "g2")
