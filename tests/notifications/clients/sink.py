"""A real SMTP server in the test's own loop, with the misbehaviours of the harness's sink."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from deploy.local.mail_behaviour import Behaviour, SinkHandler
from deploy.local.smtp_sink import SinkSession

USER, PASSWORD = "notifications", "s3cret:/@"
MECHANISMS = ("PLAIN", "LOGIN")


class Sink:
    """What arrived, how often a client connected, and how to make it misbehave."""

    def __init__(self, file: Path) -> None:
        self.behaviour = Behaviour()
        self.handler = SinkHandler(self.behaviour, file)
        self.sessions: list[SMTP] = []
        self.port = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"smtp://127.0.0.1:{self.port}"

    def hang_up(self) -> None:
        """Close every connection, as a server does when it restarts."""
        for session in self.sessions:
            if session.transport is not None:
                session.transport.close()


@asynccontextmanager
async def running_sink(
    file: Path, *, certificate: ssl.SSLContext | None = None, login: str | None = None
) -> AsyncIterator[Sink]:
    """A sink on loopback: with a certificate it offers STARTTLS, and can ask for a password.

    Shapes:  `login` is the only mechanism that it offers for it, "PLAIN" or "LOGIN"
    """
    sink = Sink(file)

    def session() -> SMTP:
        with warnings.catch_warnings(action="ignore"):  # a login without TLS, on loopback
            smtp = SinkSession(
                sink.handler,
                tls_context=certificate,
                require_starttls=certificate is not None,
                authenticator=_authenticate if login is not None else None,
                auth_required=login is not None,
                auth_require_tls=certificate is not None,
                auth_exclude_mechanism=[each for each in MECHANISMS if each != login],
            )
        sink.sessions.append(smtp)
        return smtp

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        sink.behaviour.behave_well()
        sink.hang_up()
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0)


def _authenticate(*given: object) -> AuthResult:
    login = given[-1]
    right = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=login == right, handled=False)
