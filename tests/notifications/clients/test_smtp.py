"""The mail client against a real server: every answer, silence, lost connections, TLS."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509

from services.notifications.clients.smtp import MEANINGS, SmtpServer, meaning_of
from services.notifications.domain.modele import Modele
from services.notifications.domain.tentative import Accepted, Deferred, Rejected, Result
from tests.harness.certificates import Certificates, make_certificates
from tests.notifications.clients.sink import MECHANISMS, PASSWORD, USER, Sink, running_sink
from tests.notifications.letters import SENDER, written

LETTER = written(Modele.IDENTIFIANT)
BOUND_S = 5.0


@asynccontextmanager
async def client_of(
    url: str,
    *,
    starttls: bool = False,
    connections: int = 4,
    tls_context: ssl.SSLContext | None = None,
) -> AsyncIterator[SmtpServer]:
    server = SmtpServer(url, starttls=starttls, connections=connections, tls_context=tls_context)
    try:
        yield server
    finally:
        await server.close()


@pytest.fixture(params=["at once", "in turn"])
async def sink(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Sink]:
    """A server that takes the commands of a mail at once, or in turn only."""
    async with running_sink(tmp_path / "mails.jsonl") as running:
        if request.param == "in turn":
            running.behaviour.behave("hide PIPELINING", None, None, "ehlo")
        yield running


@pytest.fixture
async def client(sink: Sink) -> AsyncIterator[SmtpServer]:
    async with client_of(sink.url) as connected:
        yield connected


async def test_accepted_mail_arrives_as_it_was_made(sink: Sink, client: SmtpServer) -> None:
    assert await client.send(LETTER, BOUND_S) == Accepted()
    (kept,) = sink.handler.mails()
    assert (kept["sender"], kept["recipients"]) == (SENDER, ["u1@commune.example"])
    assert kept["raw"].encode() == LETTER.content


async def test_one_connection_serves_many_mails(sink: Sink, client: SmtpServer) -> None:
    for _ in range(5):
        assert await client.send(LETTER, BOUND_S) == Accepted()
    assert len(sink.sessions) == 1


async def test_never_more_connections_than_allowed(sink: Sink) -> None:
    async with client_of(sink.url, connections=3) as client:
        results = await asyncio.gather(*(client.send(LETTER, BOUND_S) for _ in range(20)))
    assert results == [Accepted()] * 20
    assert len(sink.sessions) == 3


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ("421", Deferred(421, "4.3.2")),
        ("450", Deferred(450, "4.2.1")),
        ("451", Deferred(451, "4.3.0")),
        ("452", Deferred(452, "4.2.2")),
        ("550", Rejected(550, "5.1.1")),
        ("552", Rejected(552, "5.2.2")),
        ("554", Rejected(554, "5.7.1")),
    ],
)
async def test_each_answer_has_its_meaning_and_the_next_mail_goes(
    sink: Sink, client: SmtpServer, answer: str, result: Result, stage: str
) -> None:
    sink.behaviour.behave(answer, 1, None, stage)
    if isinstance(result, Rejected):  # 552 is a full mailbox and 554 here a policy
        result = replace(result, of_recipient=stage == "rcpt" and answer == "550")
    assert await client.send(LETTER, BOUND_S) == result
    assert sink.handler.count() == 0
    assert await client.send(LETTER, BOUND_S) == Accepted()
    assert sink.handler.count() == 1


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
async def test_silence_is_bounded_and_means_later(
    sink: Sink, client: SmtpServer, stage: str
) -> None:
    sink.behaviour.behave("hang", 1, None, stage)
    started = asyncio.get_running_loop().time()
    assert await client.send(LETTER, 0.3) == Deferred(None)
    assert asyncio.get_running_loop().time() - started < 2
    assert await client.send(LETTER, BOUND_S) == Accepted()


@asynccontextmanager
async def greeting(line: bytes) -> AsyncIterator[str]:
    """A server that says one thing, or nothing, and waits for the client to leave."""
    left = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(line)
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with asyncio.timeout(BOUND_S):
            await left.wait()


async def test_silent_greeting_is_bounded_too() -> None:
    async with greeting(b"") as url, client_of(url) as client:
        assert await client.send(LETTER, 0.2) == Deferred(None)


async def test_connection_lost_after_data_means_later_and_is_not_sent_twice(
    sink: Sink, client: SmtpServer
) -> None:
    sink.behaviour.behave("drop", 1, None, "data")
    assert await client.send(LETTER, BOUND_S) == Deferred(None)
    assert sink.handler.count() == 1


async def test_connection_lost_before_data_means_later(sink: Sink, client: SmtpServer) -> None:
    sink.behaviour.behave("drop", 1, None, "rcpt")
    assert await client.send(LETTER, BOUND_S) == Deferred(None)


async def test_waiting_connection_that_the_server_closed_is_replaced(
    sink: Sink, client: SmtpServer
) -> None:
    for _ in range(3):
        assert await client.send(LETTER, BOUND_S) == Accepted()
        sink.hang_up()
    assert sink.handler.count() == 3


async def test_server_that_closes_at_the_next_mail_gets_a_new_connection(
    sink: Sink, client: SmtpServer
) -> None:
    assert await client.send(LETTER, BOUND_S) == Accepted()
    sink.behaviour.behave("421", 1, None, "mail")
    assert await client.send(LETTER, BOUND_S) == Accepted()
    assert len(sink.sessions) == 2


async def test_refused_connection_means_later(sink: Sink) -> None:
    async with client_of("smtp://127.0.0.1:1") as client:
        assert await client.send(LETTER, BOUND_S) == Deferred(None)


async def test_greeting_that_refuses_is_not_the_mails_fault() -> None:
    async with greeting(b"554 5.3.2 No SMTP service here\r\n") as url, client_of(url) as client:
        assert await client.send(LETTER, BOUND_S) == Deferred(554)


async def test_greeting_that_is_no_smtp_means_later() -> None:
    async with greeting(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url, client_of(url) as client:
        assert await client.send(LETTER, BOUND_S) == Deferred(None)


async def test_one_person_refused_does_not_hold_up_another(sink: Sink, client: SmtpServer) -> None:
    sink.behaviour.behave("550", None, "u1@commune.example", "rcpt")
    other = written(Modele.IDENTIFIANT, to="u2@commune.example")
    assert await client.send(LETTER, BOUND_S) == Rejected(550, "5.1.1", of_recipient=True)
    assert await client.send(other, BOUND_S) == Accepted()


# -- TLS and authentication ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def tls_sink(tmp_path: Path, certificates: Certificates) -> AsyncIterator[Sink]:
    """A server that takes mails through STARTTLS only."""
    tls = certificates.server_context()
    async with running_sink(tmp_path / "mails.jsonl", certificate=tls) as running:
        yield running


async def test_starttls_wanted_but_not_offered_sends_nothing(sink: Sink) -> None:
    async with client_of(sink.url, starttls=True) as client:
        assert isinstance(await client.send(LETTER, BOUND_S), Deferred)
    assert sink.handler.count() == 0


async def test_starttls_with_an_unknown_certificate_sends_nothing(tls_sink: Sink) -> None:
    async with client_of(tls_sink.url, starttls=True) as client:
        assert await client.send(LETTER, BOUND_S) == Deferred(None)
    assert tls_sink.handler.count() == 0


async def test_starttls_with_the_certificate_of_another_host_sends_nothing(tmp_path: Path) -> None:
    other = x509.SubjectAlternativeName([x509.DNSName("relay.example")])
    certificates = make_certificates(tmp_path, names=other)
    tls, trusting = certificates.server_context(), certificates.client_context()
    async with (
        running_sink(tmp_path / "mails.jsonl", certificate=tls) as sink,
        client_of(sink.url, starttls=True, tls_context=trusting) as client,
    ):
        assert await client.send(LETTER, BOUND_S) == Deferred(None)
        assert sink.handler.count() == 0


async def test_starttls_with_a_trusted_certificate_sends(
    tls_sink: Sink, certificates: Certificates
) -> None:
    trusting = certificates.client_context()
    async with client_of(tls_sink.url, starttls=True, tls_context=trusting) as client:
        for _ in range(3):
            assert await client.send(LETTER, BOUND_S) == Accepted()
    assert [kept["tls"] for kept in tls_sink.handler.mails()] == [True] * 3
    assert len(tls_sink.sessions) == 1


@pytest.mark.parametrize(
    ("action", "stage", "code"),
    [
        ("hide STARTTLS", "ehlo", None),
        ("454", "starttls", 454),
        ("drop", "starttls", None),
        ("hang", "starttls", None),
    ],
)
async def test_starttls_that_fails_is_no_reason_to_send_in_clear(
    tls_sink: Sink, certificates: Certificates, action: str, stage: str, code: int | None
) -> None:
    tls_sink.behaviour.behave(action, 1, None, stage)
    trusting = certificates.client_context()
    async with client_of(tls_sink.url, starttls=True, tls_context=trusting) as client:
        bound = 0.3 if action == "hang" else BOUND_S
        assert await client.send(LETTER, bound) == Deferred(code)
        assert tls_sink.handler.count() == 0
        assert await client.send(LETTER, BOUND_S) == Accepted()


async def test_server_that_wants_tls_gets_no_mail_in_clear(tls_sink: Sink) -> None:
    async with client_of(tls_sink.url, starttls=False) as client:
        assert await client.send(LETTER, BOUND_S) == Deferred(530)
    assert tls_sink.handler.count() == 0


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize(("password", "result"), [(PASSWORD, Accepted()), ("no", Deferred(535))])
async def test_wrong_password_of_ours_is_not_the_mails_fault(
    tmp_path: Path, certificates: Certificates, mechanism: str, password: str, result: Result
) -> None:
    tls, trusting = certificates.server_context(), certificates.client_context()
    async with running_sink(tmp_path / "mails.jsonl", certificate=tls, login=mechanism) as sink:
        url = f"smtp://{USER}:{quote(password, safe='')}@127.0.0.1:{sink.port}"
        async with client_of(url, starttls=True, tls_context=trusting) as client:
            assert await client.send(LETTER, BOUND_S) == result
        assert [kept["login"] for kept in sink.handler.mails()] == [True] * sink.handler.count()


async def test_server_that_does_not_know_us_gets_no_mail(
    tls_sink: Sink, certificates: Certificates
) -> None:
    tls_sink.behaviour.behave("hide AUTH", None, None, "ehlo")
    url = f"smtp://{USER}:no@127.0.0.1:{tls_sink.port}"
    trusting = certificates.client_context()
    async with client_of(url, starttls=True, tls_context=trusting) as client:
        assert await client.send(LETTER, BOUND_S) == Deferred(None)
    assert tls_sink.handler.count() == 0


def test_password_in_clear_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="through TLS"):
        SmtpServer("smtp://me:secret@relay.example", starttls=False, connections=1)


@pytest.mark.parametrize("url", ["http://relay.example", "relay.example:25", "smtp://", ""])
def test_address_that_is_no_mail_server_is_refused_at_start(url: str) -> None:
    with pytest.raises(ValueError, match="mail server"):
        SmtpServer(url, starttls=False, connections=1)


# -- the table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(MEANINGS))
def test_table_of_answers_follows_the_first_digit_but_for_our_own_settings(code: int) -> None:
    ours = {530, 534, 535, 538}
    expected: Any = Rejected if code >= 500 and code not in ours else Deferred
    assert meaning_of(code) == expected(code)


@pytest.mark.parametrize(
    ("code", "result"),
    [(499, Deferred(499)), (599, Rejected(599)), (220, Deferred(220)), (-1, Deferred(None))],
)
def test_answer_outside_the_table_follows_its_first_digit(code: int, result: Result) -> None:
    assert meaning_of(code) == result


@pytest.mark.parametrize(
    ("code", "status", "theirs"),
    [
        (550, None, True),
        (551, None, True),
        (553, None, True),
        (556, None, True),
        (501, None, False),
        (521, None, False),
        (541, None, False),
        (552, None, False),
        (554, None, False),
        (555, None, False),
        (550, "5.0.0", True),
        (554, "5.0.0", False),
        (550, "5.1.1", True),
        (554, "5.1.1", True),
        (550, "5.1.10", True),
        (550, "5.2.1", True),
        (550, "5.1.7", False),
        (550, "5.1.8", False),
        (552, "5.2.2", False),
        (550, "5.2.2", False),
        (552, "5.2.3", False),
        (550, "5.3.2", False),
        (550, "5.7.1", False),
        (553, "5.7.1", False),
        (550, "5.7.26", False),
    ],
)
def test_refusal_of_a_recipient_is_theirs_only_if_it_speaks_of_the_address(
    code: int, status: str | None, theirs: bool
) -> None:
    refused = Rejected(code, status, of_recipient=theirs)
    assert meaning_of(code, status, at_recipient=True) == refused
    assert meaning_of(code, status) == Rejected(code, status)
    assert meaning_of(450, status, at_recipient=True) == Deferred(450, status)


def _refuse_and_fall_silent(listener: socket.socket, tls: ssl.SSLContext) -> bool:
    """Refuse a password over TLS, answer no farewell; whether the client has left for good."""
    raw, _ = listener.accept()
    raw.settimeout(BOUND_S)
    with tls.wrap_socket(raw, server_side=True) as secured:
        secured.sendall(b"220 here\r\n")
        secured.recv(4096)
        secured.sendall(b"250-here\r\n250 AUTH PLAIN\r\n")
        secured.recv(4096)
        secured.sendall(b"535 no\r\n")
        with socket.socket(fileno=secured.detach()) as below:  # nobody speaks TLS any more
            below.settimeout(BOUND_S)
            try:
                while below.recv(4096):
                    pass
            except ConnectionResetError:
                return True
            except TimeoutError:
                return False
            return True


async def test_connection_on_which_signing_in_failed_waits_for_no_farewell(
    certificates: Certificates,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"smtps://{USER}:no@127.0.0.1:{listener.getsockname()[1]}"
        tls, trusting = certificates.server_context(), certificates.client_context()
        server = asyncio.create_task(asyncio.to_thread(_refuse_and_fall_silent, listener, tls))
        async with client_of(url, tls_context=trusting) as client:
            assert await client.send(LETTER, BOUND_S) == Deferred(535)
            assert await server
