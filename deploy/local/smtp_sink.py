"""A mail server that keeps every mail and misbehaves on demand, in its own process.

`python -m deploy.local.smtp_sink --port-file sink.json --mails mails.jsonl` runs it by hand.
"""

import argparse
import asyncio
import logging
import signal
import ssl
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from deploy.local.control import call, read_addresses, serve_control, write_addresses
from deploy.local.mail_behaviour import Behaviour, SinkHandler
from deploy.local.ports import free_port
from deploy.local.process import Process
from deploy.local.server import Server

READY_S = 20
SIZE_BYTES = 32 * 1024 * 1024
"""Largest mail taken; aiosmtpd's default."""

log = logging.getLogger(__name__)


class SmtpSink(Server):
    """A mail sink on loopback; `address` is its `smtp://host:port`, the same after a restart.

    Mails are in memory and, one JSON object per line, in `mails_file`, which survives the process.
    With a `certificate` (PEM, chain and private key in one file) it takes mails through STARTTLS
    only.
    """

    def __init__(
        self, directory: Path, *, port: int | None = None, certificate: Path | None = None
    ) -> None:
        self.directory = directory
        self.port = port or free_port()
        self.address = f"smtp://127.0.0.1:{self.port}"
        self.mails_file = directory / "mails.jsonl"
        self._port_file = directory / "sink.json"
        self.process = Process(
            "SMTP sink",
            [
                *(sys.executable, "-m", "deploy.local.smtp_sink"),
                *("--port-file", str(self._port_file)),
                *("--mails", str(self.mails_file)),
                *("--port", str(self.port)),
                *(() if certificate is None else ("--certificate", str(certificate))),
            ],
            directory / "sink.log",
        )
        self.control = ""

    def start(self) -> None:
        """Start; mails of an earlier run of the same folder are read again."""
        self._port_file.unlink(missing_ok=True)
        super().start()

    def wait_ready(self) -> None:
        """Wait for the addresses."""
        self.process.wait_until(self._port_file.exists, READY_S, "addresses")
        self.control = read_addresses(self._port_file)["control"]

    def mails(self, since: int = 0) -> list[dict[str, Any]]:
        """The mails kept, in order of arrival, from the `since`-th on: sender, recipients, raw."""
        mails: list[dict[str, Any]] = call(self.control, "mails", since=since)
        return mails

    def count(self) -> int:
        """How many mails were kept."""
        count: int = call(self.control, "count")
        return count

    def behave(
        self,
        action: str,
        *,
        times: int | None = None,
        recipient: str | None = None,
        stage: str = "rcpt",
        every: int = 1,
    ) -> None:
        """Misbehave for the next `times` mails, or without end, or for one recipient only.

        `action`: an SMTP answer ("421", "450 4.2.1 …", "550"…), "hang" (never answer) or
        "drop" (close the connection; at stage "data" after the mail was kept); "hide STARTTLS"
        at stage "ehlo", as somebody on the way may do.
        `stage`: "ehlo", "starttls", "mail", "rcpt" or "data", where the answer is given.
        `every`: 20 for one mail in 20 only.
        """
        call(
            self.control,
            "behave",
            action=action,
            times=times,
            recipient=recipient,
            stage=stage,
            every=every,
        )

    def behave_well(self) -> None:
        """Forget every misbehaviour; connections that hang are closed."""
        call(self.control, "behave_well")

    def forget(self) -> None:
        """Forget the mails kept."""
        call(self.control, "forget")


class SinkSession(SMTP):
    """One connection to the sink, which can misbehave at STARTTLS too."""

    def __init__(self, handler: SinkHandler, **options: Any) -> None:
        super().__init__(handler, ident="sink", enable_SMTPUTF8=True, **options)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 (aiosmtpd's name)
        """STARTTLS."""
        answer = await self.event_handler.misbehave(self, "starttls")
        if answer is None:
            await super().smtp_STARTTLS(arg)
        else:
            await self.push(answer)


def tls_of(certificate: Path) -> ssl.SSLContext:
    """TLS of a server with this certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


async def serve(
    port_file: Path, mails_file: Path, port: int, control_port: int, certificate: Path | None
) -> None:
    """Run the sink until SIGTERM or SIGINT."""
    behaviour = Behaviour()
    handler = SinkHandler(behaviour, mails_file)
    loop = asyncio.get_running_loop()

    tls = None if certificate is None else tls_of(certificate)

    def session() -> SMTP:
        return SinkSession(
            handler,
            data_size_limit=SIZE_BYTES,
            tls_context=tls,
            require_starttls=tls is not None,
        )

    server = await loop.create_server(session, "127.0.0.1", port)
    control = await serve_control(
        {
            "mails": handler.mails,
            "count": handler.count,
            "forget": handler.forget,
            "behave": behaviour.behave,
            "behave_well": behaviour.behave_well,
        },
        control_port,
    )
    control_address = "{}:{}".format(*control.sockets[0].getsockname())
    smtp_address = "{}:{}".format(*server.sockets[0].getsockname())
    write_addresses(port_file, smtp=smtp_address, control=control_address)
    log.info("SMTP sink at %s, control at %s", smtp_address, control_address)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    server.close()
    control.close()


def main() -> None:
    """Command line of the sink."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port-file", type=Path, required=True, help="where to write addresses")
    parser.add_argument("--mails", type=Path, required=True, help="JSON lines, one per mail")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--certificate", type=Path, help="PEM, chain and key: STARTTLS only")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    addresses = (options.port_file, options.mails, options.port, options.control_port)
    asyncio.run(serve(*addresses, options.certificate))


if __name__ == "__main__":
    main()
