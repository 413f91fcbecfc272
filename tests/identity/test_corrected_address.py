"""An address was wrong: who corrects it has nothing else to do, through identity and its mails."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.local.servers import Servers
from services.identity.domain.mot_de_passe import looks_temporary
from shared.contracts.notifications import SERVICE as NOTIFICATIONS
from shared.contracts.notifications import AddressFlagged, MailHeld
from shared.contracts.topics import MAIL_DELIVERIES
from tests.harness.polling import eventually
from tests.identity.running import DEADLINE_S, Running, running
from tests.notifications.issuing import told

pytestmark = [pytest.mark.connected, pytest.mark.timeout(180)]

WRONG, RIGHT = "zoe.duran@commune.example", "zoe.durand@commune.example"


@pytest.fixture
async def identity(servers: Servers) -> AsyncIterator[Running]:
    async with running(servers, beside=(NOTIFICATIONS,)) as process:
        yield process


def words(identity: Running, to: str) -> list[str]:
    """Each word of the mails that arrived there, on a line of its own as secrets are."""
    texts = [mail.text for mail in identity.platform.mails() if mail.recipients == (to,)]
    return [line.strip() for text in texts for line in text.splitlines()]


def secrets_of(identity: Running, to: str) -> tuple[str, str] | None:
    """The newest identifiant and temporary password that arrived there, once both have."""
    lines = words(identity, to)
    identifiants = [each for each in lines if re.fullmatch(r"[A-Z0-9]{11}", each)]
    passwords = [each for each in lines if looks_temporary(each)]
    return (identifiants[-1], passwords[-1]) if identifiants and passwords else None


async def test_new_address_receives_what_opens_and_the_wrong_one_nothing(identity: Running) -> None:
    identity.platform.sink.behave("550 5.1.1 no such user", recipient=WRONG)
    deliveries = await identity.follow(MAIL_DELIVERIES)
    await identity.create_user("zoe", mail=WRONG)
    await deliveries.wait_for(told(AddressFlagged, "zoe"), DEADLINE_S)
    body = {"mail": RIGHT, "mail_confirmation": RIGHT}
    corrected = await identity.ask("PATCH", "/users/zoe", body)
    assert corrected.is_success, corrected.text
    arrived: Any = await eventually(
        lambda: secrets_of(identity, RIGHT), DEADLINE_S, "both mails at the new address"
    )
    identifiant, password = arrived
    body = {"identifiant": identifiant, "mot_de_passe": password}
    signed_in = await identity.ask("POST", "/sessions", body, session=None)
    assert signed_in.status_code == 201, signed_in.text
    assert signed_in.json()["must_change_password"] is True
    assert words(identity, WRONG) == []


async def test_password_that_was_held_does_not_leave_for_the_new_address(identity: Running) -> None:
    """Only the newer one, which opens."""
    identity.platform.sink.behave("550 5.1.1 no such user", recipient=WRONG)
    deliveries = await identity.follow(MAIL_DELIVERIES)
    await identity.create_user("zoe", mail=WRONG)
    await deliveries.wait_for(told(AddressFlagged, "zoe"), DEADLINE_S)
    for route in ("reset", "identifiant"):
        assert (await identity.ask("POST", f"/users/zoe/{route}")).is_success
    await deliveries.wait_for_many(told(MailHeld, "zoe"), 2, DEADLINE_S)
    body = {"mail": RIGHT, "mail_confirmation": RIGHT}
    assert (await identity.ask("PATCH", "/users/zoe", body)).is_success
    await eventually(lambda: secrets_of(identity, RIGHT), DEADLINE_S, "both mails arrive")
    await eventually(lambda: none_waits(identity), DEADLINE_S, "nothing waits")
    passwords = [each for each in words(identity, RIGHT) if looks_temporary(each)]
    assert len(passwords) == 1


def none_waits(identity: Running) -> bool:
    waiting = {"user_id": "zoe", "etat": {"$in": ["en_file", "differe", "retenu"]}}
    return not identity.platform.database(NOTIFICATIONS)["envois"].count_documents(waiting)
