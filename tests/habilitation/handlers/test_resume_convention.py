"""The suspension is over: its reason goes with it."""

import pytest

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.mention import Mention
from shared.contracts.conventions import EtatConvention
from shared.contracts.habilitation_commands import ResumeConvention
from tests.habilitation.builders import AGENT, CONVENTION, NOW, SIGNED, TODAY, Scene, convention
from tests.habilitation.signing import ask, names, young


async def test_it_is_open_again() -> None:
    since = Mention(at=SIGNED, par="autre")
    suspended = convention(
        etat=EtatConvention.SUSPENDUE, motif="Plan de contrôle", suspension=since
    )
    scene = Scene(suspended)
    (told,) = await scene.facts(ask(ResumeConvention), AGENT)
    assert names([told]) == ["convention_resumed"]
    assert (told.etat, told.motif) == (EtatConvention.OUVERTE, None)
    assert (told.suspension, told.reprise.at, told.reprise.par) == (None, NOW, AGENT.id)
    assert scene.get(Convention, CONVENTION).is_open(TODAY)


@pytest.mark.parametrize(
    "etat", [EtatConvention.BROUILLON, EtatConvention.A_SIGNER, EtatConvention.OUVERTE]
)
async def test_only_a_suspended_one_is_resumed(etat: EtatConvention) -> None:
    assert await Scene(young(etat)).code(ask(ResumeConvention), AGENT) == "etat_contraire"
