"""What people type changes nothing of a mail but the words that it shows (G-63)."""

import json
from base64 import b64decode
from email import message_from_bytes, policy
from functools import cache

import pytest
from pydantic import ValidationError

from services.notifications.content import CONTENUS
from services.notifications.domain.modele import Modele
from services.notifications.ports import Letter
from services.notifications.rendering import LONGEST_SUBJECT, TEMPLATES, show_controls
from shared.contracts.notifications import SERVICE, MailSent
from shared.contracts.topics import MAIL_DELIVERIES
from tests.harness.fixtures import StartPlatform
from tests.interop.tools import naughty_strings
from tests.notifications.builders import NOW, identifiant_issued
from tests.notifications.issuing import in_a_day, record, sealing_key, told
from tests.notifications.letters import LETTERS, MESSAGE_ID, WRITER, Page

pytestmark = [pytest.mark.interop, pytest.mark.long, pytest.mark.timeout(300)]

DEADLINE_S = 60
LONGEST_SEALED = 600
"""Characters of a name, twice, that what is sealed has room for, whatever they are."""
TO = "u1@commune.example"
NEVER_IN_A_SUBJECT = frozenset("\r\n\0:@/=?<>{}$%\u202e\u2066")
"""What makes a header, an address, a link, an encoded word or another direction."""
HALF_CHARACTER = "\ud800"
"""JSON cannot carry it, a store of before might."""
INJECTIONS = [
    "Zoé\r\nBcc: mallory@evil.example",
    "Zoé\nBcc: mallory@evil.example\n\nSalut",
    "Zoé\rBcc: mallory@evil.example",
    "\r\n.\r\nMAIL FROM:<mallory@evil.example>\r\n",
    "Z\0oé",
    "=?utf-8?q?Bonjour=0ABcc=3A_mallory=40evil.example?=",
    "=?utf-8?b?Qm9uam91cgpCY2M6IG1hbGxvcnlAZXZpbC5leGFtcGxl?=",
    "\u202eéoZ\u2066\u2069\u2069\u202c",
    "{{ 7*7 }}",
    "{{7*7}}{% if 1 %}1{% endif %}",
    "{% include '/etc/passwd' %}",
    "{{ portail.__class__.__mro__ }}",
    "{{ self._TemplateReference__context }}",
    "{# rien #}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "--=_mcp--",
    "--=_mcp\r\nContent-Type: text/html\r\n\r\n<b>",
    "</title></head><body onload=alert(1)>",
    "👩‍👩‍👧 " * 500,
    "é" * 20_000,
    HALF_CHARACTER,
]
"""Line ends, NUL, encoded words, directions, templates of every kind, our own boundary, length."""
OF_THE_SERVICE = {
    *("user_id", "to", "identifiant", "mot_de_passe", "generation", "expires_at"),
    *("nature", "reference", "comment", "motif", "convention", "titre", "demande", "service"),
}
"""Fields that no person types: ids, secrets that identity draws, codes."""
COMPOSED = {"intitule"}
"""What stands in no body, and in a header as little of it as may."""


@cache
def hostile() -> tuple[str, ...]:
    return (*(string for string in naughty_strings() if string), *INJECTIONS)


def sample(modele: Modele) -> dict[str, object]:
    text = (TEMPLATES / modele.value / "sample.json").read_text(encoding="utf-8")
    values: dict[str, object] = json.loads(text)
    return values


def typed_fields(modele: Modele) -> list[str]:
    """The fields of a mail that hold words of a person."""
    return [
        name
        for name, field in CONTENUS[modele].model_fields.items()
        if field.annotation is str and name not in OF_THE_SERVICE | COMPOSED
    ]


def letter_of(modele: Modele, **typed: str) -> Letter:
    """A mail of the sample, with these words instead. Raises ValidationError where refused."""
    content = CONTENUS[modele].model_validate(sample(modele) | typed)
    words = WRITER.write(modele, content)
    return LETTERS.make(words, to=TO, message_id=MESSAGE_ID, at=NOW)


