"""A conversation with a mail server once it is open: the commands of a mail, each answer in turn.

aiosmtplib opens, secures and signs in, one command at a time, and drops answers that come
together. From there on this protocol has the connection: where the server announces PIPELINING
(RFC 2920), MAIL, RCPT and DATA leave at once and a mail takes two round trips instead of four.
"""

import asyncio
import re
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from services.notifications.ports import Letter

LONGEST_ANSWER = 32 * 1024
"""Bytes of one answer that is not ended yet; real ones take a few hundred (assumed)."""
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
"""An enhanced status code at the head of an answer (RFC 3463 §2, RFC 2034 §4)."""

OK, OK_ELSEWHERE, GO_ON, CLOSING = 250, 251, 354, 421
"""RFC 5321 §4.2.3."""
RCPT = b"RCPT"


class Answer(NamedTuple):
    """What the server answered, without its words: they may repeat an address."""

    code: int
    enhanced: str | None = None
    at_recipient: bool = False
    """Whether it answers RCPT."""

    @property
    def is_consent(self) -> bool:
        """Whether the command was taken."""
        return self.code in (OK, OK_ELSEWHERE, GO_ON)


class Lost(Exception):
    """The connection ended, or what came was no answer, before the mail was answered for."""


class Left(Lost):
    """The server took leave before it answered anything of this mail: none of it was sent."""

    def __init__(self, answer: Answer | None = None) -> None:
        super().__init__()
        self.answer = answer


class Conversation(asyncio.Protocol):
    """One connection, open and signed in; one mail at a time.

    Shapes:  `pipelining`, whether the server announced it
    """

    def __init__(self, transport: asyncio.Transport, *, pipelining: bool) -> None:
        self._transport = transport
        self._pipelining = pipelining
        self._awaited: deque[asyncio.Future[Answer]] = deque()
        self._buffer = b""
        self._refused = False
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether another mail may be tried on it."""
        return not self._transport.is_closing()

    def close(self) -> None:
        """End it at once."""
        self._transport.abort()

    async def hand_over(self, letter: Letter) -> Answer:
        """One mail: consent of the server to all of it, or its first refusal.

        Raises:  Left; Lost
        """
        refusal = await self._open_envelope(letter)
        if refusal is None:
            (answered,) = self._say(stuffed(letter.content) + b".\r\n")
            answer = await answered
            self._refused = not answer.is_consent
        else:
            answer, self._refused = refusal, True
        if answer.code == CLOSING:
            self.close()
        return answer

    async def quit(self) -> None:
        """Say good-bye and wait for the answer. Raises Lost"""
        (answered,) = self._say(b"QUIT\r\n")
        await answered
        self._transport.close()

    # -- asking -----------------------------------------------------------------------------

    async def _open_envelope(self, letter: Letter) -> Answer | None:
        """RSET where needed, MAIL, RCPT, DATA; None when the content is waited for."""
        commands = [
            f"MAIL FROM:<{letter.sender}>\r\n".encode("ascii"),
            RCPT + f" TO:<{letter.recipient}>\r\n".encode("ascii"),
            b"DATA\r\n",
        ]
        if self._refused:  # forget the envelope of the mail before
            commands.insert(0, b"RSET\r\n")
        if self._pipelining:
            return await self._ask_at_once(commands)
        return await self._ask_in_turn(commands)

    async def _ask_in_turn(self, commands: Sequence[bytes]) -> Answer | None:
        for command in commands:
            (answered,) = self._say(command)
            first = command is commands[0]
            answer = await self._first(answered) if first else await answered
            if not answer.is_consent:
                return _placed(answer, command)
        return None

    async def _ask_at_once(self, commands: Sequence[bytes]) -> Answer | None:
        """Each command has its answer, also after a refusal: none may be taken for another's."""
        first, *others = self._say(*commands)
        answer = await self._first(first)
        refusal = None if answer.is_consent else answer
        try:
            for command, answered in zip(commands[1:], others, strict=True):
                answer = await answered
                if refusal is None and not answer.is_consent:
                    refusal = _placed(answer, command)
            if refusal is not None and answer.code == GO_ON:
                # DATA taken with no recipient: a lone dot ends it (RFC 2920 §3.1)
                (ended,) = self._say(b".\r\n")
                await ended
        except Lost:
            if refusal is None:
                raise
        return refusal

    async def _first(self, answered: "asyncio.Future[Answer]") -> Answer:
        """The first answer of a mail. Raises Left"""
        try:
            answer = await answered
        except Lost:
            raise Left from None
        if answer.code == CLOSING:
            self.close()
            raise Left(answer)
        return answer

    def _say(self, *commands: bytes) -> "list[asyncio.Future[Answer]]":
        """Send what belongs together; one answer is owed for each."""
        loop = asyncio.get_running_loop()
        owed = [loop.create_future() for _ in commands]
        self._awaited.extend(owed)
        if self.is_open:
            self._transport.write(b"".join(commands))
        else:
            self._fail()
        return owed

    # -- listening --------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Give each whole answer to the command that waits longest for one."""
        self._buffer += data
        while (end := self._end_of_answer()) is not None:
            head, self._buffer = self._buffer[:end], self._buffer[end:]
            answer = _read(head)
            if answer is None or not self._awaited:  # not SMTP, or nobody asked: leave
                return self._break_off()
            awaited = self._awaited.popleft()
            if not awaited.done():
                awaited.set_result(answer)
        if len(self._buffer) > LONGEST_ANSWER:
            self._break_off()
        return None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (whatever the cause)
        """Nothing that is still owed will come."""
        self._fail()

    def _end_of_answer(self) -> int | None:
        """Where the first answer ends: at its first line without a hyphen (RFC 5321 §4.2.1)."""
        start = 0
        while (end := self._buffer.find(b"\n", start)) >= 0:
            if self._buffer[start + 3 : start + 4] != b"-":
                return end + 1
            start = end + 1
        return None

    def _break_off(self) -> None:
        self._transport.abort()
        self._fail()

    def _fail(self) -> None:
        while self._awaited:
            awaited = self._awaited.popleft()
            if not awaited.done():
                awaited.set_exception(Lost())
                awaited.exception()  # nobody may be waiting for this one any more


def _placed(answer: Answer, command: bytes) -> Answer:
    return answer._replace(at_recipient=command.startswith(RCPT))


def stuffed(content: bytes) -> bytes:
    """A content whose lines end in CR LF, with a dot before each dot that begins a line.

    Source:  RFC 5321 §4.5.2
    """
    doubled = content.replace(b"\r\n.", b"\r\n..")
    return b"." + doubled if doubled.startswith(b".") else doubled


def _read(lines: bytes) -> Answer | None:
    """An answer; None for what is none."""
    if not (lines[:3].isdigit() and lines[:1] in b"2345" and lines[3:4] in b" -\r\n"):
        return None
    enhanced = _ENHANCED.match(lines[4:32].decode("ascii", "replace"))
    return Answer(int(lines[:3]), enhanced and enhanced[0])
