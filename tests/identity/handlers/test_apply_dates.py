"""The day has come: the scheduler says so, the account opens with its mails, or closes."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.identity.domain.compte import AdresseReservee, Compte
from services.identity.domain.errors import NotPermitted, UserUnknown
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte
from shared.contracts.identity_commands import ApplyDates
from shared.errors import Outdated
from shared.path.decision import Decision
from shared.security.principal import Principal
from tests.identity.builders import (
    AGENT,
    DAY,
    ITSELF,
    NOW,
    OTHER_SERVICE,
    PARTNER,
    Scene,
    convention,
    facts,
    groupe,
)
from tests.identity.builders import compte as account

TODAY = day_of(NOW)
TOMORROW = TODAY + timedelta(days=1)
KEPT = AdresseReservee(id="zoe@commune.example", user_id="u1")


def waiting(**own: Any) -> Compte:
    values: dict[str, Any] = {
        "etat": EtatCompte.A_OUVRIR,
        "ouverture": TODAY,
        "generation": 0,
        "emission": 0,
        "mot_de_passe": None,
    }
    return account(**(values | own))


async def apply(scene: Scene, day: date = TODAY, principal: Principal = ITSELF) -> Decision:
    asked = ApplyDates(user_id="u1", day=day)
    return await scene.ask(scene.use_cases.apply_dates, asked, principal=principal)


def names(decision: Decision) -> list[str]:
    return [fact.TYPE.split(".")[2] for fact in facts(decision)]


async def test_account_opens_on_its_day_and_24_hours_run_from_there() -> None:
    scene = Scene(waiting(), KEPT)
    decision = await apply(scene)
    assert names(decision) == ["user_opened", "identifiant_issued", "temporary_password_issued"]
    opened = scene.compte()
    assert opened.etat is EtatCompte.OUVERT
    assert opened.provisoire is not None
    assert opened.provisoire.expires_at == NOW + DAY
    assert names(await apply(scene)) == []  # asked again: told once


async def test_account_closes_on_its_day_once() -> None:
    scene = Scene(account(cloture=TODAY, epoque=2), KEPT)
    decision = await apply(scene)
    assert names(decision) == ["user_closed"]
    assert facts(decision)[0].closed_by == ITSELF.id
    assert (scene.compte().etat, scene.compte().epoque) == (EtatCompte.CLOTURE, 3)
    assert names(await apply(scene)) == []


async def test_responsable_of_an_open_group_stays_one_day_more_each_day() -> None:
    scene = Scene(account(cloture=TODAY), KEPT, groupe("g1", "u1"))
    (fact,) = facts(await apply(scene))
    assert (fact.TYPE, fact.etat) == ("mcp.identity.user_updated.v1", "ouvert")
    assert (fact.cloture, scene.compte().cloture) == (TOMORROW, TOMORROW)
    assert names(await apply(scene)) == []
    successor = groupe("g1", "u9")
    scene.stored[successor.key] = successor
    assert names(await apply(scene, TOMORROW)) == ["user_closed"]


async def test_responsable_whose_address_another_took_since_is_closed() -> None:
    scene = Scene(account(cloture=TODAY), KEPT.changed(user_id="u9"), groupe("g1", "u1"))
    assert names(await apply(scene)) == ["user_closed"]


async def test_responsable_of_closed_groups_is_closed() -> None:
    scene = Scene(account(cloture=TODAY), KEPT, groupe("g1", "u1", cloture=TODAY))
    assert names(await apply(scene)) == ["user_closed"]


async def test_responsable_in_a_convention_that_is_over_is_closed() -> None:
    scene = Scene(account(cloture=TODAY), KEPT, groupe("g1", "u1"), convention(cloture=TODAY))
    assert names(await apply(scene)) == ["user_closed"]


async def test_account_that_never_opened_in_time_closes_without_mails() -> None:
    scene = Scene(waiting(cloture=TODAY, ouverture=TODAY - timedelta(days=3)), KEPT)
    assert names(await apply(scene)) == ["user_closed"]
    assert scene.hasher.hashed == []


@pytest.mark.parametrize(
    "before",
    [
        waiting(ouverture=TOMORROW),
        account(),
        account(cloture=TOMORROW),
        account(etat=EtatCompte.CLOTURE, cloture=TODAY),
    ],
)
async def test_nothing_is_due_when_the_date_was_moved_or_told(before: Compte) -> None:
    scene = Scene(before, KEPT)
    assert await apply(scene) == Decision()
    assert scene.hasher.hashed == []


async def test_day_of_the_scheduler_is_the_one_that_counts() -> None:
    scene = Scene(waiting(ouverture=TOMORROW), KEPT)
    assert names(await apply(scene, TOMORROW))[0] == "user_opened"


async def test_mails_prepared_for_another_address_are_not_sent() -> None:
    scene = Scene(waiting(), KEPT)
    use_case = scene.use_cases.apply_dates
    asked = ApplyDates(user_id="u1", day=TODAY)
    request = await scene.prepared(use_case, asked, principal=ITSELF)
    moved = waiting(mail="autre@commune.example")
    scene.stored[moved.key] = moved
    with pytest.raises(Outdated):
        scene.decide(use_case, request)


@pytest.mark.parametrize("principal", [AGENT, PARTNER, OTHER_SERVICE])
async def test_only_the_service_asks(principal: Principal) -> None:
    with pytest.raises(NotPermitted):
        await apply(Scene(waiting(), KEPT), principal=principal)


async def test_unknown_account_is_refused() -> None:
    with pytest.raises(UserUnknown):
        await apply(Scene())
