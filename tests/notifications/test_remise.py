"""Ce que le serveur de mails répond, et ce qui en est dit : du fait d’identity au fait de remise.

G-61 et G-60 : chaque issue est un fait et un seul, un refus n’est jamais retenté, un report suit
le calendrier, un secret n’est jamais remis en retard, rien ne part en clair à la place de TLS.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.local.smtp_sink import SmtpSink
from services.notifications.domain.reprises import DUREE_MAX, REPRISES
from shared.contracts.envelope import Fact
from shared.contracts.notifications import (
    SERVICE,
    MailAbandoned,
    MailDeferred,
    MailExpired,
    MailFailed,
    MailSent,
)
from shared.contracts.topics import MAIL_DELIVERIES
from tests.harness.certificates import make_certificates
from tests.harness.fixtures import StartPlatform
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.harness.topics import Follower, Record
from tests.notifications.builders import identifiant_issued, password_issued
from tests.notifications.issuing import in_a_day, issued, record, sealing_key, told

pytestmark = pytest.mark.timeout(300)

DEADLINE_S = 20
BOUND_S = 2.0
"""What an attempt may take here; 30 s by default (tests/notifications/test_settings.py)."""
BOUNDED = {SERVICE: {"NOTIFICATIONS_SMTP_TIMEOUT_S": str(BOUND_S)}}
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PERSON, OTHER = "u1", "u2"
OUTCOMES = {fact.TYPE for fact in (MailSent, MailDeferred, MailFailed, MailAbandoned, MailExpired)}

Told = tuple[type[Fact], int | None, str | None]
"""A fact, with the code and the enhanced code of the server."""
SENT: Told = MailSent, None, None
SILENCE: Told = MailDeferred, None, None


def deferred(code: int, status: str) -> Told:
    return MailDeferred, code, status


def failed(code: int, status: str) -> Told:
    return MailFailed, code, status


ANSWERS = [
    (None, "rcpt", SENT),
    ("421", "rcpt", deferred(421, "4.3.2")),
    ("421", "data", deferred(421, "4.3.2")),
    ("451", "rcpt", deferred(451, "4.3.0")),
    ("451", "data", deferred(451, "4.3.0")),
    ("452", "rcpt", deferred(452, "4.2.2")),
    ("452", "data", deferred(452, "4.2.2")),
    ("550", "rcpt", failed(550, "5.1.1")),
    ("550", "data", failed(550, "5.1.1")),
    ("552", "rcpt", failed(552, "5.2.2")),
    ("552", "data", failed(552, "5.2.2")),
    ("554", "rcpt", failed(554, "5.7.1")),
    ("554", "data", failed(554, "5.7.1")),
    ("hang", "rcpt", SILENCE),
    ("hang", "data", SILENCE),
    ("drop", "rcpt", SILENCE),
    ("drop", "data", SILENCE),
]


async def ask_for_identifiant(platform: Platform, person: str) -> None:
    """An identifiant that is worth sending for more than two days."""
    fact = identifiant_issued(
        person, expires_at=datetime.now(UTC) + 3 * DUREE_MAX, key=sealing_key(platform)
    )
    await platform.publish([record(platform, fact)])


def address(person: str) -> str:
    return f"{person}@commune.example"


def outcomes(deliveries: Follower, person: str) -> list[str | None]:
    """The types of what was told of the mails to a person, in order."""
    return [
        each.header("ce_type") for each in deliveries.records if each.json()["user_id"] == person
    ]


async def test_chaque_reponse_du_serveur_est_un_fait_et_un_seul(
    start_platform: StartPlatform,
) -> None:
    """Each person's mail is answered in another way, once; a day and a half later, all go well."""
    platform = await start_platform((SERVICE,), environment=BOUNDED)
    deliveries = await platform.follow(MAIL_DELIVERIES)
    people = {f"u{number}": answer for number, answer in enumerate(ANSWERS)}
    for person, (action, stage, _) in people.items():
        if action is not None:
            platform.sink.behave(action, times=1, stage=stage, recipient=address(person))
        await ask_for_identifiant(platform, person)
    for person, (action, stage, (fact, *expected)) in people.items():
        first = (await deliveries.wait_for(told(fact, person), DEADLINE_S)).json()
        assert [first.get("smtp_code"), first.get("smtp_status")] == expected, (action, stage)

    platform.set_clock(36 * HOUR)
    for person, (action, stage, (fact, *_)) in people.items():
        await deliveries.wait_for(told(MailFailed if fact is MailFailed else MailSent, person), 9)
        facts = [fact.TYPE] if fact is not MailDeferred else [fact.TYPE, MailSent.TYPE]
        assert [type for type in outcomes(deliveries, person) if type in OUTCOMES] == facts
        mails = [mail for mail in platform.mails() if mail.recipients == (address(person),)]
        # Taken, but the answer was lost: it comes twice, which its Message-ID shows.
        twice = (action, stage) == ("drop", "data")
        assert len(mails) == (0 if fact is MailFailed else 2 if twice else 1), (action, stage)
        assert len({mail.message_id for mail in mails}) <= 1


