"""A temporary password that nobody used goes after 24 hours; asked twice, told once."""

from datetime import timedelta

import pytest

from services.identity.domain.compte import Compte
from services.identity.domain.errors import NotPermitted, UserUnknown
from shared.contracts.identity_commands import ExpireTemporaryPassword
from shared.path.decision import Decision
from shared.security.principal import ActorKind, Principal
from tests.identity.builders import (
    AGENT,
    DAY,
    ITSELF,
    NOW,
    OTHER_SERVICE,
    PARTNER,
    Scene,
    compte,
    facts,
    temporary,
)

ASKED = ExpireTemporaryPassword(user_id="u1", generation=2)
DUE = NOW + DAY


async def expire(scene: Scene, principal: Principal = ITSELF, late: timedelta = timedelta()):
    use_case = scene.use_cases.expire_temporary_password
    return await scene.ask(use_case, ASKED, principal=principal, now=DUE + late)


async def test_unused_password_is_told_once() -> None:
    scene = Scene(compte(provisoire=temporary(2), generation=2))
    (fact,) = facts(await expire(scene))
    assert fact.TYPE == "mcp.identity.temporary_password_expired.v1"
    assert (fact.user_id, fact.generation, fact.at) == ("u1", 2, DUE)
    assert scene.compte().provisoire is None
    assert await expire(scene) == Decision()


@pytest.mark.parametrize(
    "before", [compte(), compte(provisoire=temporary(3)), compte(provisoire=temporary(1))]
)
async def test_used_or_replaced_password_is_left_alone(before: Compte) -> None:
    scene = Scene(before)
    assert await expire(scene) == Decision()
    assert scene.compte() == before


async def test_clock_a_little_behind_the_schedulers_expires_it_all_the_same() -> None:
    scene = Scene(compte(provisoire=temporary(2)))
    assert facts(await expire(scene, late=-timedelta(milliseconds=1)))
    assert scene.compte().provisoire is None


@pytest.mark.parametrize(
    "principal",
    [AGENT, PARTNER, OTHER_SERVICE, Principal(ActorKind.PARTENAIRE, ITSELF.id)],
)
async def test_nobody_but_identity_itself_asks(principal: Principal) -> None:
    scene = Scene(compte(provisoire=temporary(2)))
    with pytest.raises(NotPermitted):
        await expire(scene, principal)


async def test_unknown_account_is_refused() -> None:
    with pytest.raises(UserUnknown):
        await expire(Scene())
