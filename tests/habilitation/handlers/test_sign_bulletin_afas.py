"""The bulletin of AFAS makes the two groups of the Caf, with their responsable [seed 001]."""

from typing import Any

import pytest

from services.habilitation.domain.afas import CODES
from services.habilitation.domain.groupe import CodeReserve, Groupe
from services.habilitation.domain.membre import Membre
from shared.contracts.comptes import EtatCompte
from shared.contracts.conventions import CodeService, EtatConvention, NatureGroupe
from shared.contracts.habilitation_commands import SignBulletin, TerminateBulletin
from shared.contracts.habilitation_demandes import AccountRequested
from shared.path.decision import Document
from tests.habilitation.builders import (
    AGENT,
    CONVENTION,
    NOW,
    TODAY,
    Scene,
    appartenance,
    cdap,
    convention,
    days,
    membre,
    nouvelle,
    personne,
)
from tests.habilitation.signing import ask, names

AFAS = CodeService.AFAS
HABILITER, DECLARER = NatureGroupe.AFAS_HABILITER, NatureGroupe.AFAS_DECLARER


def sign(responsable_id: str | None = "simple", **own: Any) -> Any:
    return ask(SignBulletin, service=AFAS, responsable_id=responsable_id, **own)


def without_afas(*documents: Document, **own: Any) -> Scene:
    """Before the bulletin: neither the service nor the groups."""
    scene = Scene(convention(services=(cdap(),), **own), *documents)
    for code in CODES.values():
        del scene.stored[CodeReserve.key_of(CodeReserve.id_for(CONVENTION, code))]
    for groupe_id in ("habiliter", "declarer"):
        del scene.stored[Groupe.key_of(groupe_id)]
    scene.put(*documents)
    return scene


def groupe(scene: Scene, nature: NatureGroupe) -> Groupe:
    reserved = scene.get(CodeReserve, CodeReserve.id_for(CONVENTION, CODES[nature]))
    assert reserved.groupe_id is not None
    return scene.get(Groupe, reserved.groupe_id)


async def test_both_groups_are_made_and_the_administrateurs_belong_to_one() -> None:
    scene = without_afas()
    told = await scene.facts(sign(), AGENT)
    assert names(told) == [
        "service_opened",
        "groupe_opened",
        "groupe_opened",
        "appartenance_added",
        "appartenance_added",
    ]
    assert [each.code for each in told[1:3]] == ["AFAS-HABILITER", "AFAS-DECLARER"]
    for each in told[1:3]:
        assert (each.responsable_id, each.role.service, each.ouverture) == ("simple", AFAS, TODAY)
        assert (each.role_attribue.at, each.role_attribue.par) == (NOW, AGENT.id)
    habiliter = groupe(scene, HABILITER)
    assert [each.user_id for each in told[3:]] == ["admin", "suppleant"]
    for user_id in ("admin", "suppleant"):
        assert scene.get(Membre, user_id).groupes(TODAY) == (habiliter.id,)
    assert habiliter.adhesions == 2
    assert groupe(scene, DECLARER).adhesions == 0


async def test_the_ids_of_the_groups_depend_on_the_convention_only() -> None:
    first, second = without_afas(), without_afas()
    for scene in (first, second):
        await scene.ask(sign(), AGENT)
    for nature in CODES:
        assert groupe(first, nature).id == groupe(second, nature).id
    assert groupe(first, HABILITER).id != groupe(first, DECLARER).id


async def test_the_account_of_the_responsable_is_asked_for() -> None:
    scene = without_afas()
    told = await scene.facts(sign("nouveau", responsable=nouvelle()), AGENT)
    (asked,) = [each for each in told if isinstance(each, AccountRequested)]
    assert (asked.user_id, asked.titre, asked.asked_by) == ("nouveau", "responsable", AGENT.id)
    assert (asked.personne, asked.caf, asked.at) == (nouvelle(), "931", NOW)
    assert groupe(scene, DECLARER).responsable_id == "nouveau"


