"""The account of somebody new is asked for with the groups to join, by who manages all of them."""

from typing import Any

import pytest

from services.habilitation.domain import demandes
from services.habilitation.domain.demandes import MOST_COMPTES, Demandes
from services.habilitation.imports.fichier import MOST_LINES
from shared.contracts.habilitation_commands import OpenGroupe, RequestAccount
from shared.frequence import WITHIN
from shared.path.decision import Document
from shared.security.principal import Principal
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    AUDITOR,
    CONVENTION,
    HABILITEUR,
    NOW,
    OTHER_AGENT,
    OTHER_CONVENTION,
    RESPONSABLE,
    SIMPLE,
    THEIR_ADMIN,
    TODAY,
    Scene,
    groupe,
    kept,
    nouvelle,
)


def ask(*groupes: str, **own: Any) -> RequestAccount:
    values: dict[str, Any] = {
        "convention_id": CONVENTION,
        "user_id": "nouvelle",
        "personne": nouvelle(),
        "groupes": groupes,
    }
    return RequestAccount(**(values | own))


async def test_identity_is_asked_for_the_account_and_told_the_groups() -> None:
    (told,) = await Scene().facts(ask("g1", "g2"))
    assert told.TYPE == "mcp.habilitation.account_requested.v1"
    assert (told.user_id, told.titre, told.groupes) == ("nouvelle", "utilisateur", ("g1", "g2"))
    assert (told.asked_by, told.caf, told.personne) == ("admin", "931", nouvelle())


async def test_an_account_for_no_group_names_none() -> None:
    (told,) = await Scene().facts(ask())
    assert told.groupes is None


@pytest.mark.parametrize(
    ("by", "groupes"),
    [
        (ADMIN, ()),
        (ADMIN, ("g1", "g2", "declarer")),
        (AGENT, ()),
        (AGENT, ("declarer",)),
        (RESPONSABLE, ("g1",)),
        (HABILITEUR, ("declarer",)),
    ],
)
async def test_who_manages_every_group_may(by: Principal, groupes: tuple[str, ...]) -> None:
    assert await Scene().code(ask(*groupes), by) is None


@pytest.mark.parametrize(
    ("by", "groupes", "code"),
    [
        (ADMIN, ("habiliter",), "non_permis"),
        (AGENT, ("g1",), "non_permis"),
        (RESPONSABLE, (), "non_permis"),
        (RESPONSABLE, ("g1", "g2"), "groupe_inconnu"),
        (HABILITEUR, ("g1",), "groupe_inconnu"),
        (SIMPLE, (), "non_permis"),
        (AUDITOR, (), "non_permis"),
        (OTHER_AGENT, (), "convention_inconnue"),
        (THEIR_ADMIN, ("g1",), "convention_inconnue"),
        (ADMIN, ("g9",), "groupe_inconnu"),
        (ADMIN, ("g1", "inconnu"), "groupe_inconnu"),
    ],
)
async def test_who_does_not_is_refused(by: Principal, groupes: tuple[str, ...], code: str) -> None:
    assert await Scene().code(ask(*groupes), by) == code


@pytest.mark.parametrize(
    ("document", "code"),
    [(kept(), "gestion_non_deleguee"), (groupe("g1", cloture=TODAY), "groupe_cloture")],
)
async def test_what_does_not_go_on_is_refused(document: Document, code: str) -> None:
    assert await Scene(document).code(ask("g1")) == code


async def test_an_account_that_there_is_is_not_asked_for_again() -> None:
    assert await Scene().code(ask(user_id="simple")) == "compte_existant"


async def test_nor_is_it_said_of_others() -> None:
    assert await Scene().code(ask(convention_id=OTHER_CONVENTION)) == "convention_inconnue"


async def test_nobody_asks_for_more_accounts_in_an_hour_than_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(demandes, "MOST_COMPTES", 2)
    scene = Scene()
    named = [ask("g1", user_id=f"nouvelle-{number}") for number in range(5)]
    for each in named[:2]:
        assert await scene.code(each, RESPONSABLE) is None
    assert await scene.code(named[2], RESPONSABLE) == "trop_de_comptes_demandes"
    assert await scene.code(named[2], ADMIN) is None  # counted for each
    responsable = OpenGroupe(
        convention_id=CONVENTION,
        groupe_id="neuf",
        code="NEUF",
        libelle="Neuf",
        responsable_id="nouvelle-3",
        responsable=nouvelle(),
    )
    assert await scene.code(responsable, ADMIN) is None
    assert await scene.code(named[4], ADMIN) == "trop_de_comptes_demandes"
    later = NOW + WITHIN
    assert await scene.code(named[2], RESPONSABLE, now=later) is None
    (kept,) = scene.get(Demandes, CONVENTION).comptes
    assert (kept.par, kept.depuis, kept.nombre) == (RESPONSABLE.id, later, 1)


def test_a_whole_file_may_be_imported_within_the_hour() -> None:
    assert MOST_COMPTES >= MOST_LINES
