"""The Caf starts a reset and sees nothing of it; the password in use stays good."""

import pytest

from services.identity.domain.errors import NotOpen, NotPermitted, UserUnknown
from services.identity.domain.historique import NatureActe
from services.identity.domain.reinitialisation import TooManyResets
from shared.calendrier import day_of
from shared.contracts.identity import PasswordReset, TemporaryPasswordIssued
from shared.contracts.identity_commands import ResetPassword
from tests.identity.builders import (
    AGENT,
    NOW,
    Scene,
    compte,
    convention,
    facts,
    hash_of,
    partner,
    temporary,
)

ASKED = ResetPassword(user_id="u1")


async def test_new_temporary_password_cancels_the_last_and_leaves_the_password_in_use() -> None:
    scene = Scene(compte(provisoire=temporary()))
    before = scene.compte()
    decision = await scene.ask(scene.use_cases.reset_password, ASKED)
    told, issued = facts(decision)
    assert isinstance(told, PasswordReset)
    assert isinstance(issued, TemporaryPasswordIssued)
    assert (told.asked_by, told.generation, issued.generation) == (AGENT.id, 2, 2)
    after = scene.compte()
    assert after.mot_de_passe == before.mot_de_passe
    assert after.provisoire is not None
    assert after.provisoire.hash == hash_of(scene.hasher.hashed[0])
    assert (after.actes[-1].acte, after.actes[-1].par) == (NatureActe.REINITIALISATION, AGENT.id)
    assert decision.result == {"user_id": "u1"}


async def test_administrateur_manages_people_and_not_their_passwords() -> None:
    scene = Scene(compte(), compte("admin"), convention(administrateurs=("admin",)))
    with pytest.raises(NotPermitted):
        await scene.ask(scene.use_cases.reset_password, ASKED, principal=partner("admin"))
    assert scene.hasher.hashed == []


async def test_unknown_or_closed_account_is_refused() -> None:
    scene = Scene()
    with pytest.raises(UserUnknown):
        await scene.ask(scene.use_cases.reset_password, ASKED)
    scene = Scene(compte(cloture=day_of(NOW)))
    with pytest.raises(NotOpen):
        await scene.ask(scene.use_cases.reset_password, ASKED)


async def test_mailbox_is_not_filled() -> None:
    scene = Scene(compte())
    for _ in range(3):
        await scene.ask(scene.use_cases.reset_password, ASKED)
    with pytest.raises(TooManyResets):
        await scene.ask(scene.use_cases.reset_password, ASKED)
