"""Postfix on loopback: its own configuration, spool, certificate and mailboxes in one folder.

It asks for TLS and a password, takes mails for the persons that it knows, and for no others.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from deploy.local.ports import free_port
from deploy.local.process import Process
from deploy.local.server import Server
from tests.harness.certificates import make_certificates
from tests.interop.tools import find, missing, run

DOMAIN = "commune.example"
USER, PASSWORD, REALM = "notifications", "s3cret:/@", "mcp.example"
READY_S = 20
MAILBOX_USER = 65534
"""Who owns the mailboxes: nobody, on every Debian."""

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = localhost
mydestination =
alias_maps =
mynetworks =
smtpd_peername_lookup = no
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mailboxes
virtual_mailbox_maps = texthash:{folder}/persons
virtual_uid_maps = static:{owner}
virtual_gid_maps = static:{owner}
virtual_minimum_uid = 1
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = {realm}
cyrus_sasl_config_path = {folder}/etc/sasl
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_sasl_authenticated, reject
smtpd_client_connection_rate_limit = 0
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
postlog unix-dgram n - n - 1 postlogd
"""
SASL = """
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {folder}/etc/sasl/passwords
mech_list: PLAIN LOGIN
"""


class Postfix(Server):
    """A Postfix of the test's own; `url` is how notifications is told of it."""

    def __init__(self, folder: Path, persons: list[str]) -> None:
        find("postfix", "postfix")
        find("saslpasswd2", "sasl2-bin")
        if os.geteuid() != 0:
            missing("Postfix starts as root only")
        self.folder = folder
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"smtp://{USER}%40{REALM}:s3cret%3A%2F%40@{self.address}"
        self.certificates = make_certificates(folder)
        self._configure(persons)
        daemons = run(["postconf", "-d", "-h", "daemon_directory"]).stdout.strip()
        self.process = Process(
            "Postfix", [f"{daemons}/master", "-c", str(self.configuration), "-d"], folder / "out"
        )

    @property
    def configuration(self) -> Path:
        """The folder of main.cf and master.cf."""
        return self.folder / "etc"

    def wait_ready(self) -> None:
        """Wait for the port."""
        log = self.folder / "mail.log"
        self.process.wait_until(
            lambda: log.exists() and "daemon started" in log.read_text(), READY_S, "daemon"
        )

    def mailbox(self, person: str) -> list[bytes]:
        """The mails of a person as they lie in the mailbox, lines ended as on disk."""
        box = self.folder / "mailboxes" / person / "new"
        return [file.read_bytes() for file in sorted(box.glob("*"))]

    def mails(self, person: str) -> list[EmailMessage]:
        """The mails of a person, parsed."""
        return [
            message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
            for raw in self.mailbox(person)
        ]

    def _configure(self, persons: list[str]) -> None:
        for name in ("etc", "etc/sasl", "data", "queue", "mailboxes"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        os.chown(self.folder / "mailboxes", MAILBOX_USER, MAILBOX_USER)
        told = {
            "folder": self.folder,
            "port": self.port,
            "domain": DOMAIN,
            "realm": REALM,
            "owner": MAILBOX_USER,
            "certificate": self.certificates.certificate,
            "key": self.certificates.key,
        }
        (self.configuration / "main.cf").write_text(MAIN.format(**told).lstrip())
        (self.configuration / "master.cf").write_text(MASTER.format(**told).lstrip())
        lines = [f"{person}@{DOMAIN} {person}/\n" for person in persons]
        (self.folder / "persons").write_text("".join(lines))
        (self.configuration / "sasl" / "smtpd.conf").write_text(SASL.format(**told).lstrip())
        passwords = self.configuration / "sasl" / "passwords"
        _done("saslpasswd2", "-c", "-p", "-f", passwords, "-u", REALM, USER, text=PASSWORD)
        shutil.chown(passwords, "postfix")
        _done("postfix", "-c", self.configuration, "check")


def _done(*command: str | Path, text: str | None = None) -> None:
    done = run(command, text=text)
    assert done.returncode == 0, done.stderr


@contextmanager
def running_postfix(*persons: str) -> Iterator[Postfix]:
    """A Postfix that knows these persons, in a folder that its own users may enter."""
    with tempfile.TemporaryDirectory(prefix="postfix-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with Postfix(folder, list(persons)) as postfix:
            yield postfix
