"""The Caf designates the administrateurs: a principal, an optional suppléant [seed 000]."""

from typing import Any

import pytest

from services.habilitation.domain.convention import Administrateur, Convention
from services.habilitation.domain.errors_appartenances import TooManyAppartenances
from services.habilitation.domain.membre import Membre
from shared.contracts.comptes import EtatCompte
from shared.contracts.conventions import MOST_APPARTENANCES, EtatConvention, Rang
from shared.contracts.habilitation_commands import DesignateAdministrateur
from shared.path.decision import Document
from tests.habilitation.builders import (
    AGENT,
    CONVENTION,
    NOW,
    OTHER_CONVENTION,
    SIGNED,
    TODAY,
    Scene,
    convention,
    days,
    groupe,
    membre,
    nouvelle,
    personne,
)
from tests.habilitation.signing import ask, names

ALONE = (Administrateur(user_id="admin", rang=Rang.PRINCIPAL, depuis=SIGNED),)


def nobody(**own: Any) -> Convention:
    return convention(**({"administrateurs": ()} | own))


def designate(user_id: str = "simple", rang: Rang = Rang.PRINCIPAL, **own: Any) -> Any:
    return ask(DesignateAdministrateur, user_id=user_id, rang=rang, **own)


async def test_designated_he_is_told_and_joins_afas_habiliter() -> None:
    scene = Scene(nobody())
    told = await scene.facts(designate(), AGENT)
    assert names(told) == ["administrateur_designated", "appartenance_added"]
    assert (told[0].user_id, told[0].administrateurs) == ("simple", ("simple",))
    (named,) = scene.get(Convention, CONVENTION).administrateurs
    assert named == Administrateur(user_id="simple", rang=Rang.PRINCIPAL, depuis=NOW)
    assert scene.get(Membre, "simple").groupes(TODAY) == ("habiliter",)


async def test_without_afas_he_belongs_to_nothing() -> None:
    closed = groupe("habiliter", "admin", nature="afas_habiliter", cloture=TODAY)
    told = await Scene(nobody(), closed).facts(designate(), AGENT)
    assert names(told) == ["administrateur_designated"]


async def test_his_account_is_asked_for_where_there_is_none() -> None:
    scene = Scene(nobody())
    told = await scene.facts(designate("nouveau", personne=nouvelle()), AGENT)
    assert names(told) == ["administrateur_designated", "account_requested", "appartenance_added"]
    asked = told[1]
    assert (asked.user_id, asked.titre, asked.asked_by) == ("nouveau", "administrateur", AGENT.id)
    assert (asked.personne, asked.caf, asked.convention_id) == (nouvelle(), "931", CONVENTION)


async def test_who_is_to_be_somebody_of_others_joins_nothing_here() -> None:
    """Designated elsewhere, and his account not told of yet: his memberships are theirs."""
    theirs = membre("nouveau", "g9", convention_id=OTHER_CONVENTION)
    scene = Scene(nobody(), theirs)
    assert await scene.code(designate("nouveau", personne=nouvelle()), AGENT) == "compte_inconnu"
    assert scene.get(Membre, "nouveau") == theirs


async def test_the_other_rang_is_for_another_person() -> None:
    scene = Scene(convention(administrateurs=ALONE))
    told = await scene.facts(designate(rang=Rang.SUPPLEANT), AGENT)
    assert told[0].administrateurs == ("admin", "simple")
    assert await scene.code(designate("membre", Rang.SUPPLEANT), AGENT) == "rang_pris"


async def test_a_suppleant_may_stand_alone() -> None:
    assert await Scene(nobody()).code(designate(rang=Rang.SUPPLEANT), AGENT) is None


@pytest.mark.parametrize("rang", Rang)
async def test_there_are_never_three(rang: Rang) -> None:
    refusal = await Scene().refusal(designate(rang=rang), AGENT)
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("rang_pris", "rang")
    assert "{" not in refusal.said


async def test_nobody_is_administrateur_twice() -> None:
    scene = Scene(convention(administrateurs=ALONE))
    assert await scene.code(designate("admin", Rang.SUPPLEANT), AGENT) == "deja_administrateur"


REFUSED: dict[str, tuple[str, Any, tuple[Document, ...]]] = {
    "unknown": ("compte_inconnu", designate("personne"), ()),
    "of others": ("compte_inconnu", designate("leur-simple"), ()),
    "an agent": ("compte_inconnu", designate("agent"), ()),
    "closed": (
        "compte_non_ouvert",
        designate(),
        (personne("simple", etat=EtatCompte.CLOTURE),),
    ),
    "closes today": ("compte_non_ouvert", designate(), (personne("simple", cloture=TODAY),)),
    "to open": ("compte_non_ouvert", designate(), (personne("simple", ouverture=days(1)),)),
    "there already": ("compte_existant", designate(personne=nouvelle()), ()),
}


@pytest.mark.parametrize(("code", "asked", "people"), REFUSED.values(), ids=REFUSED)
async def test_he_is_somebody_of_the_convention_or_is_made(
    code: str, asked: Any, people: tuple[Document, ...]
) -> None:
    refusal = await Scene(nobody(), *people).refusal(asked, AGENT)
    assert refusal is not None
    assert (refusal.code, refusal.field) == (code, "user_id")


@pytest.mark.parametrize(
    "etat", [EtatConvention.BROUILLON, EtatConvention.A_SIGNER, EtatConvention.SUSPENDUE]
)
async def test_only_while_the_convention_is_open(etat: EtatConvention) -> None:
    refusal = await Scene(nobody(etat=etat, validee=False)).refusal(designate(), AGENT)
    assert refusal is not None
    assert refusal.code == "convention_a_ouvrir"
    assert "{" not in refusal.said


async def test_two_of_one_group_of_messages_are_decided_in_order() -> None:
    scene = Scene(nobody())
    asked = [await scene.prepared(designate(rang=each), AGENT) for each in Rang]
    asked[1] = await scene.prepared(designate("membre", Rang.SUPPLEANT), AGENT)
    scene.decide(*asked)
    people = scene.get(Convention, CONVENTION).administrateurs
    assert [each.user_id for each in people] == ["simple", "membre"]
    assert scene.get(Membre, "membre").groupes(TODAY) == ("g1", "habiliter")


async def test_who_was_put_there_before_stays_there_for_good() -> None:
    scene = Scene(nobody(), membre("simple", "habiliter"))
    assert names(await scene.facts(designate(), AGENT)) == ["administrateur_designated"]


async def test_who_is_in_as_many_groups_as_one_fact_tells_is_not_designated() -> None:
    full = membre("simple", *(f"g{place}" for place in range(MOST_APPARTENANCES)))
    assert await Scene(nobody(), full).code(designate(), AGENT) == TooManyAppartenances.code
