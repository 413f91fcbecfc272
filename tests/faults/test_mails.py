"""One mail per fact while the worker is killed at random and answers of the mail server are lost.

G-60: 500 facts, 20 kills, an answer in twenty lost after the mail was taken. What the server took
and the worker could not write down goes out again, with the same Message-ID; nothing else does.
"""

import random
from collections import Counter
from datetime import timedelta

import pytest

from shared.contracts.notifications import SERVICE, MailSent
from shared.contracts.topics import MAIL_DELIVERIES
from tests.faults.conftest import Report
from tests.faults.mode import pick
from tests.harness.fixtures import StartPlatform
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.notifications.builders import identifiant_issued
from tests.notifications.issuing import in_a_day, record, sealing_key, told

EVENTS = pick(short=120, full=500)
KILLS = pick(short=3, full=20)
LOST = 0.05
LATE_S = 90.0
MINUTE = timedelta(minutes=1, seconds=1)
SHORT = {
    "NOTIFICATIONS_SMTP_CONNECTIONS": "2",
    "NOTIFICATIONS_SMTP_TIMEOUT_S": "2",
    "NOTIFICATIONS_LEASE_S": "3",
    "NOTIFICATIONS_SMTP_RATE_PER_DOMAIN": "20",  # so that there is something left at each kill
}

pytestmark = pytest.mark.timeout(1_200)


class Doubts:
    """The mails that may come twice, for whoever sends them could not know that they arrived."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.ids: set[str] = set()

    def note(self) -> None:
        """After a death: what arrived and was not written down."""
        arrived = {mail.message_id for mail in self._platform.mails()}
        envois = self._platform.database(SERVICE)["envois"]
        sent = {row["message_id"] for row in envois.find({"etat": "envoye"}, {"message_id": 1})}
        self.ids |= arrived - sent


async def _until_mails(platform: Platform, count: int) -> None:
    await eventually(lambda: len(platform.mails()) >= count, LATE_S, f"{count} mails")


async def test_one_mail_per_fact_whoever_dies(
    start_platform: StartPlatform, report: Report
) -> None:
    platform = await start_platform((SERVICE,), environment={SERVICE: SHORT})
    deliveries = await platform.follow(MAIL_DELIVERIES)
    people = [f"u{number}" for number in range(EVENTS)]
    lost = random.sample(people, round(EVENTS * LOST))
    for person in lost:
        platform.sink.behave("drop", times=1, recipient=f"{person}@commune.example", stage="data")
    key, expires_at = sealing_key(platform), in_a_day()
    await platform.publish(
        record(platform, identifiant_issued(person, expires_at=expires_at, key=key))
        for person in people
    )
    doubts = Doubts(platform)
    for _ in range(KILLS):
        before = len(platform.mails())
        more = min(EVENTS, before + random.randint(1, EVENTS // (2 * KILLS)))  # noqa: S311
        await _until_mails(platform, more)
        platform.kill(SERVICE)
        doubts.note()
        await platform.restart(SERVICE)
    platform.set_clock(MINUTE)  # what was deferred because its answer was lost

    def told_sent() -> set[str]:  # a fact may be published twice
        return {each.json()["mail_id"] for each in deliveries.records if told(MailSent)(each)}

    await eventually(lambda: len(told_sent()) == EVENTS, LATE_S, "all are told as sent")
    arrived = Counter(mail.message_id for mail in platform.mails())
    envois = {row["message_id"]: row for row in platform.database(SERVICE)["envois"].find()}
    assert set(arrived) == set(envois)
    twice = {id for id, times in arrived.items() if times > 1}
    answers_lost = {id for id, row in envois.items() if row["user_id"] in lost}
    report(
        f"{EVENTS} facts, {KILLS} kills, {len(lost)} answers lost: {len(arrived)} mails, "
        f"{len(twice)} came twice ({len(twice & answers_lost)} answers lost, "
        f"{len(twice - answers_lost)} killed before it was written down)\n"
        + "\n".join(sorted(f"{envois[id]['user_id']} × {arrived[id]} {id}" for id in twice))
    )
    assert twice <= answers_lost | doubts.ids
    assert {row["etat"] for row in envois.values()} == {"envoye"}
