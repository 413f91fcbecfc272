"""The Big List of Naughty Strings in every text that habilitation takes over HTTP: never a bug."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio

from deploy.local.servers import Servers
from services.habilitation.imports.lignes import COLUMNS
from services.habilitation.imports.rapport import DANGEROUS
from shared.contracts.habilitation import SERVICE
from shared.contracts.topics import dead_letters_topic
from shared.http.problems import MEDIA_TYPE
from shared.security.principal import Principal
from tests.habilitation.builders import ADMIN, AGENT, CONVENTION
from tests.habilitation.running import Running, running
from tests.interop.tools import naughty_strings

AT_ONCE = 8
OURS = f"/conventions/{CONVENTION}"
PROFIL = dict.fromkeys(("missions", "finalite", "fondement", "destinataires"), "Convention")
SIRET = "21930001900011"

pytestmark = [
    pytest.mark.connected,
    pytest.mark.interop,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]
_numbers = count(1)


@dataclass(frozen=True)
class Place:
    """Where an odd string goes: in the address, after its question mark, or in the form."""

    by: Principal
    method: str
    path: str
    form: Callable[[str], Any] | None = None
    param: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.param or ''}"


def _person(**own: str) -> dict[str, str]:
    mail = own.get("mail", f"p{next(_numbers)}@commune.example")
    values = {"nom": "Benali", "prenom": "Aïcha", "mail": mail, "mail_confirmation": mail}
    return values | own


def _groupe(**own: Any) -> dict[str, Any]:
    values = {"code": f"N{next(_numbers)}", "libelle": "Nouveau", "responsable_id": "resp"}
    return values | own


def _convention(**own: Any) -> dict[str, Any]:
    values = {
        "convention_id": f"40_{next(_numbers)}",
        "siret": SIRET,
        "organisme": "Mairie d’Orval",
        "type_organisme": "commune",
        "departements": ["93"],
    }
    return values | own


def _bulletin(**own: str) -> dict[str, Any]:
    return {"profils": [{"profil": "T2", **PROFIL, **own}]}


def _account(**own: str) -> dict[str, Any]:
    return {"personne": _person(**own)}


def _of(make: Callable[..., Any], name: str) -> Callable[[str], Any]:
    return lambda odd: make(**{name: odd})


def _forms() -> Iterator[Place]:
    groupes, service = f"{OURS}/groupes", f"{OURS}/bulletins"
    for name in ("convention_id", "siret", "organisme", "type_organisme", "caf"):
        yield Place(AGENT, "POST", "/conventions", _of(_convention, name))
    yield Place(AGENT, "PATCH", OURS, _of(dict, "organisme"))
    for name in PROFIL:
        yield Place(AGENT, "PUT", f"{service}/cdap", _of(_bulletin, name))
    yield Place(AGENT, "POST", f"{service}/adonis/suspension", _of(dict, "motif"))
    for name in ("code", "libelle", "responsable_id", "parent_id", "ouverture"):
        yield Place(ADMIN, "POST", groupes, _of(_groupe, name))
    yield Place(ADMIN, "PATCH", f"{groupes}/g2", _of(dict, "libelle"))
    yield Place(ADMIN, "PUT", f"{groupes}/g2/role", lambda odd: {"service": "cdap", "profil": odd})
    for name in ("nom", "prenom", "mail", "telephone"):
        yield Place(ADMIN, "POST", f"{OURS}/utilisateurs", _of(_account, name))
    message = {"objet": "avenant"}
    yield Place(ADMIN, "POST", f"{OURS}/sollicitations", lambda odd: message | {"message": odd})


def _readings() -> Iterator[Place]:
    for path, params in (
        ("/conventions", ("libelle", "type_organisme", "statut", "partenaire", "apres")),
        (f"{OURS}/groupes", ("code", "libelle", "utilisateur", "statut", "apres")),
        (f"{OURS}/utilisateurs", ("nom", "prenom", "groupe", "apres")),
    ):
        yield from (Place(AGENT, "GET", path, param=param) for param in params)
    for path in ("/conventions/{}", f"{OURS}/groupes/{{}}", "/utilisateurs/{}/services/cdap"):
        yield Place(AGENT, "GET", path)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def habilitation(session_servers: Servers) -> AsyncIterator[Running]:
    async with running(session_servers) as process:
        yield process


@pytest.mark.long
async def test_no_text_is_a_bug(habilitation: Running) -> None:
    """Each string in one form and in one reading, dealt out among them."""
    odd = naughty_strings()
    forms, readings = tuple(_forms()), tuple(_readings())
    asked = [
        (places[number % len(places)], text)
        for places in (forms, readings)
        for number, text in enumerate(odd)
    ]
    turns = asyncio.Semaphore(AT_ONCE)

    async def ask(place: Place, text: str) -> httpx.Response:
        async with turns:
            params = None if place.param is None else {place.param: text}
            form = None if place.form is None else place.form(text)
            path = place.path.format(quote(text, safe=""))
            return await habilitation.ask(place.method, path, form, by=place.by, params=params)

    answers = await asyncio.gather(*(ask(*each) for each in asked))
    found = zip(asked, answers, strict=True)
    wrong = {f"{a.status_code} {place} {text!r}" for (place, text), a in found if not _is_fine(a)}
    assert not wrong, sorted(wrong)[:20]
    for path in ("/conventions", f"{OURS}/groupes", f"{OURS}/tableau-de-bord"):
        await habilitation.read(path, AGENT)
    assert await habilitation.platform.read(dead_letters_topic(SERVICE)) == []


@pytest.mark.long
async def test_no_cell_is_a_bug_nor_a_formula(habilitation: Running) -> None:
    """Each string as a libellé of a file, on trial: every line has its report, on one line."""
    odd = [text for text in naughty_strings() if len(text.splitlines()) == 1]
    file = io.StringIO()
    lines = csv.DictWriter(file, sorted(COLUMNS), restval="", lineterminator="\n")
    lines.writeheader()
    for number, text in enumerate(odd):
        lines.writerow({"objet": "groupe", "code": f"I{number}", "libelle": text})
        lines.writerow({"objet": "utilisateur", "nom": text, "prenom": text, "mail": text})
    answer = await habilitation.client.send(
        f"{OURS}/imports", file.getvalue().encode(), session=habilitation.token(ADMIN), params={}
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    report = list(csv.reader(io.StringIO(answer.text), delimiter=";"))
    assert report[-1][1] == "total"
    assert {"demande", "fait", "refuse"} <= {row[3] for row in report}
    assert not [row for row in report for cell in row if cell.startswith(DANGEROUS)]


def _is_fine(answer: httpx.Response) -> bool:
    """A success, or a refusal that says so as every refusal does; never a failure of ours."""
    if answer.is_success:
        return True
    return answer.is_client_error and answer.headers["content-type"] == MEDIA_TYPE
