"""Closing, by who may; the responsable of a group first has a successor."""

from datetime import timedelta

import pytest

from services.identity.domain.compte import AdresseReservee
from services.identity.domain.errors import ResponsableToReplace, UserUnknown
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte
from shared.contracts.conventions import EtatConvention
from shared.contracts.identity import UserClosed, UserUpdated
from shared.contracts.identity_commands import CloseUser
from tests.identity.builders import (
    NOW,
    Scene,
    compte,
    convention,
    facts,
    groupe,
    membre,
    partner,
)

KEPT = AdresseReservee(id="zoe@commune.example", user_id="u1")
ASKED = CloseUser(user_id="u1")


async def test_account_is_closed_today_unless_said_otherwise() -> None:
    scene = Scene(compte(), KEPT)
    decision = await scene.ask(scene.use_cases.close_user, ASKED)
    assert isinstance(facts(decision)[0], UserClosed)
    assert scene.compte().cloture == day_of(NOW)
    freed = scene.stored[KEPT.key]
    assert isinstance(freed, AdresseReservee)
    assert freed.user_id is None
    scene = Scene(compte(), KEPT)
    later = CloseUser(user_id="u1", cloture=day_of(NOW) + timedelta(days=30))
    decision = await scene.ask(scene.use_cases.close_user, later)
    assert isinstance(facts(decision)[0], UserUpdated)
    assert scene.compte().etat is EtatCompte.OUVERT


async def test_responsable_is_not_closed_by_anybody_until_he_is_replaced() -> None:
    group = groupe("g1", "u1")
    scene = Scene(compte(), KEPT, group)
    with pytest.raises(ResponsableToReplace):
        await scene.ask(scene.use_cases.close_user, ASKED)
    scene = Scene(compte(), KEPT, group.changed(responsable_id="u2"))
    await scene.ask(scene.use_cases.close_user, ASKED)
    assert scene.compte().etat is EtatCompte.CLOTURE


async def test_responsable_in_a_convention_that_is_over_has_no_successor_to_wait_for() -> None:
    group, today = groupe("g1", "u1"), day_of(NOW)
    for over in (convention(etat=EtatConvention.CLOTUREE), convention(cloture=today)):
        scene = Scene(compte(), KEPT, group, over)
        await scene.ask(scene.use_cases.close_user, ASKED)
        assert scene.compte().etat is EtatCompte.CLOTURE


async def test_responsable_closes_whose_groups_are_all_his() -> None:
    everybody = (
        compte(),
        compte("resp"),
        KEPT,
        groupe("g1", "resp"),
        groupe("g2", "autre"),
        convention(),
    )
    scene = Scene(*everybody, membre("u1", "g1"))
    await scene.ask(scene.use_cases.close_user, ASKED, principal=partner("resp"))
    assert scene.compte().etat is EtatCompte.CLOTURE
    scene = Scene(*everybody, membre("u1", "g2"))
    with pytest.raises(UserUnknown):
        await scene.ask(scene.use_cases.close_user, ASKED, principal=partner("resp"))
