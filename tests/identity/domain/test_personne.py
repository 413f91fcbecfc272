"""Names and addresses: what people are called goes in, what forges a mail does not."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.errors import MailInvalid, MailOfService, NomInvalid, PrenomInvalid
from services.identity.domain.personne import (
    read_mail,
    read_nom,
    read_own_mail,
    read_prenom,
)
from shared.errors import Refusal

READERS: list[tuple[Callable[[str], str], type[Refusal]]] = [
    (read_nom, NomInvalid),
    (read_prenom, PrenomInvalid),
]
each_name = pytest.mark.parametrize(("read", "refusal"), READERS, ids=["nom", "prenom"])


@each_name
@pytest.mark.parametrize(
    "typed",
    [
        "Été-Durand",
        "O’Brien",
        "D'Alembert",
        "Le Goff",
        "Zoé",
        "Nguyễn",
        "Łukasz",
        "Æ",
        "李",
        "محمد",
        "Martin (née Durand)",
        "Jr. 3e",
        "e\u0301te",
    ],
)
def test_what_people_are_called_is_accepted(
    read: Callable[[str], str], refusal: type[Refusal], typed: str
) -> None:
    assert read(f"  {typed} ") == typed


@each_name
@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "---",
        "1234",
        "a\0b",
        "a\tb",
        "a\r\nBcc: x@y.example",
        "Durand\n",
        "a\x85b",
        "a\x7fb",
        "abc\u202edef",
        "abc\u2066def",
        "\u200fabc",
        "zero\u200bwidth",
        "\ufeffabc",
        "a\u2028b",
        "a\u2029b",
        "\ud800a",
        "=?utf-8?q?Caf?=",
        "Durand =?utf-8?B?YQ==?=",
        "http://pirate.example",
        "pirate.example/gain",
        "a\\\\b",
        "WWW.pirate.example",
        "zoe@pirate.example",
        "tel:0102",
        "<b>Zoé</b>",
    ],
)
def test_what_forges_a_mail_or_hides_is_refused(
    read: Callable[[str], str], refusal: type[Refusal], typed: str
) -> None:
    with pytest.raises(refusal) as raised:
        read(typed)
    assert raised.value.status == 422


def test_refusal_names_the_field_to_correct() -> None:
    assert (NomInvalid.field, PrenomInvalid.field, MailInvalid.field) == ("nom", "prenom", "mail")


@given(st.text(max_size=60))
def test_accepted_name_is_one_line_of_text(typed: str) -> None:
    try:
        name = read_nom(typed)
    except NomInvalid:
        return
    assert name.splitlines() == [name]
    assert name == name.strip()
    name.encode()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("zoe@commune.example", "zoe@commune.example"),
        (" Zoe.Durand@Commune.EXAMPLE ", "zoe.durand@commune.example"),
        ("a+b@sub.domain.example", "a+b@sub.domain.example"),
        ("o'brien@x-y.example", "o'brien@x-y.example"),
        ("a@1.example", "a@1.example"),
        (f"{'a' * 64}@b.example", f"{'a' * 64}@b.example"),
    ],
)
def test_plain_address_is_kept_in_small_letters(typed: str, kept: str) -> None:
    assert read_mail(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "zoe",
        "@commune.example",
        "zoe@",
        "zoe@localhost",
        "zoe@commune",
        "zoe@-commune.example",
        "zoe@commune-.example",
        "zoe@commune..example",
        "zoe@commune.example.",
        "zoe@[127.0.0.1]",
        '"zoe"@commune.example',
        "Zoé <zoe@commune.example>",
        "zoe@commune.example, a@b.example",
        "zoe@commune.example\r\nBcc: a@b.example",
        "zoe@com\nmune.example",
        "zoe@commune.example\0",
        "zoé@commune.example",
        "zoe@communé.example",
        "=?utf-8?q?zoe@commune.example",
        f"{'a' * 65}@b.example",
        f"a@{'b' * 64}.example",
    ],
)
def test_anything_else_is_no_address(typed: str) -> None:
    with pytest.raises(MailInvalid):
        read_mail(typed)


@given(st.text(max_size=80))
def test_accepted_address_is_plain_ascii(typed: str) -> None:
    try:
        mail = read_mail(typed)
    except MailInvalid:
        return
    assert mail.isascii()
    assert mail == mail.lower()
    assert mail.count("@") == 1


@pytest.mark.parametrize(
    "local",
    [
        "contact",
        "Contact2",
        "c.o.n.t.a.c.t",
        "contact.mairie",
        "secretariat",
        "le-secretariat",
        "secretariat_general",
        "mairie",
        "mairie.valfleury",
        "mairiedevalfleury",
        "la.mairie",
        "accueil",
        "accueil.loisirs3",
        "direction",
        "direction-enfance",
        "info",
        "info.ccas",
        "rh",
        "r.h",
        "service.jeunesse",
        "servicejeunesse",
        "multi-accueil",
        "centre.social",
        "creche-les-lutins",
        "no-reply",
        "noreply",
        "postmaster",
        "webmaster+site",
        "maire",
        "directrice1",
        "bureau",
        "le.courrier",
        "ville",
        "asso",
        "ram2",
        "comptable",
        "cantine",
        "sante",
        "gestion",
        "syndic",
        "residence",
        "mediatheque",
        "dir.ecole",
        "pole.enfance",
        "ccas.valfleury",
        "standard",
        "commune",
        "service-social",
        "president",
    ],
)
def test_mailbox_of_a_service_is_no_persons(local: str) -> None:
    with pytest.raises(MailOfService) as raised:
        read_own_mail(f" {local}@Valfleury.example")
    assert (raised.value.field, raised.value.status) == ("mail", 422)


@pytest.mark.parametrize(
    "local",
    [
        "zoe.durand",
        "z.durand",
        "zdurand",
        "durand",
        "jean.maire",
        "marie.president",
        "lemaire",
        "contant.dubois",
        "informat",
        "infantes.lea",
        "helene",
        "rama.singh",
        "u2",
        "1234",
        "o'brien",
        "de.la.tour",
        "anne-laure.directeur",
        "aidan.martin",
        "l.maire",
        "d.bureau",
        "poletti",
        "bureau.claire",
        "courrier.paul",
        "asso.marie",
        "ciasullo",
        "ram.kumar",
        "communeau",
        "haltes",
        "standardi",
        "ville.jean",
    ],
)
def test_address_of_a_person_is_accepted(local: str) -> None:
    assert read_own_mail(f"{local}@valfleury.example") == f"{local}@valfleury.example"


@given(st.text(max_size=80))
def test_own_address_is_a_plain_address_too(typed: str) -> None:
    try:
        mail = read_own_mail(typed)
    except (MailInvalid, MailOfService):
        return
    assert mail == read_mail(typed)
