"""The identifiant is written again; each sending has its number; nothing else moves."""

from datetime import timedelta

import pytest

from services.identity.domain.errors import NotOpen
from services.identity.domain.frequence import MOST_IDENTIFIANTS
from services.identity.domain.historique import NatureActe
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte
from shared.contracts.identity_commands import ResendIdentifiant
from shared.errors import Outdated
from shared.frequence import TooOften
from tests.identity.builders import IDENTIFIANT, NOW, Scene, compte, facts

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
ASKED = ResendIdentifiant(user_id="u1")


async def test_identifiant_is_written_to_the_present_address() -> None:
    scene = Scene(compte(mail="nouvelle@commune.example"))
    before = scene.compte()
    decision = await scene.ask(scene.use_cases.resend_identifiant, ASKED)
    (fact,) = facts(decision)
    assert (fact.generation, fact.expires_at) == (2, NOW + timedelta(hours=48))
    (sealed,) = scene.sealer.sealed
    assert (sealed["to"], sealed["identifiant"]) == ("nouvelle@commune.example", IDENTIFIANT)
    assert "mot_de_passe" not in sealed
    after = scene.compte()
    assert after.actes[-1].acte is NatureActe.ENVOI_IDENTIFIANT
    assert after.changed(emission=1, actes=(), renvois=()) == before
    assert scene.hasher.hashed == []


async def test_nobody_fills_a_mailbox_with_it() -> None:
    scene = Scene(compte())
    for _ in range(MOST_IDENTIFIANTS):
        await scene.ask(scene.use_cases.resend_identifiant, ASKED)
    with pytest.raises(TooOften):
        await scene.ask(scene.use_cases.resend_identifiant, ASKED, now=NOW + HOUR - SECOND)
    await scene.ask(scene.use_cases.resend_identifiant, ASKED, now=NOW + HOUR)
    assert scene.compte().renvois == (NOW + HOUR,)


async def test_two_of_a_group_do_not_share_a_number() -> None:
    scene = Scene(compte())
    use_case = scene.use_cases.resend_identifiant
    requests = [await scene.prepared(use_case, ASKED) for _ in range(2)]
    with pytest.raises(Outdated):
        scene.decide(use_case, *requests)


async def test_nothing_is_written_to_a_closed_or_coming_account() -> None:
    today = day_of(NOW)
    for shut in (
        compte(cloture=today),
        compte(etat=EtatCompte.A_OUVRIR, ouverture=today + timedelta(days=1)),
    ):
        scene = Scene(shut)
        with pytest.raises(NotOpen):
            await scene.ask(scene.use_cases.resend_identifiant, ASKED)
