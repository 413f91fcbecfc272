"""A file of users and groups goes the whole way on real services: accounts, members, mails.

A trial changes nothing, nor does the same file a second time; a process that dies in the middle of
one leaves what is missing to the next time.
"""

import asyncio
import csv
import io
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

import httpx
import pytest

from services.habilitation.imports.lignes import COLUMNS
from shared.contracts.habilitation import SERVICE
from shared.contracts.identity import SERVICE as IDENTITY
from shared.contracts.topics import USER_LIFECYCLE, group_of
from shared.security.tokens import http_audience
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.identity.designating import OURS, Designating, designating

pytestmark = [pytest.mark.connected, pytest.mark.long, pytest.mark.timeout(300)]

GROUPES, PEOPLE = 6, 36
DEADLINE_S = 60
"""How long so many accounts may take, two mails each, on a machine that does much else; assumed."""
ADDRESS = "{0}.import@valfleury.example"


def table(people: int = PEOPLE) -> bytes:
    """A file: groups with profile T2 in turn, people in two of them each."""
    text = io.StringIO()
    writer = csv.DictWriter(text, sorted(COLUMNS), restval="", delimiter=";")
    writer.writeheader()
    for at in range(GROUPES):
        role = {"service": "cdap", "profil": "T2"}
        code = f"T2G{at}"
        writer.writerow({"objet": "groupe", "code": code, "libelle": f"T2 Groupe {at}"} | role)
    for at in range(people):
        codes = f"T2G{at % GROUPES}|T2G{(at + 1) % GROUPES}"
        who = {"nom": f"Importé{chr(97 + at % 26)}", "prenom": "Zoé", "groupes": codes}
        writer.writerow({"objet": "utilisateur", "mail": ADDRESS.format(f"p{at}z"), **who})
    return text.getvalue().encode()


class Importing:
    """An administratrice in session, who imports."""

    def __init__(self, caf: Designating, session: str) -> None:
        self.caf, self.session = caf, session

    async def send(self, content: bytes | AsyncIterable[bytes], *, essai: bool) -> httpx.Response:
        """Import a file."""
        token = await self.caf.identity.token(session=self.session, audience=http_audience(SERVICE))
        return await self.caf.door.send(
            f"{OURS}/imports",
            content,
            session=token,
            params={"essai": str(essai).lower()},
        )

    async def results(self, content: bytes, *, essai: bool = False) -> Counter[str]:
        """How many lines of each result."""
        answer = await self.send(content, essai=essai)
        assert answer.status_code == httpx.codes.OK, answer.text
        rows = csv.DictReader(io.StringIO(answer.text, newline=""), delimiter=";")
        return Counter(each["resultat"] for each in rows if each["objet"] != "total")

    def stored(self) -> dict[str, list[dict[str, Any]]]:
        """What there is of groups, memberships and people."""
        database = self.caf.platform.database(SERVICE)
        return {
            name: list(database[name].find().sort("_id"))
            for name in ("groupes", "codes", "membres", "personnes")
        }

    def imported(self) -> list[dict[str, Any]]:
        """The memberships of who was imported, by person."""
        database = self.caf.platform.database(SERVICE)
        people = database["personnes"].find({"prenom": "Zoé"}, {"_id": 1})
        return list(database["membres"].find({"_id": {"$in": [each["_id"] for each in people]}}))

    async def all_read(self) -> None:
        """Wait until habilitation has read all that identity told: its copy moves no more."""
        group = group_of(SERVICE, USER_LIFECYCLE)

        async def read() -> bool:
            return not await self.caf.platform.lag(group, USER_LIFECYCLE)

        await eventually(read, DEADLINE_S, "habilitation read what identity told")

    async def all_made(self, people: int = PEOPLE) -> None:
        """Wait until everybody has an account and two groups, and got two mails."""

        def made() -> bool:
            whole = [each for each in self.imported() if len(each["appartenances"]) == 2]
            return len(whole) == people

        def written() -> bool:
            got = Counter(each.recipients[0] for each in self.caf.platform.mails())
            return all(got[ADDRESS.format(f"p{at}z")] == 2 for at in range(people))

        await eventually(made, DEADLINE_S, "everybody is in two groups")
        await eventually(written, DEADLINE_S, "everybody was written to, twice")
        await self.all_read()


@pytest.fixture
async def helene(whole_platform: Platform) -> AsyncIterator[Importing]:
    async with designating(whole_platform) as caf:
        profil = {
            "profil": "T2",
            "missions": "Accompagnement des familles",
            "finalite": "Tarification",
            "fondement": "Convention d’accès",
            "destinataires": "Agents de la commune",
        }
        await caf.ask("PUT", f"{OURS}/bulletins/cdap", {"profils": [profil]})
        await caf.ask("PUT", f"{OURS}/bulletins/cdap/eligibilite")
        user_id = await caf.designate("helene.delmas@valfleury.example")
        importing = Importing(caf, await caf.comes_in(user_id))
        await importing.all_read()
        yield importing


async def test_file_is_tried_imported_and_imported_again(helene: Importing) -> None:
    before = helene.stored()
    expected = {"fait": GROUPES, "demande": PEOPLE}
    assert await helene.results(table(), essai=True) == expected
    assert helene.stored() == before
    assert await helene.results(table()) == expected
    await helene.all_made()
    after = helene.stored()
    assert await helene.results(table()) == {"deja_fait": GROUPES + PEOPLE}
    assert helene.stored() == after


async def test_process_that_dies_in_the_middle_leaves_the_rest_to_the_next_time(
    helene: Importing,
) -> None:
    platform = helene.caf.platform
    sending = asyncio.create_task(helene.send(table(), essai=False))
    groupes = platform.database(SERVICE)["groupes"]
    await eventually(lambda: groupes.count_documents({}) >= 3, DEADLINE_S, "some groups are there")
    platform.kill(SERVICE)
    with pytest.raises(httpx.HTTPError):
        await sending
    assert len(helene.imported()) < PEOPLE
    await platform.restart(SERVICE)
    helene.caf.door = await platform.http(SERVICE)
    counted = await helene.results(table())
    assert counted["refuse"] == 0
    assert counted["deja_fait"] >= 2
    await helene.all_made()
    people = platform.database(IDENTITY)["comptes"].count_documents({"prenom": "Zoé"})
    assert people == PEOPLE


async def test_one_import_of_a_convention_at_once(helene: Importing) -> None:
    """The place is held until the report is whole, then it is free: also after a refusal."""
    goes_on, begun = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        content = table(people=1)
        yield content[:80]
        begun.set()
        await goes_on.wait()
        yield content[80:]

    first = asyncio.create_task(helene.send(slow(), essai=True))
    await begun.wait()

    async def code() -> str:
        answer = await helene.send(b"objet;code\n", essai=True)
        found: str = answer.json()["code"]
        assert answer.status_code == {"import_en_cours": 429}.get(found, 422)
        return found

    async def refused() -> bool:
        return await code() == "import_en_cours"

    await eventually(refused, DEADLINE_S, "the first import has its place")
    goes_on.set()
    assert (await first).status_code == httpx.codes.OK
    assert await code() == "colonnes_invalides"
    assert await code() == "colonnes_invalides"


async def test_what_is_no_table_is_refused_at_once(helene: Importing) -> None:
    for content, code in (
        (b"PK\x03\x04" + bytes(64), "fichier_illisible"),
        (b"objet;code\n", "colonnes_invalides"),
        (b"a" * (6 * 1024 * 1024), "fichier_trop_grand"),
    ):
        answer = await helene.send(content, essai=False)
        assert answer.json()["code"] == code, answer.text
