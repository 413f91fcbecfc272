"""What the demo does to the platform: only through topics and HTTP, as any other system would."""

import re
import secrets
from datetime import timedelta
from typing import Any

import httpx

from deploy.demo.screen import Screen
from deploy.local.mails import Mail
from shared.clock import Clock
from shared.contracts.envelope import Command
from shared.contracts.identity import SERVICE as IDENTITY
from shared.contracts.topics import TOPICS, group_of
from shared.ids import draw_id
from shared.path.rows import cloud_event, moment
from shared.security.tokens import http_audience
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.harness.topics import Follower, Outgoing, Record

WAIT_S = 15
"""How long the demo waits for anything; the platform takes well under a second."""
IDENTIFIANT = re.compile(r"\b[A-Z]{3}[0-9]{4}[A-Z]{2}[0-9]{2}\b")
TEMPORARY = re.compile(r"\b\w{5}(?:-\w{5}){3}\b")


class DemoFailed(Exception):
    """The platform did not do what the story says."""


class Stage:
    """The platform as the story sees it."""

    def __init__(self, platform: Platform, screen: Screen) -> None:
        self.platform = platform
        self.screen = screen
        self.read: set[str] = set()
        self._offset = timedelta()
        self._subjects: set[str] = set()
        self._shown: set[tuple[str, int, int]] = set()
        self._accesses: dict[tuple[str, str], str] = {}

    async def open(self) -> None:
        """Follow every topic from its beginning, open HTTP clients."""
        self.follower: Follower = await self.platform.follow(*TOPICS)
        services = self.platform.services
        self._clients = {service: await self.platform.http(service) for service in services}

    # -- doing --------------------------------------------------------------------------------

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        session: str | None = None,
        *,
        at: str = IDENTITY,
    ) -> httpx.Response:
        """Ask a service for something over HTTP, with a key of its own.

        identity keeps the sessions; elsewhere a token that it gives for that door is shown.
        """
        shown = session
        if session is not None and at != IDENTITY:
            shown = await self._access(session, at)
        return await self._clients[at].request(
            method, path, body, session=shown, idempotency_key=secrets.token_hex(8)
        )

    async def _access(self, session: str, at: str) -> str:
        if (session, at) not in self._accesses:
            given = await self.done("POST", "/tokens", {"audience": http_audience(at)}, session)
            self._accesses[session, at] = given["access_token"]
        return self._accesses[session, at]

    async def done(
        self,
        method: str,
        path: str,
        body: Any = None,
        session: str | None = None,
        *,
        at: str = IDENTITY,
    ) -> Any:
        """The same, where the story needs a yes."""
        answer = await self.ask(method, path, body, session, at=at)
        if answer.is_error:
            raise DemoFailed(f"{method} {path} : {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    async def refused(
        self,
        method: str,
        path: str,
        body: Any = None,
        session: str | None = None,
        *,
        at: str = IDENTITY,
        shown: bool = True,
    ) -> None:
        """The same, where the story needs a no; shows it as people read it."""
        answer = await self.ask(method, path, body, session, at=at)
        if not answer.is_client_error:
            raise DemoFailed(f"{method} {path} aurait dû être refusé : {answer.status_code}")
        if shown:
            self.screen.saw("refus", f"{answer.json()['detail']} ({answer.json()['code']})")

    async def command(self, command: Command, token: str) -> str:
        """Publish a command on its topic; returns its message id."""
        id = draw_id()
        headers = cloud_event(
            id=id,
            type=command.TYPE,
            source="/demo",
            subject=command.key,
            at=moment(Clock.real_now()),
            correlation_id=id,
            cause=None,
        )
        headers["authorization"] = f"Bearer {token}"
        await self.record(command.TOPIC, command.key, headers, command.to_json())
        return id

    async def record(self, topic: str, key: str, headers: dict[str, str], value: bytes) -> None:
        """Publish any record at all."""
        raw = tuple((name, text.encode()) for name, text in headers.items())
        await self.platform.publish(
            [Outgoing(self.platform.topic(topic), key.encode(), raw, value)]
        )

    def pass_time(self, step: timedelta) -> None:
        """Move the clock of the whole platform, further than it is."""
        self._offset += step
        self._accesses.clear()
        self.platform.set_clock(self._offset)

    async def known(self, service: str, topic: str) -> None:
        """Wait until a service has read all that was told on a topic: it decides by its copy."""

        async def read() -> bool:
            return await self.platform.lag(group_of(service, topic), topic) == 0

        what = f"{service} a lu {topic}"
        await self.screen.waiting(what, eventually(read, WAIT_S, what))

    # -- seeing -------------------------------------------------------------------------------

    async def fact(self, type: str, **expected: Any) -> dict[str, Any]:
        """Wait for a fact with these values that was not shown yet, and show it."""

        def wanted(record: Record) -> bool:
            place = (record.topic, record.partition, record.offset)
            return (
                place not in self._shown
                and record.header("ce_type") == type
                and expected.items() <= record.json().items()
            )

        found = await self.screen.waiting(
            f"j’attends {type}", self.follower.wait_for(wanted, WAIT_S, type)
        )
        self._shown.add((found.topic, found.partition, found.offset))
        number = found.header("ce_sequence")
        rank = "" if number is None else f" n° {int(number)}"
        topic = found.topic.removeprefix(self.platform.settings.prefix)
        self.screen.saw("fait", f"{type}{rank} sur {topic}")
        body: dict[str, Any] = found.json()
        return body

    async def mail(self, address: str, about: str) -> Mail:
        """Wait for an unread mail to somebody, and show it: whole, the first of a kind."""

        def arrived() -> Mail | None:
            return next(iter(self.unread(address, about)), None)

        what = f"« {about} » à {address}"
        found = await self.screen.waiting(
            f"j’attends {what}", eventually(arrived, WAIT_S, f"mail {what}")
        )
        if found is None:
            raise DemoFailed(f"pas de mail {what}")
        self.read.add(found.message_id)
        self.screen.mail(found, whole=found.subject not in self._subjects)
        self._subjects.add(found.subject)
        return found

    def unread(self, address: str, about: str) -> list[Mail]:
        """The mails of a kind that somebody has not read yet, in the order of their arrival."""
        return [
            mail
            for mail in self.platform.mails()
            if mail.recipients == (address,)
            and about in mail.subject
            and mail.message_id not in self.read
        ]

    async def credentials_of(self, address: str) -> tuple[str, str]:
        """The identifiant and the temporary password that somebody reads in his two mails."""
        text = (await self.mail(address, "identifiant")).text
        identifiants = IDENTIFIANT.findall(text)
        if len(identifiants) != 1 or TEMPORARY.search(text):
            raise DemoFailed("deux mails séparés étaient attendus, un secret dans chacun")
        return identifiants[0], await self.temporary_password_of(address)

    async def temporary_password_of(self, address: str) -> str:
        """The temporary password that somebody reads in the mail that brings it, and no more."""
        text = (await self.mail(address, "mot de passe provisoire")).text
        found = TEMPORARY.findall(text)
        if len(found) != 1 or IDENTIFIANT.search(text):
            raise DemoFailed("un mot de passe provisoire était attendu, seul dans son mail")
        password: str = found[0]
        return password

    async def counts(self) -> dict[str, int]:
        """Records of each topic, from offset 0."""
        return {name: len(await self.platform.read(name)) for name in TOPICS}