async def test_silence_ne_dure_pas_plus_que_sa_borne(start_platform: StartPlatform) -> None:
    platform = await start_platform((SERVICE,), environment=BOUNDED)
    deliveries = await platform.follow(MAIL_DELIVERIES)
    platform.sink.behave("hang", recipient=address(PERSON))
    await ask_for_identifiant(platform, PERSON)
    first = await deliveries.wait_for(told(MailDeferred), DEADLINE_S)
    queued = platform.database(SERVICE)["envois"].find_one()
    assert queued is not None
    took = datetime.fromisoformat(first.json()["at"]) - queued["created_at"]
    assert BOUND_S <= took / SECOND < BOUND_S + 5


async def test_reports_suivent_le_calendrier_pendant_deux_jours(
    start_platform: StartPlatform,
) -> None:
    """Le secret est abandonné comme périmé à 24 h, le reste à 48 h, jamais entre deux dates."""
    platform = await start_platform((SERVICE,))
    deliveries = await platform.follow(MAIL_DELIVERIES)
    platform.sink.behave("451")
    password = password_issued(OTHER, expires_at=in_a_day(), key=sealing_key(platform))
    await platform.publish([record(platform, password)])
    await ask_for_identifiant(platform, PERSON)
    await walk_until_given_up(platform, deliveries)
    for person, least in ((PERSON, 20), (OTHER, 12)):
        tries = [deferral(each) for each in deliveries.records if told(MailDeferred, person)(each)]
        waits = [again_at - at for at, again_at in tries]
        planned = [*REPRISES, *[REPRISES[-1]] * len(waits)]
        assert waits[:-1] == planned[: len(waits) - 1]
        assert waits[-1] <= planned[len(waits) - 1]
        assert len(waits) >= least
        for (_, promised), (at, _) in pairwise(tries):
            assert at >= promised

    abandoned = await deliveries.wait_for(told(MailAbandoned, PERSON), DEADLINE_S)
    expired = await deliveries.wait_for(told(MailExpired, OTHER), DEADLINE_S)
    assert abandoned.json()["motif"] == "trop_tard"
    assert ends_after(abandoned, deliveries, PERSON) == pytest.approx(48, abs=0.1)
    assert ends_after(expired, deliveries, OTHER) == pytest.approx(24, abs=0.1)
    assert platform.mails() == []
    stored = list(platform.database(SERVICE)["envois"].find())
    assert [mail["sealed"] for mail in stored] == [None, None]


async def walk_until_given_up(platform: Platform, deliveries: Follower) -> None:
    """Move the clock from each due date to the next until nothing waits any more."""
    envois = platform.database(SERVICE)["envois"]
    for person in (PERSON, OTHER):
        await deliveries.wait_for(told(MailDeferred, person), DEADLINE_S)
    while waiting := list(envois.find({"next_attempt_at": {"$ne": None}})):
        due = min(each["next_attempt_at"] for each in waiting)
        platform.set_clock(due - datetime.now(UTC) + SECOND)

        def moved_on(due: datetime = due) -> bool:
            return envois.count_documents({"next_attempt_at": {"$lte": due}}) == 0

        await eventually(moved_on, DEADLINE_S, "what is due is tried")


