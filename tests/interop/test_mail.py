"""Mails between strangers: Postfix takes ours, swaks is answered by our sink as by any server."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.mails import parse_mail
from deploy.local.smtp_sink import SmtpSink
from services.notifications.clients.smtp import SmtpServer, trusting
from services.notifications.domain.modele import Modele
from services.notifications.domain.tentative import Accepted, Deferred, Rejected
from services.notifications.ports import Letter
from shared.contracts.notifications import SERVICE, MailFailed, MailSent
from shared.contracts.topics import MAIL_DELIVERIES
from tests.harness.certificates import Certificates, make_certificates
from tests.harness.fixtures import StartPlatform
from tests.harness.polling import eventually
from tests.interop.postfix import DOMAIN, PASSWORD, REALM, USER, Postfix, running_postfix
from tests.interop.swaks import speak
from tests.interop.tools import naughty_strings
from tests.notifications.builders import IDENTIFIANT
from tests.notifications.builders import PASSWORD as SECRET
from tests.notifications.issuing import issued, told
from tests.notifications.letters import SENDER, written

pytestmark = [pytest.mark.interop, pytest.mark.timeout(180)]

DEADLINE_S = 30
BOUND_S = 10.0
PERSONS = ["u1", "u2", "u3", "swaks", "hostile", *(modele.value for modele in Modele)]
LOGINS = [(mechanism, f"{USER}@{REALM}", PASSWORD) for mechanism in ("PLAIN", "LOGIN")]


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    with running_postfix(*PERSONS) as running:
        yield running


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def to(postfix: Postfix, url: str | None = None) -> SmtpServer:
    trusted = trusting(postfix.certificates.authority)
    return SmtpServer(url or postfix.url, starttls=True, connections=3, tls_context=trusted)


def person(name: str) -> str:
    return f"{name}@{DOMAIN}"


def lies_as_sent(stored: bytes, letter: Letter) -> bool:
    """Whether a mailbox holds the mail byte for byte, under what the server put on top."""
    return stored.endswith(b"\n" + letter.content.replace(b"\r\n", b"\n"))


async def arrived(postfix: Postfix, name: str, count: int) -> list[bytes]:
    await eventually(
        lambda: len(postfix.mailbox(name)) >= count, DEADLINE_S, f"{count} mails for {name}"
    )
    return postfix.mailbox(name)


# -- our client, their server -------------------------------------------------------------------


@pytest.mark.parametrize("modele", list(Modele))
async def test_postfix_takes_every_mail_and_keeps_it_as_it_was_made(
    postfix: Postfix, modele: Modele
) -> None:
    letter = written(modele, to=person(modele.value))
    client = to(postfix)
    assert await client.send(letter, BOUND_S) == Accepted()
    await client.close()
    (stored,) = await arrived(postfix, modele.value, 1)
    assert lies_as_sent(stored, letter)
    (mail,) = postfix.mails(modele.value)
    assert (mail["Delivered-To"], mail["To"]) == (person(modele.value),) * 2
    assert mail["Return-Path"] == f"<{SENDER}>"
    assert mail.defects == []
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


async def test_postfix_hears_the_commands_of_a_mail_at_once_and_refuses_strangers(
    postfix: Postfix,
) -> None:
    client = to(postfix)
    unknown = written(Modele.IDENTIFIANT, to=person("inconnue"))
    assert await client.send(unknown, BOUND_S) == Rejected(550, "5.1.1", of_recipient=True)
    known = written(Modele.IDENTIFIANT, to=person("u3"))
    assert await client.send(known, BOUND_S) == Accepted()
    (connection,) = client._idle
    assert connection.conversation._pipelining
    await client.close()
    assert lies_as_sent((await arrived(postfix, "u3", 1))[0], known)


async def test_postfix_refuses_whom_it_does_not_know_and_that_is_not_the_mails_fault(
    postfix: Postfix,
) -> None:
    client = to(postfix, f"smtp://{USER}%40{REALM}:wrong@{postfix.address}")
    result = await client.send(written(Modele.IDENTIFIANT, to=person("u3")), BOUND_S)
    assert result == Deferred(535)


async def test_postfix_whose_authority_nobody_knows_gets_no_mail(postfix: Postfix) -> None:
    client = SmtpServer(postfix.url, starttls=True, connections=1, tls_context=trusting(None))
    result = await client.send(written(Modele.IDENTIFIANT, to=person("u3")), BOUND_S)
    assert result == Deferred(None)


async def test_hostile_names_reach_a_mailbox_as_one_mail_each_with_the_usual_headers(
    postfix: Postfix,
) -> None:
    letters = [
        written(Modele.IDENTIFIANT, to=person("hostile"), nom=string)
        for string in naughty_strings()
        if string
    ]
    client = to(postfix)
    results = await asyncio.gather(*(client.send(letter, DEADLINE_S) for letter in letters))
    await client.close()
    assert results == [Accepted()] * len(letters)
    stored = await arrived(postfix, "hostile", len(letters))
    assert len(stored) == len(letters)
    kept = {raw.split(b"\nFrom: ", 1)[1] for raw in stored}
    sent = {letter.content.replace(b"\r\n", b"\n").split(b"From: ", 1)[1] for letter in letters}
    assert kept == sent
    names = {tuple(mail.keys()) for mail in postfix.mails("hostile")}
    assert len(names) == 1
    assert "Bcc" not in next(iter(names))


# -- their client -------------------------------------------------------------------------------


@pytest.mark.parametrize("login", LOGINS, ids=["PLAIN", "LOGIN"])
@pytest.mark.parametrize("modele", list(Modele))
async def test_our_bytes_sent_by_swaks_are_taken_by_postfix(
    postfix: Postfix, tmp_path: Path, modele: Modele, login: tuple[str, str, str]
) -> None:
    letter = written(modele, to=person("swaks"), nom=f"{modele}-{login[0]}")
    file = tmp_path / "mail.eml"
    file.write_bytes(letter.content)
    before = len(postfix.mailbox("swaks"))
    spoken = speak(
        postfix.address,
        to=person("swaks"),
        content=file,
        authority=postfix.certificates.authority,
        login=login,
    )
    assert spoken.code == 0, spoken.transcript
    stored = await arrived(postfix, "swaks", before + 1)
    assert any(letter.content.split(b"\r\n\r\n", 1)[1].strip() in as_sent(raw) for raw in stored)


def as_sent(stored: bytes) -> bytes:
    return stored.replace(b"\n", b"\r\n")


def test_swaks_is_served_by_our_sink(tmp_path: Path) -> None:
    with SmtpSink(tmp_path) as sink:
        spoken = speak(sink.address.removeprefix("smtp://"), to="u1@commune.example")
        assert spoken.code == 0, spoken.transcript
        (kept,) = sink.mails()
    mail = parse_mail(kept)
    assert mail.recipients == ("u1@commune.example",)
    assert "This is a test mailing" in mail.text


def test_swaks_is_served_by_our_sink_through_starttls(
    tmp_path: Path, certificates: Certificates
) -> None:
    with SmtpSink(tmp_path, certificate=certificates.both) as sink:
        address = sink.address.removeprefix("smtp://")
        in_clear = speak(address, to="u1@commune.example")
        assert in_clear.refusals()[0].startswith("530")
        spoken = speak(address, to="u1@commune.example", authority=certificates.authority)
        assert spoken.code == 0, spoken.transcript
        assert [kept["tls"] for kept in sink.mails()] == [True]


@pytest.mark.parametrize("answer", ["421", "451", "452", "550", "552", "554"])
@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_swaks_hears_every_refusal_of_our_sink(tmp_path: Path, answer: str, stage: str) -> None:
    with SmtpSink(tmp_path) as sink:
        sink.behave(answer, times=1, stage=stage)
        spoken = speak(sink.address.removeprefix("smtp://"), to="u1@commune.example")
        assert spoken.code != 0
        assert spoken.refusals()[0].startswith(answer), spoken.transcript
        assert sink.count() == 0


# -- the whole service --------------------------------------------------------------------------


@pytest.mark.connected
async def test_facts_on_kafka_become_mails_in_the_mailboxes_of_postfix(
    postfix: Postfix, start_platform: StartPlatform
) -> None:
    own = {
        "NOTIFICATIONS_SMTP_URL": postfix.url,
        "NOTIFICATIONS_SMTP_CA_FILE": str(postfix.certificates.authority),
    }
    platform = await start_platform((SERVICE,), environment={SERVICE: own})
    deliveries = await platform.follow(MAIL_DELIVERIES)
    await platform.publish([each for name in ("u1", "u2") for each in issued(platform, name)])
    await platform.publish(issued(platform, "inconnue")[:1])
    sent = await deliveries.wait_for_many(told(MailSent), 4, DEADLINE_S)
    failed = await deliveries.wait_for(told(MailFailed), DEADLINE_S)
    assert (failed.json()["smtp_code"], failed.json()["smtp_status"]) == (550, "5.1.1")
    found = []
    for name in ("u1", "u2"):
        await arrived(postfix, name, 2)
        mails = postfix.mails(name)
        texts = [str(next(mail.iter_parts()).get_content()) for mail in mails]
        assert sum(IDENTIFIANT in text for text in texts) == 1
        assert sum(SECRET in text for text in texts) == 1
        found += [mail["Message-ID"] for mail in mails]
    assert sorted(found) == sorted(each.json()["message_id"] for each in sent)