def taken_apart(letter: Letter) -> tuple[bytes, bytes, bytes, str, str]:
    """Headers of the mail, of its two parts, its text and its HTML."""
    head, body = letter.content.split(b"\r\n\r\n", 1)
    _, plain, html, end = body.join((b"\r\n", b"\r\n")).split(b"\r\n--=_mcp")
    assert end == b"--\r\n\r\n"
    plain_head, text = plain.split(b"\r\n\r\n", 1)
    html_head, page = html.split(b"\r\n\r\n", 1)
    return head, plain_head, html_head, b64decode(text).decode(), b64decode(page).decode()


def headers_of(head: bytes) -> dict[str, str]:
    """Each header, once, as a mail reader reads it."""
    message = message_from_bytes(head + b"\r\n\r\n", policy=policy.default)
    headers = {name: str(value).lstrip() for name, value in message.items()}  # may be folded there
    assert len(headers) == len(message.items())
    return headers


def without_lines(page: Page) -> list[str]:
    """The tags of a page but those of its lines: a text of several lines has as many."""
    return [tag for tag in page.tags if tag not in ("p", "bdi", "br")]


@pytest.mark.parametrize("modele", list(Modele))
def test_naughty_strings_in_every_field_show_as_typed_and_change_nothing_else(
    modele: Modele,
) -> None:
    fields = typed_fields(modele)
    assert fields, "a mail that names nobody"
    plain = letter_of(modele)
    *heads, _, page = taken_apart(plain)
    tags = without_lines(Page(page))
    shown = 0
    for field in fields:
        for string in hostile():
            try:
                letter = letter_of(modele, **{field: string})
            except ValidationError:  # refused before there is a mail
                continue
            assert (letter.sender, letter.recipient) == (plain.sender, plain.recipient)
            *heads_now, text, page = taken_apart(letter)
            assert heads_now == heads, string
            lines = [show_controls(line) for line in string.replace("\r\n", "\n").split("\n")]
            html = Page(page)
            for body in (text, html.text()):
                whole = show_controls(string) in body
                assert whole or all(line in body for line in lines), (field, string)
            assert without_lines(html) == tags
            shown += 1
    assert shown > len(INJECTIONS)


def test_naughty_strings_in_a_composed_subject_stay_in_it_and_change_nothing_else() -> None:
    plain = letter_of(Modele.SOLLICITATION)
    head, *others = taken_apart(plain)
    headers = headers_of(head)
    for string in hostile():
        letter = letter_of(Modele.SOLLICITATION, intitule=f"CDAP 19_214 {string}")
        assert (letter.sender, letter.recipient) == (plain.sender, plain.recipient)
        head_now, *others_now = taken_apart(letter)
        assert others_now == others
        headers_now = headers_of(head_now)
        assert list(headers_now) == list(headers), string
        subject = headers_now["Subject"]
        assert headers_now == headers | {"Subject": subject}, string
        assert subject.startswith("CDAP 19_214")
        assert len(subject) <= LONGEST_SUBJECT
        assert not set(subject) & NEVER_IN_A_SUBJECT, string


@pytest.mark.connected
async def test_naughty_names_on_kafka_become_one_mail_each_to_one_recipient(
    start_platform: StartPlatform,
) -> None:
    platform = await start_platform((SERVICE,))
    deliveries = await platform.follow(MAIL_DELIVERIES)
    key, expires_at = sealing_key(platform), in_a_day()
    facts = {
        f"u{number}": identifiant_issued(
            f"u{number}", expires_at=expires_at, key=key, nom=string, prenom=string
        )
        for number, string in enumerate(hostile())
        if len(string) <= LONGEST_SEALED and string != HALF_CHARACTER
    }
    await platform.publish([record(platform, fact) for fact in facts.values()])
    await deliveries.wait_for_many(told(MailSent), len(facts), DEADLINE_S)
    ours = platform.mails()
    assert len(ours) == len(facts)
    assert {len(mail.recipients) for mail in ours} == {1}
    assert len({tuple(name for name, _ in mail.headers) for mail in ours}) == 1
    assert {mail.to for mail in ours} == {f"{name}@commune.example" for name in facts}
    assert len({mail.subject for mail in ours}) == 1
    strings = dict(zip((f"u{n}" for n in range(len(hostile()))), hostile(), strict=True))
    for mail in ours:
        string = strings[mail.recipients[0].partition("@")[0]]
        assert show_controls(string) in mail.text.replace("\r\n", "\n")
