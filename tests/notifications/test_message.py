"""A mail as bytes: its headers are always the same, whatever people typed."""

from email import message_from_bytes, policy

import pytest

from services.notifications.addresses import AddressRefused, checked_address
from services.notifications.content import CONTENUS
from services.notifications.domain.modele import A_LA_CAF, Modele
from services.notifications.rendering import LONGEST_SUBJECT, show_controls, show_lines
from tests.notifications.letters import MESSAGE_ID, SENDER, Page, read, written

HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
}
NAUGHTY = [
    "Zoé\r\nBcc: mallory@evil.example",
    "Zoé\nBcc: mallory@evil.example\n\nSalut",
    "Zoé\rBcc: mallory@evil.example",
    "\r\n.\r\nMAIL FROM:<mallory@evil.example>",
    "Z\0oé",
    "=?utf-8?q?Bonjour=0ABcc=3A_mallory=40evil.example?=",
    "=?utf-8?b?Qm9uam91cgpCY2M6IG1hbGxvcnlAZXZpbC5leGFtcGxl?=",
    "\u202eéoZ\u2066",
    "{{7*7}}",
    "{% include '/etc/passwd' %}",
    "{{ portail.__class__ }}",
    "${7*7}",
    "<%= 7*7 %>",
    "<script>alert(1)</script>",
    "</p><h1>Gagné</h1>",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt;",
    "../../etc/passwd",
    "' OR 1=1 --",
    "👩‍👩‍👧 ﷽ ℤ",
    "a" * 5_000,
    ".",
    "From moi",
    "--=_mcp--",
]

SHORT = {"activite": 200}
"""Fields whose contract bounds them: most characters."""
LONG = {"description"}
"""Fields of several lines."""
TYPED = [
    (modele, field)
    for modele, model in CONTENUS.items()
    for field in (
        *("prenom", "nom", "sujet_prenom", "sujet_nom", "sujet_mail"),
        *("organisme", "activite", "description"),
    )
    if field in model.model_fields and (field != "sujet_mail" or modele in A_LA_CAF)
]
"""Every field of every mail that a person typed."""


def raw_headers(content: bytes) -> list[bytes]:
    return content.split(b"\r\n\r\n", 1)[0].split(b"\r\n")


@pytest.mark.parametrize("naughty", NAUGHTY)
@pytest.mark.parametrize(("modele", "field"), TYPED)
def test_what_people_typed_shows_as_typed_and_changes_no_header(
    naughty: str, modele: Modele, field: str
) -> None:
    if field in SHORT:
        naughty = naughty[: SHORT[field]]
    plain, letter = written(modele), written(modele, **{field: naughty})
    mail = read(letter)
    assert {name for name, _ in mail.headers} == HEADERS
    assert raw_headers(letter.content) == raw_headers(plain.content)
    assert mail.recipients == ("u1@commune.example",)
    lines = show_lines(naughty) if field in LONG else [show_controls(naughty)]
    for line in lines:
        assert line in mail.text
        assert line in Page(mail.html).text("bdi")
    assert structure(mail.html) == structure(read(plain).html)


@pytest.mark.parametrize("naughty", NAUGHTY)
def test_composed_subject_is_one_line_and_makes_no_other_header(naughty: str) -> None:
    """The name of an organisme is typed by its Caf: little of it stands in a header."""
    letter = written(Modele.SOLLICITATION, intitule=f"CDAP 19_214 {naughty}")
    mail = read(letter)
    plain = written(Modele.SOLLICITATION)
    assert [name for name, _ in mail.headers] == [name for name, _ in read(plain).headers]
    assert mail.subject.startswith("CDAP 19_214")
    assert len(mail.subject) <= LONGEST_SUBJECT
    assert not set(mail.subject) & set("\r\n\0:@/=?<>{}$%\u202e\u2066")
    assert mail.recipients == ("u1@commune.example",)
    assert letter.content.isascii()


def structure(html: str) -> list[str]:
    """The tags of a page; a line that somebody ended is none of its structure."""
    return [tag for tag in Page(html).tags if tag != "br"]


@pytest.mark.parametrize("modele", list(Modele))
def test_headers_are_those_of_an_automatic_french_mail(modele: Modele) -> None:
    mail = read(written(modele))
    assert (mail.sender, mail.to, mail.message_id) == (SENDER, "u1@commune.example", MESSAGE_ID)
    assert mail.from_ == f"Mon Compte Partenaire <{SENDER}>"
    assert mail.header("Date") == "Thu, 06 Mar 2025 13:30:00 +0000"
    assert mail.header("Auto-Submitted") == "auto-generated"
    assert mail.header("Content-Language") == "fr"
    assert mail.header("Reply-To") is None


def test_text_comes_before_html_and_lines_fit_any_server() -> None:
    content = written(Modele.IDENTIFIANT, nom="é" * 4_000).content
    message = message_from_bytes(content, policy=policy.default)
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "address",
    ["zoe@commune.example", "z.o+e_1'x@a-b.co", "Z@x", "a" * 64 + "@commune.example"],
)
def test_plain_address_is_taken_as_it_is(address: str) -> None:
    assert checked_address(address) == address
    assert written(Modele.IDENTIFIANT, to=address).recipient == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "zoe",
        "@commune.example",
        "zoe@",
        "zoe@commune..example",
        "zoe@-commune.example",
        "zoe@commune.example\r\nBcc: mallory@evil.example",
        "zoe@commune.example\n",
        "zoe@commune.example\0",
        "zoe@commune.example, mallory@evil.example",
        "zoe@commune.example mallory@evil.example",
        "zoe@commune.example;mallory@evil.example",
        "Zoé <zoe@commune.example>",
        "<zoe@commune.example>",
        "=?utf-8?q?zoe?=@commune.example",
        "a=?b@commune.example",
        "groupe: zoe@commune.example;",
        '"zoe"@commune.example',
        "zoe(nom)@commune.example",
        "zoé@commune.example",
        "zoe@évry.example",
        "zoe@[127.0.0.1]",
        "zoe@commune.example>",
        "zoe\u202e@commune.example",
        "a" * 300 + "@commune.example",
    ],
)
def test_anything_else_than_one_plain_address_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused) as raised:
        checked_address(address)
    assert str(raised.value) == ""


def test_letter_never_shows_in_a_log() -> None:
    shown = repr(written(Modele.IDENTIFIANT))
    assert "commune.example" not in shown
    assert len(shown) < 100
