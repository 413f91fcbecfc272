"""Avenant or annexe 3: one administrateur for another, of the same rang, in one step."""

from typing import Any

import pytest

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.membre import Membre
from shared.contracts.conventions import EtatConvention, Rang
from shared.contracts.habilitation_commands import ReplaceAdministrateur
from tests.habilitation.builders import (
    AGENT,
    CONVENTION,
    TODAY,
    Scene,
    convention,
    membre,
    nouvelle,
)
from tests.habilitation.signing import ask, names


def replace(ancien_id: str = "admin", user_id: str = "simple", **own: Any) -> Any:
    return ask(ReplaceAdministrateur, ancien_id=ancien_id, user_id=user_id, **own)


@pytest.mark.parametrize(
    ("ancien_id", "rang"), [("admin", Rang.PRINCIPAL), ("suppleant", Rang.SUPPLEANT)]
)
async def test_the_new_one_has_the_rang_of_the_old(ancien_id: str, rang: Rang) -> None:
    scene = Scene(membre(ancien_id, "habiliter"))
    told = await scene.facts(replace(ancien_id), AGENT)
    assert names(told) == [
        "administrateur_relieved",
        "appartenance_ended",
        "administrateur_designated",
        "appartenance_added",
    ]
    relieved, ended, designated, added = told
    assert (relieved.user_id, ended.user_id) == (ancien_id, ancien_id)
    assert (designated.user_id, added.user_id) == ("simple", "simple")
    assert ancien_id not in relieved.administrateurs
    assert designated.administrateurs == (*relieved.administrateurs, "simple")
    held = {each.user_id: each.rang for each in scene.get(Convention, CONVENTION).administrateurs}
    assert len(held) == 2
    assert held["simple"] is rang
    assert scene.get(Membre, ancien_id).groupes(TODAY) == ()
    assert scene.get(Membre, "simple").groupes(TODAY) == ("habiliter",)


async def test_the_account_of_the_new_one_is_asked_for() -> None:
    told = await Scene().facts(replace(user_id="nouveau", personne=nouvelle()), AGENT)
    assert names(told) == [
        "administrateur_relieved",
        "administrateur_designated",
        "account_requested",
        "appartenance_added",
    ]


REFUSED: dict[str, tuple[str, str, Any]] = {
    "old one is none": ("pas_administrateur", "ancien_id", replace("simple", "membre")),
    "old one of others": ("pas_administrateur", "ancien_id", replace("leur-admin")),
    "by the other": ("deja_administrateur", "user_id", replace(user_id="suppleant")),
    "by himself": ("deja_administrateur", "user_id", replace(user_id="admin")),
    "by nobody": ("compte_inconnu", "user_id", replace(user_id="personne")),
    "by somebody of others": ("compte_inconnu", "user_id", replace(user_id="leur-simple")),
    "by who is there": ("compte_existant", "user_id", replace(personne=nouvelle())),
}


@pytest.mark.parametrize(("code", "field", "asked"), REFUSED.values(), ids=REFUSED)
async def test_what_is_wrong_changes_nothing(code: str, field: str, asked: Any) -> None:
    scene = Scene()
    before = dict(scene.stored)
    refusal = await scene.refusal(asked, AGENT)
    assert refusal is not None
    assert (refusal.code, refusal.field) == (code, field)
    assert scene.stored == before


async def test_only_while_the_convention_is_open() -> None:
    suspended = convention(etat=EtatConvention.SUSPENDUE)
    assert await Scene(suspended).code(replace(), AGENT) == "convention_a_ouvrir"
