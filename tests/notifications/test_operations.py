"""The operator's commands: what they show, what they never show, nothing changed without asking."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.notifications.operations import masked
from shared.contracts.identity import UserCreated
from shared.contracts.notifications import SERVICE, MailDeferred, MailHeld, MailSent
from shared.contracts.topics import MAIL_DELIVERIES
from tests.harness.platform import Completed, Platform
from tests.harness.polling import eventually
from tests.notifications.builders import IDENTIFIANT, PASSWORD, identifiant_issued, password_issued
from tests.notifications.issuing import in_a_day, record, sealing_key, told
from tests.notifications.people import state

DEADLINE_S = 30
ADDRESS = "u1@commune.example"


async def run(platform: Platform, *words: str) -> Completed:
    done = await platform.run_command(SERVICE, *words)
    for secret in (ADDRESS, IDENTIFIANT, PASSWORD, "Durand"):
        assert secret not in done.stdout + done.stderr
    return done


async def publish(platform: Platform, *facts: object) -> None:
    await platform.publish([record(platform, fact, n) for n, fact in enumerate(facts, 1)])  # type: ignore[arg-type]


async def state_of(platform: Platform, id: str) -> str:
    row = platform.database(SERVICE)["envois"].find_one({"_id": id})
    assert row is not None
    etat: str = row["etat"]
    return etat


async def test_deferred_mail_is_found_shown_and_tried_at_once(
    platform: Platform,
) -> None:
    deliveries = await platform.follow(MAIL_DELIVERIES)
    platform.sink.behave("451", times=1, recipient=ADDRESS)
    issued = identifiant_issued("u1", expires_at=in_a_day(), key=sealing_key(platform))
    await publish(platform, issued)
    id = (await deliveries.wait_for(told(MailDeferred), DEADLINE_S)).json()["mail_id"]
    listed = await run(platform, "mails", "list")
    assert (listed.exit_code, id in listed.stdout, "differe" in listed.stdout) == (0, True, True)
    shown = await run(platform, "mails", "show", id)
    assert shown.exit_code == 0
    assert lines_with(shown, "destinataire") == ["destinataire scellé avec le secret"]
    assert any(line.endswith("differee 451") for line in lines_with(shown, "differee"))
    dry = await run(platform, "mails", "retry", id)
    assert (dry.exit_code, "--wet-run" in dry.stdout) == (0, True)
    assert await state_of(platform, id) == "differe"
    wet = await run(platform, "mails", "retry", id, "--wet-run")
    assert wet.exit_code == 0, wet.stdout
    await deliveries.wait_for(told(MailSent), DEADLINE_S)
    again = await run(platform, "mails", "retry", id, "--wet-run")
    assert (again.exit_code, "n’attend plus" in again.stdout) == (1, True)


async def test_held_mail_is_given_up_or_goes_once_the_address_is_right(
    platform: Platform,
) -> None:
    deliveries = await platform.follow(MAIL_DELIVERIES)
    platform.sink.behave("550", times=1, recipient=ADDRESS)
    key = sealing_key(platform)
    await publish(platform, state(UserCreated, at=datetime.now(UTC)))
    await publish(platform, identifiant_issued("u1", expires_at=in_a_day(), key=key))
    await eventually(lambda: flagged(platform), DEADLINE_S, "the address is flagged")
    soon = datetime.now(UTC) + timedelta(hours=20)
    await platform.publish(
        [
            record(platform, password_issued("u1", expires_at=soon, key=key), 2),
            record(platform, identifiant_issued("u1", 2, in_a_day(), key), 3),
        ]
    )
    first, second = await deliveries.wait_for_many(told(MailHeld), 2, DEADLINE_S)
    shown = await run(platform, "mails", "show", first.json()["mail_id"])
    assert lines_with(shown, "adresse refusée") == ["adresse refusée oui"]
    given_up, kept = first.json()["mail_id"], second.json()["mail_id"]
    assert (await run(platform, "mails", "abandon", given_up)).exit_code == 0
    assert await state_of(platform, given_up) == "retenu"
    assert (await run(platform, "mails", "abandon", given_up, "--wet-run")).exit_code == 0
    assert await state_of(platform, given_up) == "abandonne"
    assert (await run(platform, "mails", "retry", kept, "--wet-run")).exit_code == 0
    sent = await deliveries.wait_for(told(MailSent, "u1"), DEADLINE_S)
    assert sent.json()["mail_id"] == kept


async def flagged(platform: Platform) -> bool:
    return platform.database(SERVICE)["adresses"].count_documents({}) == 1


def lines_with(done: Completed, words: str) -> Sequence[str]:
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    return [line for line in lines if words in line]


async def test_nothing_to_show_is_said(platform: Platform) -> None:
    assert (await run(platform, "mails", "list")).stdout == "Aucun mail.\n"
    for words in (("mails", "show", "none"), ("campaigns", "show", "none")):
        done = await run(platform, *words)
        assert (done.exit_code, "Aucun mail" in done.stdout) == (1, True)


@pytest.mark.parametrize(
    ("address", "shown"),
    [("zoe.durand@commune.example", "z…@commune.example"), ("z@x", "z…@x")],
)
def test_address_is_masked(address: str, shown: str) -> None:
    assert masked(address) == shown
