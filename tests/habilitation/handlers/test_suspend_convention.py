"""Suspended with a reason: nobody of the partner may do anything."""

import pytest

from services.habilitation.domain.convention import Convention
from shared.contracts.conventions import EtatConvention, ObjetSollicitation
from shared.contracts.habilitation_commands import SolliciterCaf, SuspendConvention
from tests.habilitation.builders import ADMIN, AGENT, CONVENTION, NOW, TODAY, Scene
from tests.habilitation.signing import ask, names, young


async def test_suspension_says_why_and_stops_the_partner() -> None:
    scene = Scene()
    (told,) = await scene.facts(ask(SuspendConvention, motif=" Plan de contrôle "), AGENT)
    assert names([told]) == ["convention_suspended"]
    assert (told.etat, told.motif) == (EtatConvention.SUSPENDUE, "Plan de contrôle")
    assert (told.suspension.at, told.suspension.par) == (NOW, AGENT.id)
    called = SolliciterCaf(
        convention_id=CONVENTION,
        sollicitation_id="s1",
        objet=ObjetSollicitation.AVENANT,
        message="Nous changeons d’adresse.",
    )
    assert await scene.code(called, ADMIN) == "convention_non_ouverte"


async def test_there_is_a_reason() -> None:
    assert await Scene().code(ask(SuspendConvention, motif="  "), AGENT) == "motif_absent"


@pytest.mark.parametrize(
    "etat", [EtatConvention.BROUILLON, EtatConvention.A_SIGNER, EtatConvention.SUSPENDUE]
)
async def test_only_an_open_one_is_suspended(etat: EtatConvention) -> None:
    assert await Scene(young(etat)).code(ask(SuspendConvention), AGENT) == "etat_contraire"


async def test_an_opening_that_nobody_told_yet_is_told_first() -> None:
    scene = Scene(young(EtatConvention.A_SIGNER, ouverture=TODAY, validee=True))
    told = await scene.facts(ask(SuspendConvention), AGENT)
    assert names(told) == ["convention_opened", "convention_suspended"]
    assert [each.etat for each in told] == [EtatConvention.OUVERTE, EtatConvention.SUSPENDUE]
    assert [each.motif for each in told] == [None, "Plan de contrôle"]
    assert [each.suspension is None for each in told] == [True, False]
    assert scene.get(Convention, CONVENTION).etat is EtatConvention.SUSPENDUE
