"""Reopening, by who may; an account that never opened gets its two mails."""

from datetime import date

import pytest

from services.identity.domain.compte import AdresseReservee
from services.identity.domain.errors import (
    ConventionOver,
    MailTaken,
    MailUnavailable,
    NotPermitted,
)
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte
from shared.contracts.conventions import EtatConvention
from shared.contracts.identity_commands import ReopenUser
from tests.identity.builders import NOW, PARTNER, Scene, compte, convention, facts

FREED = AdresseReservee(id="zoe@commune.example", user_id=None)
CLOSED = compte(etat=EtatCompte.CLOTURE, cloture=date(2025, 3, 1))
ASKED = ReopenUser(user_id="u1")


async def test_closed_account_is_open_again_and_no_hash_is_made() -> None:
    scene = Scene(CLOSED, FREED)
    decision = await scene.ask(scene.use_cases.reopen_user, ASKED)
    assert scene.compte().etat is EtatCompte.OUVERT
    assert [fact.TYPE.split(".")[2] for fact in facts(decision)] == ["user_reopened"]
    assert scene.hasher.hashed == []


async def test_account_that_never_opened_gets_its_mails() -> None:
    scene = Scene(CLOSED.changed(generation=0, emission=0, mot_de_passe=None), FREED)
    decision = await scene.ask(scene.use_cases.reopen_user, ASKED)
    assert [fact.TYPE.split(".")[2] for fact in facts(decision)] == [
        "user_reopened",
        "identifiant_issued",
        "temporary_password_issued",
    ]
    assert scene.sealer.sealed[0]["identifiant"] == CLOSED.identifiant


async def test_what_is_refused_costs_no_hash() -> None:
    scene = Scene(CLOSED.changed(generation=0, emission=0), FREED)
    with pytest.raises(NotPermitted):
        await scene.ask(scene.use_cases.reopen_user, ASKED, principal=PARTNER)
    assert scene.hasher.hashed == []


async def test_address_taken_meanwhile_refuses() -> None:
    scene = Scene(CLOSED, FREED.changed(user_id="u9"), compte("u9"))
    with pytest.raises(MailTaken):
        await scene.ask(scene.use_cases.reopen_user, ASKED)
    scene = Scene(CLOSED, FREED.changed(user_id="u9"), compte("u9", caf="831"))
    with pytest.raises(MailUnavailable):
        await scene.ask(scene.use_cases.reopen_user, ASKED)
    scene = Scene(CLOSED, FREED.changed(user_id="u9"), compte("u9", cloture=day_of(NOW)))
    await scene.ask(scene.use_cases.reopen_user, ASKED)
    assert scene.compte().etat is EtatCompte.OUVERT


async def test_nobody_is_reopened_in_a_closed_convention() -> None:
    scene = Scene(CLOSED, FREED, convention(etat=EtatConvention.CLOTUREE))
    with pytest.raises(ConventionOver):
        await scene.ask(scene.use_cases.reopen_user, ASKED)
