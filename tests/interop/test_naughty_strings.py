"""The Big List of Naughty Strings in every text that the doors take over HTTP: never a bug."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import count, cycle
from typing import Any

import httpx
import pytest

from deploy.local.servers import Servers
from services.habilitation.imports.lignes import COLUMNS
from services.habilitation.imports.rapport import DANGEROUS, Resultat
from shared.contracts import habilitation as of_habilitation
from shared.contracts import identity as of_identity
from tests.habilitation import running as habilitation
from tests.habilitation.builders import ADMIN, AGENT, CONVENTION, convention
from tests.harness.platform import Platform
from tests.identity import running as identity
from tests.identity.running import AGENT_SESSION
from tests.interop.naughty import SOME, Samples, ask_all, dealt, wrong
from tests.interop.openapi import Operation, operations
from tests.interop.tools import naughty_strings

PERSON = "personne-connue"
OF_PARTNERS = ("/groupes", "/utilisateurs", "/sollicitations")
"""What an administrateur asks of his convention; the rest is the agent's."""
SPARE = [f"30_{number}" for number in range(1, 500)]
"""Conventions for the agent to suspend or close: one each time, so that what follows is not refused
for that alone."""

EVERY = 6
"""One string in so many for each text of habilitation, others for the next one: its texts are many,
kept by few rules, and this is to end within 40 s."""

pytestmark = [pytest.mark.connected, pytest.mark.interop, pytest.mark.timeout(240)]

_numbers, _spare = count(1), cycle(SPARE)
PERSONNE: Mapping[str, Callable[[], Any]] = {
    "nom": lambda: "Benali",
    "prenom": lambda: "Aïcha",
    "mail": lambda: f"personne-{next(_numbers)}@commune.example",
    "mail_confirmation": lambda: "",
    "telephone": lambda: "01 99 00 45 67",
    "telephone_confirmation": lambda: "",
}
OF_IDENTITY: Samples = {
    **PERSONNE,
    "user_id": lambda: PERSON,
    "convention_id": lambda: "19_214",
    "caf": lambda: "931",
    "fonctions": lambda: ["habilitations"],
    "identifiant": lambda: "KRB4729TV35",
    "mot_de_passe": lambda: "Bonjour-2026",
    "nouveau_mot_de_passe": lambda: "Bonsoir-2027",
    "audience": lambda: "mcp.identity.commands",
    "captcha_id": lambda: "A" * 22,
    "reponse": lambda: "sept",
    "version": lambda: "2026-11",
    "nature": lambda: "autre",
    "description": lambda: "Un badge perdu.",
    "role": lambda: "utilisateur",
    "probleme": lambda: "mot_de_passe",
}
OF_HABILITATION: Samples = {
    **PERSONNE,
    "convention_id": lambda: CONVENTION,
    "groupe_id": lambda: "g1",
    "user_id": lambda: "simple",
    "ancien_id": lambda: "suppleant",
    "vers_id": lambda: "g2",
    "responsable_id": lambda: "resp",
    "service": lambda: "cdap",
    "profil": lambda: "T2",
    "siret": lambda: "21930001000028",
    "organisme": lambda: "Mairie de Montclair",
    "type_organisme": lambda: "commune",
    "departements": lambda: ["93"],
    "code": lambda: f"N{next(_numbers)}",
    "libelle": lambda: "T2 Nouveau",
    "missions": lambda: "Accompagnement social",
    "finalite": lambda: "Instruction des aides",
    "fondement": lambda: "Convention d’accès",
    "destinataires": lambda: "Travailleurs sociaux",
    "motif": lambda: "Contrôle en cours",
    "message": lambda: "Il nous faut un avenant.",
}


def is_of_partner(operation: Operation) -> bool:
    """Whether an administrateur asks it."""
    return any(each in operation.path for each in OF_PARTNERS)


def samples_of(operation: Operation) -> Samples:
    """What an operation of habilitation is asked with."""
    if is_of_partner(operation):
        return OF_HABILITATION
    return {**OF_HABILITATION, "convention_id": lambda: next(_spare)}


