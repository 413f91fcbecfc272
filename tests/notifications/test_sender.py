"""Sending on a real mongod to a real mail server: once each, never late, nothing lost."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from deploy.local.mails import Mail
from deploy.local.servers import Servers
from deploy.local.smtp_sink import SmtpSink
from services.notifications.domain.envoi import Envoi, EtatEnvoi
from services.notifications.domain.tentative import Issue
from services.notifications.projections import DESTINATAIRES
from services.notifications.store import lease_due
from shared.contracts.identity import PasswordChanged, UserCreated
from shared.contracts.notifications import MotifAbandon
from shared.mongo.projection import apply
from shared.path.work import Outcome
from tests.harness.polling import eventually
from tests.notifications.builders import NOW, identifiant_issued, password_issued
from tests.notifications.people import state
from tests.notifications.running import Replica, relances, replica
from tests.notifications.sending import DEADLINE_S, Slow, all_sent, reached, sending, to

MINUTE = timedelta(minutes=1)


async def test_both_mails_arrive_once_and_are_told(
    process: Replica, sink: SmtpSink, inbox: Callable[[], list[Mail]], person: str
) -> None:
    ids = await process.queue(identifiant_issued(person), password_issued(person))
    async with sending(process, to(sink)):
        mails = [await reached(process, id, EtatEnvoi.ENVOYE) for id in ids]
    assert {mail.message_id for mail in inbox()} == {mail.message_id for mail in mails}
    assert len(inbox()) == 2
    for mail in mails:
        assert (mail.attempts, mail.sealed, mail.next_attempt_at) == (1, None, None)
        assert await process.told(mail.id) == ["mail_sent"]
        (attempt,) = await process.attempts(mail.id)
        assert (attempt.id, attempt.issue) == (f"{mail.id}/1", Issue.ACCEPTEE)


async def test_two_replicas_send_each_mail_once(
    process: Replica,
    servers: Servers,
    notifications_database: str,
    sink: SmtpSink,
    inbox: Callable[[], list[Mail]],
    person: str,
) -> None:
    ids = await process.queue(*(identifiant_issued(f"{person}-{n}") for n in range(150)))
    async with (
        replica(servers.mongo, notifications_database) as other,
        sending(process, to(sink)),
        sending(other, to(sink)),
    ):
        await all_sent(process, ids)
    arrived = Counter(mail.message_id for mail in inbox())
    assert set(arrived.values()) == {1}
    assert len(arrived) == len(ids)


class Crashing:
    """A process that dies with an answer in hand: nothing is recorded any more."""

    def __init__(self, alive: Replica) -> None:
        self.store, self.clock = alive.store, alive.clock
        self.asked = asyncio.Event()

    async def decide(self, *_: object, **__: object) -> Outcome:
        """Never answer."""
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_crash_between_acceptance_and_record_sends_again_with_the_same_message_id(
    process: Replica, sink: SmtpSink, inbox: Callable[[], list[Mail]], person: str
) -> None:
    (id,) = await process.queue(identifiant_issued(person))
    crashing, short = Crashing(process), {"lease_s": 1.0, "smtp_timeout_s": 0.5}
    async with AsyncExitStack() as stack:
        task = await stack.enter_async_context(sending(crashing, to(sink), **short))
        await asyncio.wait_for(crashing.asked.wait(), DEADLINE_S)
        while not task.done():  # it has no time to put things in order
            task.cancel()
            await asyncio.sleep(0)
    assert len(inbox()) == 1
    assert (await process.mail(id)).etat is EtatEnvoi.EN_FILE
    async with sending(process, to(sink), **short):
        mail = await reached(process, id, EtatEnvoi.ENVOYE)
    assert [each.message_id for each in inbox()] == [mail.message_id] * 2
    assert mail.attempts == 1
    assert await process.told(id) == ["mail_sent"]


async def test_deferred_mail_is_tried_again_when_it_is_time(
    process: Replica, sink: SmtpSink, inbox: Callable[[], list[Mail]], person: str
) -> None:
    sink.behave("451", times=1, recipient=f"{person}@commune.example")
    (id,) = await process.queue(password_issued(person))
    async with sending(process, to(sink)):
        deferred = await reached(process, id, EtatEnvoi.DIFFERE)
        assert deferred.sealed is not None
        assert deferred.next_attempt_at is not None
        assert deferred.next_attempt_at >= NOW + MINUTE
        assert inbox() == []
        process.pass_time(MINUTE)
        sent = await reached(process, id, EtatEnvoi.ENVOYE)
    assert [mail.message_id for mail in inbox()] == [deferred.message_id]
    assert sent.attempts == 2
    assert [each.smtp_code for each in await process.attempts(id)] == [451, None]
    assert await process.told(id) == ["mail_deferred", "mail_sent"]


async def test_refused_mail_is_never_tried_again(
    process: Replica, sink: SmtpSink, inbox: Callable[[], list[Mail]], person: str
) -> None:
    sink.behave("550", times=1, recipient=f"{person}@commune.example")
    refused, other = await process.queue(
        identifiant_issued(person), identifiant_issued(f"{person}-2")
    )
    async with sending(process, to(sink)):
        mail = await reached(process, refused, EtatEnvoi.ECHEC)
        await reached(process, other, EtatEnvoi.ENVOYE)
        process.pass_time(timedelta(hours=12))
        (later,) = await process.queue(identifiant_issued(f"{person}-3", 1, NOW + 2 * MINUTE * 720))
        await reached(process, later, EtatEnvoi.ENVOYE)
    assert (mail.attempts, mail.sealed) == (1, None)
    assert await process.told(refused) == ["mail_failed", "address_flagged"]
    assert len(inbox()) == 2


async def test_secret_is_never_sent_late(
    process: Replica, sink: SmtpSink, inbox: Callable[[], list[Mail]], person: str
) -> None:
    sink.behave("421", times=1, recipient=f"{person}-1@commune.example")
    waited, deferred = await process.queue(password_issued(person), password_issued(f"{person}-1"))
    envois = process.store.collection(Envoi.COLLECTION)
    await envois.update_one({"_id": waited}, {"$set": {"next_attempt_at": NOW + 24 * 60 * MINUTE}})
    async with sending(process, to(sink)):
        await reached(process, deferred, EtatEnvoi.DIFFERE)
        process.pass_time(24 * 60 * MINUTE)
        for id in (waited, deferred):
            mail = await reached(process, id, EtatEnvoi.EXPIRE)
            assert mail.sealed is None
    assert await process.told(waited) == ["mail_expired"]
    assert await process.told(deferred) == ["mail_deferred", "mail_expired"]
    assert inbox() == []


async def test_mail_tried_for_two_days_is_given_up(
    process: Replica, sink: SmtpSink, inbox: Callable[[], list[Mail]], person: str
) -> None:
    (id,) = await process.queue(identifiant_issued(person, expires_at=NOW + 90 * 1440 * MINUTE))
    process.pass_time(48 * 60 * MINUTE)
    async with sending(process, to(sink)):
        mail = await reached(process, id, EtatEnvoi.ABANDONNE)
    assert mail.motif is MotifAbandon.TROP_TARD
    assert await process.told(id) == ["mail_abandoned"]
    assert inbox() == []


async def test_password_already_personalised_is_not_sent(
    process: Replica, sink: SmtpSink, inbox: Callable[[], list[Mail]], person: str
) -> None:
    (id,) = await process.queue(password_issued(person, generation=2))
    changed = PasswordChanged(user_id=person, convention_id="19_214", at=NOW, generation=2)
    collection = process.store.collection(DESTINATAIRES.collection)
    await apply(DESTINATAIRES, collection, [(changed, 7)])
    async with sending(process, to(sink)):
        mail = await reached(process, id, EtatEnvoi.ABANDONNE)
    assert mail.motif is MotifAbandon.DEPASSE
    assert inbox() == []


async def test_newer_password_keeps_the_older_one_from_going(
    process: Replica, sink: SmtpSink, inbox: Callable[[], list[Mail]], person: str
) -> None:
    older, newer = await process.queue(
        password_issued(person, generation=1), password_issued(person, generation=2)
    )
    async with sending(process, to(sink)):
        await reached(process, newer, EtatEnvoi.ENVOYE)
        await reached(process, older, EtatEnvoi.ABANDONNE)
    assert [mail.message_id for mail in inbox()] == [(await process.mail(newer)).message_id]


@pytest.mark.parametrize(
    ("content", "motif"),
    [
        ({"to": "a@x.example, b@x.example"}, MotifAbandon.ADRESSE),
        ({"to": "a@x.example\r\nBcc: b@x.example"}, MotifAbandon.ADRESSE),
        ({"user_id": "somebody-else"}, MotifAbandon.ILLISIBLE),
    ],
)
async def test_mail_that_cannot_be_written_is_given_up(
    process: Replica,
    sink: SmtpSink,
    inbox: Callable[[], list[Mail]],
    person: str,
    content: dict[str, Any],
    motif: MotifAbandon,
) -> None:
    bad, good = await process.queue(
        identifiant_issued(person, **content), identifiant_issued(f"{person}-2")
    )
    async with sending(process, to(sink)):
        assert (await reached(process, bad, EtatEnvoi.ABANDONNE)).motif is motif
        await reached(process, good, EtatEnvoi.ENVOYE)
    assert len(inbox()) == 1
    assert await process.attempts(bad) == []


async def test_mail_sealed_to_a_key_not_deployed_yet_waits_for_it(
    process: Replica, sink: SmtpSink, person: str
) -> None:
    (id,) = await process.queue(identifiant_issued(person))
    await process.store.collection(Envoi.COLLECTION).update_one(
        {"_id": id}, {"$set": {"key_id": "next-month"}}
    )
    async with sending(process, to(sink)):
        mail = await reached(process, id, EtatEnvoi.DIFFERE)
    assert mail.sealed is not None
    assert await process.told(id) == ["mail_deferred"]


@pytest.mark.faults
async def test_mongod_that_dies_meanwhile_costs_no_mail_and_no_duplicate(
    process: Replica,
    servers: Servers,
    sink: SmtpSink,
    inbox: Callable[[], list[Mail]],
    person: str,
) -> None:
    if servers.mongod is None:
        pytest.skip("MONGO_URI names a server that is not ours to kill")
    ids = await process.queue(*(identifiant_issued(f"{person}-{n}") for n in range(300)))
    async with sending(process, to(sink)):
        await eventually(lambda: len(inbox()) >= 20, DEADLINE_S, "some mails arrive")
        await asyncio.to_thread(servers.mongod.kill)
        await asyncio.to_thread(servers.mongod.start)
        await all_sent(process, ids, 40)
    assert set(Counter(mail.message_id for mail in inbox()).values()) == {1}


# -- a mail server in the test's hand -----------------------------------------------------------


async def test_attempt_cannot_outlast_its_secret(process: Replica, person: str) -> None:
    server = Slow()
    (id,) = await process.queue(password_issued(person, expires_at=NOW + timedelta(seconds=20)))
    async with sending(process, server):
        await reached(process, id, EtatEnvoi.ENVOYE)
    ((_, timeout_s),) = server.sent
    assert 0 < timeout_s < 20


async def test_mail_whose_lease_ends_soon_is_left_to_the_next_borrower(
    process: Replica, servers: Servers, notifications_database: str, person: str
) -> None:
    ids = await process.queue(*(identifiant_issued(f"{person}-{n}") for n in range(8)))
    server, short = Slow(0.3), {"lease_s": 1.0, "smtp_timeout_s": 0.5, "smtp_connections": 1}
    async with (
        replica(servers.mongo, notifications_database) as other,
        sending(process, server, **short),
        sending(other, server, **short),
    ):
        await all_sent(process, ids)
    assert Counter(letter.recipient for letter, _ in server.sent).most_common(1)[0][1] == 1
    assert len(server.sent) == len(ids)


async def test_stop_finishes_what_is_on_its_way_and_gives_back_the_rest(
    process: Replica, person: str
) -> None:
    ids = await process.queue(*(identifiant_issued(f"{person}-{n}") for n in range(10)))
    server = Slow(open_at_once=False)
    async with sending(process, server, smtp_connections=2) as task:
        await eventually(lambda: len(server.sent) == 2, DEADLINE_S, "two are on their way")
        task.cancel()
        await asyncio.sleep(0)
        server.answer.set()
        await asyncio.gather(task, return_exceptions=True)
    mails = [await process.mail(id) for id in ids]
    assert Counter(mail.etat for mail in mails) == {EtatEnvoi.ENVOYE: 2, EtatEnvoi.EN_FILE: 8}
    assert len(server.sent) == 2
    envois = process.store.collection(Envoi.COLLECTION)
    assert await envois.count_documents({"bail": {"$exists": True}}) == 0


class Forgetful(Crashing):
    """A process in which recording fails, by a bug."""

    async def decide(self, *_: object, **__: object) -> Outcome:
        """Fail."""
        raise RuntimeError


async def test_mail_whose_record_fails_is_not_sent_over_and_over(
    process: Replica, person: str
) -> None:
    (id,) = await process.queue(identifiant_issued(person))
    server = Slow()

    async def lease_is_over() -> list[Envoi]:
        now = process.clock.now()
        return await lease_due(process.store, token="test", now=now, lease_s=0, most=1, but=())

    async with sending(Forgetful(process), server, lease_s=0.2, smtp_timeout_s=0.1):
        await eventually(lambda: server.sent, DEADLINE_S, "the mail goes")
        assert [mail.id for mail in await eventually(lease_is_over, DEADLINE_S, "lease over")] == [
            id
        ]
        await process.queue(identifiant_issued(f"{person}-2"))
        await eventually(lambda: len(server.sent) > 1, DEADLINE_S, "the next one goes")
    recipients = [letter.recipient for letter, _ in server.sent]
    assert recipients == [f"{person}@commune.example", f"{person}-2@commune.example"]


async def test_password_goes_before_a_whole_campaign(process: Replica) -> None:
    """Thousands of relances are due, and more in hand than leave in a second: it goes next."""
    server = Slow(0.05)
    await relances(process, 3_000, NOW - timedelta(hours=1))
    await process.know(*(state(UserCreated, f"r{n}") for n in range(3_000)))

    def under_way() -> bool:
        return len(server.sent) >= 20

    async with sending(process, server):
        await eventually(under_way, DEADLINE_S, "the campaign is under way")
        (id,) = await process.queue(password_issued("u1"))
        before = len(server.sent)
        await reached(process, id, EtatEnvoi.ENVOYE)
        recipients = [letter.recipient for letter, _ in server.sent[before:]]
        place = recipients.index("u1@commune.example")
    # 80 mails a second: within a second, with more than that borrowed before it.
    assert place <= 80
    assert await process.count(EtatEnvoi.EN_FILE) > 2_000
