"""The commands of a mail and the answers to them, byte by byte: a server that says what we want."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

import pytest

from services.notifications.clients.conversation import (
    LONGEST_ANSWER,
    Answer,
    Conversation,
    Left,
    Lost,
    stuffed,
)
from services.notifications.ports import Letter
from tests.harness.polling import eventually

LETTER = Letter("a@mcp.example", "u1@commune.example", b"Subject: x\r\n\r\nBonjour\r\n")
MAIL, RCPT, DATA = b"MAIL FROM:<a@mcp.example>", b"RCPT TO:<u1@commune.example>", b"DATA"
CONTENT = b"Subject: x\r\n\r\nBonjour\r\n.\r\n"
GOOD = [b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n", b"250 kept\r\n"]
BOUND_S = 5


class Script:
    """A transport whose server answers each line, or group of lines, with the next of these."""

    def __init__(self, *answers: bytes | None) -> None:
        self.written: list[bytes] = []
        self.closed = False
        self._answers = list(answers)
        self._protocol: Conversation | None = None

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, Conversation)
        self._protocol = protocol

    def is_closing(self) -> bool:
        return self.closed

    def write(self, data: bytes) -> None:
        self.written.append(data)
        assert self._protocol is not None
        if self._answers:
            answer = self._answers.pop(0)
            if answer is None:
                self.abort()
            else:
                self._protocol.data_received(answer)

    def abort(self) -> None:
        self.closed = True
        assert self._protocol is not None
        self._protocol.connection_lost(None)

    close = abort

    def conversation(self, *, pipelining: bool) -> Conversation:
        return Conversation(cast("asyncio.Transport", self), pipelining=pipelining)


async def said(script: Script, *, pipelining: bool, letters: int = 1) -> list[Answer]:
    conversation = script.conversation(pipelining=pipelining)
    async with asyncio.timeout(BOUND_S):
        return [await conversation.hand_over(LETTER) for _ in range(letters)]


async def test_commands_go_in_turn_where_pipelining_is_not_announced() -> None:
    script = Script(*GOOD)
    assert await said(script, pipelining=False) == [Answer(250)]
    assert script.written == [MAIL + b"\r\n", RCPT + b"\r\n", DATA + b"\r\n", CONTENT]


async def test_commands_leave_at_once_where_it_is_and_the_content_waits_for_consent() -> None:
    script = Script(b"".join(GOOD[:3]), GOOD[3])
    assert await said(script, pipelining=True) == [Answer(250)]
    assert script.written == [b"\r\n".join((MAIL, RCPT, DATA, b"")), CONTENT]


@pytest.mark.parametrize(
    "chunks",
    [
        [b"250 ok\r\n250 o", b"k\r\n354 go on\r\n"],
        [b"2", b"50-first\r\n250-", b"second\r\n250 last\r\n250 2.1.5 ok\r\n354", b" go on\r\n"],
        [b"250\r\n250 ok\r\n354 go on\r\n"],
    ],
)
async def test_answers_are_read_however_they_are_cut(chunks: Sequence[bytes]) -> None:
    script = Script()
    conversation = script.conversation(pipelining=True)
    handing = asyncio.create_task(conversation.hand_over(LETTER))
    await asyncio.sleep(0)
    for chunk in chunks:
        assert len(script.written) == 1
        conversation.data_received(chunk)
    await eventually(lambda: len(script.written) == 2, BOUND_S, "the content is sent")
    conversation.data_received(b"250-2.0.0 kept\r\n250 2.0.0 queued\r\n")
    assert await handing == Answer(250, "2.0.0")


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        (b"550 5.1.8 no\r\n503 first MAIL\r\n503 first RCPT\r\n", Answer(550, "5.1.8")),
        (b"250 ok\r\n550 5.1.1 no\r\n554 nobody\r\n", Answer(550, "5.1.1", at_recipient=True)),
        (b"250 ok\r\n250 ok\r\n451 4.3.0 no\r\n", Answer(451, "4.3.0")),
    ],
)
async def test_first_refusal_counts_and_the_next_mail_begins_anew(
    answers: bytes, refusal: Answer
) -> None:
    script = Script(answers, b"250 reset\r\n" + b"".join(GOOD[:3]), GOOD[3])
    assert await said(script, pipelining=True, letters=2) == [refusal, Answer(250)]
    assert script.written[1] == b"\r\n".join((b"RSET", MAIL, RCPT, DATA, b""))
    assert script.written[2:] == [CONTENT]


async def test_content_of_a_mail_without_recipient_is_a_lone_dot() -> None:
    """RFC 2920 §3.1: DATA may be taken though RCPT was not; nobody must get this mail."""
    script = Script(b"250 ok\r\n550 no\r\n354 go on\r\n", b"554 no valid recipients\r\n")
    assert await said(script, pipelining=True) == [Answer(550, at_recipient=True)]
    assert script.written[1:] == [b".\r\n"]


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("leave", [None, b"421 4.3.2 closing\r\n"])
async def test_server_that_leaves_before_the_first_answer_has_got_nothing(
    leave: bytes | None, pipelining: bool
) -> None:
    script = Script(leave)
    with pytest.raises(Left) as left:
        await said(script, pipelining=pipelining)
    assert left.value.answer == (None if leave is None else Answer(421, "4.3.2"))
    assert script.closed
    assert CONTENT not in script.written


async def test_refusal_stands_though_the_connection_is_lost_after_it() -> None:
    script = Script(b"250 ok\r\n550 5.1.1 no\r\n")
    conversation = script.conversation(pipelining=True)
    handing = asyncio.create_task(conversation.hand_over(LETTER))
    await asyncio.sleep(0)
    script.abort()
    assert await handing == Answer(550, "5.1.1", at_recipient=True)


@pytest.mark.parametrize("pipelining", [True, False])
async def test_connection_lost_after_the_first_answer_is_lost(pipelining: bool) -> None:
    script = Script(b"250 ok\r\n", None) if not pipelining else Script(b"250 ok\r\n")
    conversation = script.conversation(pipelining=pipelining)
    handing = asyncio.create_task(conversation.hand_over(LETTER))
    await asyncio.sleep(0)
    if pipelining:
        script.abort()
    with pytest.raises(Lost) as lost:
        await handing
    assert not isinstance(lost.value, Left)


@pytest.mark.parametrize(
    "noise",
    [b"HTTP/1.1 400 Bad\r\n", b"\r\n", b"99 no\r\n", b"250ok\r\n", b"250-" * LONGEST_ANSWER],
)
async def test_what_is_no_answer_ends_the_connection(noise: bytes) -> None:
    script = Script(noise)
    with pytest.raises(Left):
        await said(script, pipelining=True)
    assert script.closed


async def test_what_nobody_asked_for_ends_the_connection() -> None:
    """A 421 for idleness, or what somebody injects: it must not answer the next mail."""
    script = Script(*GOOD)
    conversation = script.conversation(pipelining=False)
    await conversation.hand_over(LETTER)
    conversation.data_received(b"250 ok\r\n")
    assert not conversation.is_open
    with pytest.raises(Left):
        await conversation.hand_over(LETTER)


async def test_421_at_the_end_ends_the_connection_too() -> None:
    script = Script(b"".join(GOOD[:3]), b"421 4.3.2 closing\r\n")
    assert await said(script, pipelining=True) == [Answer(421, "4.3.2")]
    assert script.closed


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        (b"a\r\n.b\r\n..\r\n", b"a\r\n..b\r\n...\r\n"),
        (b".a\r\n", b"..a\r\n"),
        (b"a.\r\n", b"a.\r\n"),
    ],
)
def test_dot_at_the_head_of_a_line_is_doubled(content: bytes, sent: bytes) -> None:
    assert stuffed(content) == sent


# -- a real transport ---------------------------------------------------------------------------


@asynccontextmanager
async def talking(answers: list[bytes]) -> AsyncIterator[Conversation]:
    """A server on loopback that answers group after group, whatever is said."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.read(4096)
            writer.write(answer)
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    left = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, host, port)
    conversation = Conversation(transport, pipelining=True)
    async with server:
        yield conversation
        conversation.close()
        await asyncio.wait_for(left.wait(), BOUND_S)


async def test_it_takes_over_a_connection_that_stands() -> None:
    async with talking([b"".join(GOOD[:3]), GOOD[3], b"221 bye\r\n"]) as conversation:
        assert await conversation.hand_over(LETTER) == Answer(250)
        await conversation.quit()
        assert not conversation.is_open