@pytest.mark.long
async def test_no_text_is_a_bug_of_identity(servers: Servers) -> None:
    """Each string in each free text, dealt out among the operations that have one of that name."""
    odd = naughty_strings()
    async with identity.running(servers) as running:
        await running.create_user(PERSON)
        document = (await running.ask("GET", "/openapi.json")).json()
        asked = list(dealt(operations(document), odd, lambda _: OF_IDENTITY))
        url = running.platform.replica(of_identity.SERVICE).url
        answers = await ask_all(url, asked, lambda _: AGENT_SESSION)
        alive = await running.ask("GET", "/healthz")
    assert not wrong(answers)[:20]
    fields = {each.place.text.name for each in asked}
    assert {"nom", "prenom", "mail", "identifiant", "mot_de_passe", "user_id"} <= fields
    assert len(answers) == len(asked) >= len(odd) * len(fields) // SOME
    assert alive.status_code == httpx.codes.OK


async def test_no_text_is_a_bug_of_habilitation(servers: Servers) -> None:
    """What is taken is kept as typed, and the log stays a log: one line of JSON for each event."""
    odd = naughty_strings()
    async with habilitation.running(servers) as running:
        running.put(*(convention(id) for id in SPARE))
        document = (await running.ask("GET", "/openapi.json")).json()
        asked = list(dealt(operations(document), odd, samples_of, EVERY))
        by = {True: running.token(ADMIN), False: running.token(AGENT)}
        url = running.platform.replica(of_habilitation.SERVICE).url
        answers = await ask_all(url, asked, lambda operation: by[is_of_partner(operation)])
        stored = running.stored()
        await check_imports(running, odd)
        check_log(running.platform, odd)
    assert not wrong(answers)[:20]
    fields = {each.place.text.name for each in asked}
    assert {"organisme", "libelle", "motif", "message", "nom", "mail", "missions"} <= fields
    assert len(answers) == len(asked) >= 2 * len(odd)
    assert {each.typed for each in asked} == {*odd}
    taken = {each.place.text.name for each, answer in answers if answer.is_success}
    assert {"organisme", "libelle", "motif", "missions", "nom", "code"} <= taken
    kept = {row["organisme"] for row in stored["conventions"]}
    typed = {*odd, *(each.strip() for each in odd)}
    assert len(kept & typed) > len(odd) // EVERY // 3
    assert kept - typed <= {"Mairie de Valfleury", "Mairie de Rochebrune", "Mairie de Montclair"}


async def check_imports(running: habilitation.Running, odd: list[str]) -> None:
    """Each string in cells of a file: a line of report for each line, which no spreadsheet runs."""
    token, path = running.token(ADMIN), f"/conventions/{CONVENTION}/imports"
    for essai, some in (("true", 1), ("false", SOME)):
        content = "".join(table(odd[::some])).encode(errors="replace").replace(b"\x00", b"")
        answer = await running.client.send(path, content, session=token, params={"essai": essai})
        assert answer.status_code == httpx.codes.OK, answer.text
        rows = list(csv.DictReader(io.StringIO(answer.text, newline=""), delimiter=";"))
        assert rows[-1]["objet"] == "total"
        assert not [cell for row in rows for cell in row.values() if cell.startswith(DANGEROUS)]
        results = Counter(each["resultat"] for each in rows[:-1])
        assert {*results} <= {*Resultat}
        assert len(rows) > len(odd) // some
        assert all(row["code"] for row in rows if row["resultat"] == Resultat.REFUSE)


def table(odd: list[str]) -> Iterator[str]:
    """A file with an odd string in a cell of each of its lines, of each column in turn."""
    columns = sorted(COLUMNS)
    yield written(columns)
    for text, column in zip(odd, cycle(columns), strict=False):
        number = next(_numbers)
        group = {"objet": "groupe", "code": f"I{number}", "libelle": "T2 Importé"}
        person = {"objet": "utilisateur", "nom": "Benali", "prenom": "Zoé"}
        cells = group if column in {"code", "libelle", "service", "profil"} else person
        mail = {"mail": f"importe-{number}@valfleury.example"} if cells is person else {}
        line = {**cells, **mail, column: text}
        yield written([line.get(each, "") for each in columns])


def written(cells: list[str]) -> str:
    """One line of CSV."""
    line = io.StringIO()
    csv.writer(line, delimiter=";").writerow(cells)
    return line.getvalue()


def check_log(platform: Platform, odd: list[str]) -> None:
    """Every line is an event, none a bug, and what was typed is in none."""
    log = platform.replica(of_habilitation.SERVICE).log_lines()
    assert not [line for line in log if "text" in line or line["event"] == "http_bug"]
    said = str(log)
    assert not [each for each in odd if len(each) > 12 and each in said]
