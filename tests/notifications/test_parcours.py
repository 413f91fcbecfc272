"""Le parcours d’un mail, vu du dehors : des faits d’identity aux mails, et ce qui en est dit.

Des processus tués et des réponses perdues en pleine campagne : `tests/faults/test_mails.py`.
"""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.envelope import Command
from shared.contracts.identity import PasswordChanged
from shared.contracts.notifications import (
    COMMANDS,
    SERVICE,
    CommandRefused,
    ExpireMail,
    MailAbandoned,
    MailDeferred,
    MailExpired,
    MailSent,
)
from shared.contracts.topics import MAIL_DELIVERIES
from shared.security.principal import ActorKind, Principal
from shared.security.tokens import TokenIssuer
from tests.harness.fixtures import StartPlatform
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.notifications.builders import IDENTIFIANT, PASSWORD
from tests.notifications.issuing import issued, record, told

DEADLINE_S = 20
DAY = timedelta(hours=24)


async def mails_arrive(platform: Platform, before: int, count: int) -> None:
    """Wait until so many mails have come since the sink held `before`."""
    await eventually(lambda: platform.sink.count() - before >= count, DEADLINE_S, f"{count} mails")


async def test_compte_cree_deux_mails_separes(platform: Platform) -> None:
    deliveries = await platform.follow(MAIL_DELIVERIES)
    records = issued(platform, "u1")
    await platform.publish([*records, *records])
    sent = await deliveries.wait_for_many(told(MailSent), 2, DEADLINE_S)
    mails = platform.mails()
    assert {mail.message_id for mail in mails} == {each.json()["message_id"] for each in sent}
    assert len(mails) == 2
    assert sum(IDENTIFIANT in mail.text for mail in mails) == 1
    assert sum(PASSWORD in mail.text for mail in mails) == 1
    await platform.publish(issued(platform, "u2"))
    await deliveries.wait_for_many(told(MailSent, "u2"), 2, DEADLINE_S)
    assert len(platform.mails()) == 4


async def test_mot_de_passe_personnalise_avant_l_envoi(start_platform: StartPlatform) -> None:
    platform = await start_platform((SERVICE,))
    deliveries = await platform.follow(MAIL_DELIVERIES)
    platform.sink.behave("450", times=1, recipient="u1@commune.example")
    _, password = issued(platform, "u1")
    await platform.publish([password])
    await deliveries.wait_for(told(MailDeferred), DEADLINE_S)
    changed = PasswordChanged(
        user_id="u1", convention_id="19_214", at=datetime.now(UTC), generation=1
    )
    await platform.publish([record(platform, changed, 3)])
    database = platform.database(SERVICE)
    await eventually(lambda: database["destinataires"].find_one({}), DEADLINE_S, "projection")
    platform.set_clock(timedelta(minutes=2))
    abandoned = await deliveries.wait_for(told(MailAbandoned), DEADLINE_S)
    assert abandoned.json()["motif"] == "depasse"
    assert platform.mails() == []


async def test_secret_perime_n_est_pas_envoye(start_platform: StartPlatform) -> None:
    platform = await start_platform((SERVICE,), schedulers=(SERVICE,))
    deliveries = await platform.follow(MAIL_DELIVERIES)
    platform.sink.behave("421", times=2, recipient="u1@commune.example")
    await platform.publish(issued(platform, "u1"))
    await deliveries.wait_for_many(told(MailDeferred), 2, DEADLINE_S)
    platform.set_clock(DAY + timedelta(minutes=1))
    await deliveries.wait_for_many(told(MailExpired), 2, DEADLINE_S)
    assert platform.mails() == []
    assert await platform.read(CommandRefused.TOPIC) == []
    stored = list(platform.database(SERVICE)["envois"].find())
    assert [mail["sealed"] for mail in stored] == [None, None]


async def test_nul_autre_que_le_service_ne_perime_un_mail(platform: Platform) -> None:
    refusals = await platform.follow(CommandRefused.TOPIC)
    token = TokenIssuer(json.dumps(platform.settings.keys.signing)).issue(
        Principal(ActorKind.AGENT_CAF, "a1"), audience=COMMANDS, now=datetime.now(UTC)
    )
    asked: Command = ExpireMail(mail_id="m1")
    await platform.publish([record(platform, asked, authorization=f"Bearer {token}")])
    refused = await refusals.wait_for(told(CommandRefused), DEADLINE_S)
    assert refused.json()["code"] == "reserve_au_service"


@pytest.mark.faults
async def test_arret_propre_en_pleine_campagne(start_platform: StartPlatform) -> None:
    slow = {SERVICE: {"NOTIFICATIONS_SMTP_CONNECTIONS": "1"}}
    platform = await start_platform((SERVICE,), environment=slow)
    deliveries = await platform.follow(MAIL_DELIVERIES)
    before = platform.sink.count()
    people = [f"u{number}" for number in range(400)]
    await platform.publish([each for person in people for each in issued(platform, person)])
    for _ in range(3):
        more = min(platform.sink.count() - before + 1, 2 * len(people))
        await mails_arrive(platform, before, more)
        assert (await platform.terminate(SERVICE)).exit_code == 0
        await platform.restart(SERVICE)
    await deliveries.wait_for_many(told(MailSent), 2 * len(people), 2 * DEADLINE_S)
    arrived = Counter(mail.message_id for mail in platform.mails())
    assert len(arrived) == 2 * len(people)
    assert set(arrived.values()) == {1}