def deferral(told: Record) -> tuple[datetime, datetime]:
    """When a mail was deferred, and until when."""
    body = told.json()
    at, again_at = (datetime.fromisoformat(body[field]) for field in ("at", "next_attempt_at"))
    return at, again_at


def ends_after(last: Record, deliveries: Follower, person: str) -> float:
    """Hours from the first attempt at a mail to its end."""
    first = next(each for each in deliveries.records if each.json()["user_id"] == person)
    ended, began = (datetime.fromisoformat(each.json()["at"]) for each in (last, first))
    return (ended - began) / HOUR


@pytest.mark.parametrize(
    ("action", "stage", "code"),
    [("hide STARTTLS", "ehlo", None), ("454", "starttls", 454), ("drop", "starttls", None)],
)
async def test_starttls_qui_echoue_ne_fait_rien_partir_en_clair(
    start_platform: StartPlatform, tmp_path: Path, action: str, stage: str, code: int | None
) -> None:
    certificates = make_certificates(tmp_path)
    with SmtpSink(tmp_path / "sink", certificate=certificates.both) as sink:
        own = {
            "NOTIFICATIONS_SMTP_URL": sink.address,
            "NOTIFICATIONS_SMTP_STARTTLS": "true",
            "NOTIFICATIONS_SMTP_CA_FILE": str(certificates.authority),
        }
        platform = await start_platform((SERVICE,), environment={SERVICE: own})
        deliveries = await platform.follow(MAIL_DELIVERIES)
        sink.behave(action, stage=stage)
        await ask_for_identifiant(platform, PERSON)
        first = await deliveries.wait_for(told(MailDeferred), DEADLINE_S)
        assert first.json().get("smtp_code") == code
        assert sink.mails() == []
        sink.behave_well()
        platform.set_clock(2 * MINUTE)
        await deliveries.wait_for(told(MailSent), DEADLINE_S)
        assert [kept["tls"] for kept in sink.mails()] == [True]


async def test_certificat_inconnu_ne_recoit_rien(
    start_platform: StartPlatform, tmp_path: Path
) -> None:
    certificates = make_certificates(tmp_path)
    with SmtpSink(tmp_path / "sink", certificate=certificates.both) as sink:
        own = {
            "NOTIFICATIONS_SMTP_URL": sink.address,
            "NOTIFICATIONS_SMTP_STARTTLS": "true",
        }
        platform = await start_platform((SERVICE,), environment={SERVICE: own})
        deliveries = await platform.follow(MAIL_DELIVERIES)
        await ask_for_identifiant(platform, PERSON)
        await deliveries.wait_for(told(MailDeferred), DEADLINE_S)
        assert sink.mails() == []


@pytest.mark.faults
async def test_serveur_qui_meurt_apres_data_ne_double_que_ces_mails(
    start_platform: StartPlatform,
) -> None:
    """G-60 : une réponse sur vingt se perd ; chaque mail arrive, un double a le même Message-ID."""
    platform = await start_platform((SERVICE,))
    deliveries = await platform.follow(MAIL_DELIVERIES)
    platform.sink.behave("drop", stage="data", every=20)
    people = [f"u{number}" for number in range(250)]
    await platform.publish([each for person in people for each in issued(platform, person)])
    await eventually(
        lambda: len(platform.mails()) >= 2 * len(people), 3 * DEADLINE_S, "a first round"
    )
    platform.sink.behave_well()
    platform.set_clock(2 * MINUTE)
    sent = await deliveries.wait_for_many(told(MailSent), 2 * len(people), 3 * DEADLINE_S)
    lost = [each.json()["mail_id"] for each in deliveries.records if told(MailDeferred)(each)]
    arrived = Counter(mail.message_id for mail in platform.mails())
    told_of = {each.json()["mail_id"]: each.json()["message_id"] for each in sent}
    assert len(arrived) == len(told_of) == 2 * len(people)
    assert {id for id, count in arrived.items() if count > 1} == {told_of[id] for id in lost}
    assert 0 < len(lost) <= 2 * len(people) / 20
    assert max(arrived.values()) == 2
