"""The contrat de service says who manages the habilitations; signed again, it changes that."""

from services.habilitation.domain.convention import Convention
from shared.contracts.conventions import EtatConvention
from shared.contracts.habilitation_commands import SignContrat
from tests.habilitation.builders import AGENT, CONVENTION, TODAY, Scene, days
from tests.habilitation.signing import TOMORROW, ask, names, young


async def test_signed_it_delegates_or_not() -> None:
    for etat in (EtatConvention.BROUILLON, EtatConvention.A_SIGNER, EtatConvention.OUVERTE):
        for delegated in (True, False):
            scene = Scene(young(etat))
            (told,) = await scene.facts(ask(SignContrat, gestion_deleguee=delegated), AGENT)
            assert names([told]) == ["convention_updated"]
            assert (told.contrat, told.gestion_deleguee) == (TODAY, delegated)
            assert scene.get(Convention, CONVENTION).gestion_deleguee is delegated


async def test_signed_again_it_changes_what_was_agreed() -> None:
    scene = Scene()
    (told,) = await scene.facts(ask(SignContrat, gestion_deleguee=False), AGENT)
    assert (told.contrat, told.gestion_deleguee) == (TODAY, False)
    assert await scene.facts(ask(SignContrat, gestion_deleguee=False), AGENT) == []
    (told,) = await scene.facts(ask(SignContrat, gestion_deleguee=False), AGENT, now=TOMORROW)
    assert told.contrat == days(1)