async def test_asked_again_on_the_same_day_the_account_is_still_asked_for() -> None:
    scene = without_afas()
    await scene.ask(sign(), AGENT)
    told = await scene.facts(sign("nouveau", responsable=nouvelle()), AGENT)
    assert names(told) == ["account_requested", "groupe_updated", "groupe_updated"]


REFUSED: dict[str, tuple[str, Any, tuple[Document, ...]]] = {
    "nobody": ("responsable_absent", sign(None), ()),
    "unknown": ("compte_inconnu", sign("personne"), ()),
    "of others": ("compte_inconnu", sign("leur-simple"), ()),
    "an agent": ("compte_inconnu", sign("agent"), ()),
    "closed": (
        "compte_non_ouvert",
        sign(),
        (personne("simple", etat=EtatCompte.CLOTURE),),
    ),
    "to open": ("compte_non_ouvert", sign(), (personne("simple", ouverture=days(1)),)),
    "there already": ("compte_existant", sign("simple", responsable=nouvelle()), ()),
}


async def test_an_account_to_be_made_has_an_id() -> None:
    """The groups go on; who was meant to be their responsable is not forgotten in silence."""
    scene = Scene()
    assert await scene.code(sign(None), AGENT) is None
    assert await scene.code(sign(None, responsable=nouvelle()), AGENT) == "responsable_absent"


@pytest.mark.parametrize(("code", "asked", "people"), REFUSED.values(), ids=REFUSED)
async def test_the_responsable_is_somebody_of_the_convention(
    code: str, asked: Any, people: tuple[Document, ...]
) -> None:
    refusal = await without_afas(*people).refusal(asked, AGENT)
    assert refusal is not None
    assert (refusal.code, refusal.field) == (code, "responsable_id")


@pytest.mark.parametrize(
    "etat", [EtatConvention.BROUILLON, EtatConvention.A_SIGNER, EtatConvention.SUSPENDUE]
)
async def test_nobody_is_named_while_the_convention_is_not_open(etat: EtatConvention) -> None:
    scene = without_afas(etat=etat, validee=False)
    assert await scene.code(sign(), AGENT) == "convention_a_ouvrir"


async def test_signed_again_the_groups_stay_unless_another_responsable_is_named() -> None:
    scene = Scene()
    told = await scene.facts(sign(None), AGENT)
    assert names(told) == ["service_updated"]
    told = await scene.facts(sign("simple"), AGENT)
    assert names(told) == ["groupe_updated"] * 2 + ["appartenance_added"] * 2
    assert [groupe(scene, each).responsable_id for each in CODES] == ["simple", "simple"]


async def test_with_the_bulletin_the_groups_end_and_with_another_they_go_on() -> None:
    scene = Scene()
    told = await scene.facts(ask(TerminateBulletin, service=AFAS), AGENT)
    assert names(told) == ["service_closed", "groupe_closed", "groupe_closed"]
    assert not any(groupe(scene, each).goes_on(TODAY) for each in CODES)
    assert await scene.code(sign(None), AGENT) == "responsable_absent"
    told = await scene.facts(sign(), AGENT)
    assert names(told) == [
        "service_opened",
        "groupe_reopened",
        "groupe_reopened",
        "appartenance_added",
        "appartenance_added",
    ]
    assert groupe(scene, HABILITER).id == "habiliter"
    assert all(groupe(scene, each).is_open(TODAY) for each in CODES)


async def test_an_administrateur_who_is_there_already_does_not_come_twice() -> None:
    kept = membre("admin", "habiliter")
    leaving = membre("suppleant", appartenance("habiliter", fin=days(3)))
    scene = Scene(kept, leaving)
    told = await scene.facts(sign(), AGENT)
    assert [each.user_id for each in told if "appartenance" in each.TYPE] == ["suppleant"]
    assert scene.get(Membre, "admin") == kept
    (stays,) = scene.get(Membre, "suppleant").appartenances
    assert (stays.debut, stays.fin) == (leaving.appartenances[0].debut, None)
