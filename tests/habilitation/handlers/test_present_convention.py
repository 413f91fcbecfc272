"""A draft is presented once: then it waits for its signatures."""

import pytest

from services.habilitation.domain.convention import Convention
from shared.contracts.conventions import EtatConvention
from shared.contracts.habilitation_commands import PresentConvention
from tests.habilitation.builders import AGENT, CONVENTION, Scene
from tests.habilitation.signing import ask, names, young


async def test_draft_waits_for_its_signatures() -> None:
    scene = Scene(young())
    (told,) = await scene.facts(ask(PresentConvention), AGENT)
    assert (*names([told]), told.etat) == ("convention_presented", EtatConvention.A_SIGNER)
    assert scene.get(Convention, CONVENTION).etat is EtatConvention.A_SIGNER


@pytest.mark.parametrize(
    "etat", [EtatConvention.A_SIGNER, EtatConvention.OUVERTE, EtatConvention.SUSPENDUE]
)
async def test_only_a_draft_is_presented(etat: EtatConvention) -> None:
    assert await Scene(young(etat)).code(ask(PresentConvention), AGENT) == "etat_contraire"
