"""A real SMTP server in the test's own loop, with the misbehaviours of the harness's sink."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.local.mail_behaviour import Behaviour, SinkHandler

USER, PASSWORD = "notifications", "s3cret:/@"


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
    file: Path, *, certificate: ssl.SSLContext | None = None, with_login: bool = False
) -> AsyncIterator[Sink]:
    """A sink on loopback: with a certificate it offers STARTTLS, and can ask for a password."""
    sink = Sink(file)

    def session() -> SMTP:
        with warnings.catch_warnings(action="ignore"):  # a login without TLS, on loopback
            smtp = SMTP(
                sink.handler,
                ident="sink",
                tls_context=certificate,
                require_starttls=certificate is not None,
                authenticator=_authenticate if with_login else None,
                auth_required=with_login,
                auth_require_tls=False,
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


def make_certificate(directory: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's certificate for 127.0.0.1, signed by itself, and a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sink")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem, key_pem = directory / "sink.pem", directory / "sink.key"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(pem, key_pem)
    return server, ssl.create_default_context(cafile=str(pem))
