"""Who is designated gets an account by the real services: habilitation asks, identity makes it.

An agent designates at habilitation's door with a token that identity gave him for it; two mails
arrive; what habilitation decides then is felt at identity's door.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import httpx
import pytest

from deploy.local.mails import Mail
from deploy.local.servers import Servers
from shared.contracts import habilitation, notifications
from shared.contracts.envelope import Fact
from shared.contracts.identity import SERVICE, AccountRefused
from shared.contracts.topics import CONVENTIONS, ROLE_ASSIGNMENTS, USER_LIFECYCLE
from shared.ids import draw_id
from shared.mongo.documents import to_row
from shared.security.tokens import http_audience
from tests.harness.habilitation import SIRET
from tests.harness.http import ServiceClient
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.harness.topics import Record
from tests.identity.builders import AGENT, session
from tests.identity.builders import agent as agent_account
from tests.identity.running import AGENT_SESSION, DEADLINE_S, Running, form

pytestmark = [pytest.mark.connected, pytest.mark.timeout(240)]

CONVENTION = "26_1"
OURS = f"/conventions/{CONVENTION}"
PASSWORD = "Chemin-Vert-27"
AGENT_MAIL, CAF_CONTACT = f"{AGENT.id}@caf.example", "assistance@caf931.example"
JSON = dict[str, Any]
CUT_S = 1.0
"""A suspended or closed convention cuts the sessions of its people within a second."""
TRIALS = 5


class Designating:
    """An agent of the Caf in session at identity, and the door of habilitation."""

    def __init__(self, identity: Running, door: ServiceClient) -> None:
        self.identity = identity
        self.platform = identity.platform
        self.door = door

    async def ask(
        self, method: str, path: str, json: Any = None, *, session: str = AGENT_SESSION
    ) -> JSON:
        """One request at habilitation's door, of the agent if nobody else is said."""
        answer = await self.request(method, path, json, session=session)
        assert answer.is_success, answer.text
        shown: JSON = answer.json()
        return shown

    async def request(
        self, method: str, path: str, json: Any = None, *, session: str = AGENT_SESSION
    ) -> httpx.Response:
        """The same, whatever is answered."""
        token = await self.identity.token(session=session, audience=http_audience("habilitation"))
        return await self.door.request(method, path, json, session=token, idempotency_key=draw_id())

    async def open_convention(self) -> None:
        """From the draft to a convention that is open, its management delegated."""
        asked = {
            "convention_id": CONVENTION,
            "siret": SIRET,
            "organisme": "Mairie de Valfleury",
            "type_organisme": "commune",
            "departements": ["93"],
        }
        await self.ask("POST", "/conventions", asked)
        await self.ask("PUT", f"{OURS}/contrat", {"gestion_deleguee": True})
        await self.ask("POST", f"{OURS}/presentation")
        await self.ask("POST", f"{OURS}/validation")

    async def designate(self, mail: str, rang: str = "principal") -> str:
        """Designate somebody who has no account; the id of the one that is asked for."""
        asked = {"rang": rang, "personne": personne(mail)}
        answer = await self.ask("POST", f"{OURS}/administrateurs", asked)
        user_id: str = answer["user_id"]
        return user_id

    async def mails_to(self, address: str, count: int) -> list[Mail]:
        """The mails that arrived there, once there are so many."""

        def arrived() -> list[Mail]:
            return [each for each in self.platform.mails() if each.recipients == (address,)]

        await eventually(lambda: len(arrived()) >= count, DEADLINE_S, f"{count} mails arrive")
        return arrived()

    async def comes_in(self, user_id: str) -> str:
        """Sign in with what the two mails hold, choose a password; the full session."""
        identifiant, temporary = await self.identity.credentials(user_id)
        client = self.identity.client
        narrow = await client.sign_in(identifiant, temporary)
        chosen = {"nouveau_mot_de_passe": PASSWORD}
        answer = await self.identity.ask("POST", "/password", chosen, session=narrow)
        assert answer.status_code == httpx.codes.NO_CONTENT, answer.text
        return await client.sign_in(identifiant, PASSWORD)

    async def told(self, topic: str, fact: type[Fact], **having: Any) -> JSON:
        """The fact that holds these values, once it is told."""

        def wanted(record: Record) -> bool:
            if record.header("ce_type") != fact.TYPE:
                return False
            body = record.json()
            return all(body.get(name) == value for name, value in having.items())

        follower = await self.platform.follow(topic)
        body: JSON = (await follower.wait_for(wanted, DEADLINE_S, fact.__name__)).json()
        return body


def personne(mail: str) -> JSON:
    """Somebody, as the form asks."""
    return {"nom": "Delmas", "prenom": "Hélène", "mail": mail, "mail_confirmation": mail}


async def knows_the_agent(platform: Platform, service: str, copy: str) -> None:
    """Wait until a service's copy of people holds him."""
    kept = platform.database(service)[copy]
    await eventually(lambda: kept.find_one({"_id": AGENT.id}), DEADLINE_S, f"{service} knows him")


@asynccontextmanager
async def designating(servers: Servers) -> AsyncIterator[Designating]:
    """The three services; the agent is in identity's store, which tells of him again."""
    async with Platform(servers, (SERVICE, habilitation.SERVICE, notifications.SERVICE)) as all_:
        database = all_.database(SERVICE)
        now = datetime.now(UTC) - timedelta(seconds=1)
        opened = session(
            token=AGENT_SESSION, user_id=AGENT.id, opened_at=now, seen_at=now, version=1
        )
        database["comptes"].insert_one(to_row(agent_account(version=1, seq=1)))
        database["sessions"].insert_one(to_row(opened))
        done = await all_.run_command(SERVICE, "republish", "--wet-run")
        assert done.exit_code == 0, done.stderr
        for service, copy in (
            (habilitation.SERVICE, "personnes"),
            (notifications.SERVICE, "destinataires"),
        ):
            await knows_the_agent(all_, service, copy)
        identity = Running(all_, await all_.http(SERVICE))
        there = Designating(identity, await all_.http(habilitation.SERVICE))
        await there.open_convention()
        yield there


@pytest.fixture
async def caf(servers: Servers) -> AsyncIterator[Designating]:
    async with designating(servers) as there:
        yield there


async def test_designated_administrateur_comes_in_and_opens_accounts(caf: Designating) -> None:
    address = "helene.delmas@valfleury.example"
    user_id = await caf.designate(address)
    first, second = await caf.mails_to(address, 2)
    assert first.subject != second.subject
    identifiant, temporary = await caf.identity.credentials(user_id)
    for secret in (identifiant, temporary):
        assert [secret in each.text for each in (first, second)].count(True) == 1
    helene = await caf.comes_in(user_id)

    opened = form(convention_id=CONVENTION, mail="zoe@valfleury.example")
    answer = await caf.identity.ask("POST", "/users", opened, session=helene)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    await caf.mails_to("zoe@valfleury.example", 2)
    listed = await caf.identity.ask("GET", "/users", session=helene)
    assert {each["user_id"] for each in listed.json()["users"]} == {
        user_id,
        answer.json()["user_id"],
    }
    history = await caf.identity.ask("GET", f"/users/{user_id}/history")
    assert [(each["acte"], each["par"]) for each in history.json()["actes"]][-1] == (
        "creation",
        AGENT.id,
    )

    calling = {"objet": "avenant", "service": "cdap", "message": "Ajouter le profil T2.\nMerci."}
    await caf.ask("POST", f"{OURS}/sollicitations", calling, session=helene)
    (called,) = await caf.mails_to(CAF_CONTACT, 1)
    assert called.subject == f"CDAP {CONVENTION} Mairie de Valfleury"
    assert "Ajouter le profil T2.\r\nMerci." in called.text
    assert address in called.text
    answer = await caf.request("POST", f"{OURS}/sollicitations", calling)
    assert answer.json()["code"] == "non_permis"


async def test_convention_suspended_or_closed_cuts_sessions_within_a_second(
    caf: Designating,
) -> None:
    user_id = await caf.designate("helene.delmas@valfleury.example")
    helene = await caf.comes_in(user_id)
    took: list[float] = []
    for _ in range(TRIALS):
        await caf.ask("POST", f"{OURS}/suspension", {"motif": "Contrôle"})
        took.append(await seconds_until(caf, helene, httpx.codes.UNAUTHORIZED))
        await caf.ask("POST", f"{OURS}/resumption")
        await seconds_until(caf, helene, httpx.codes.OK)
    await caf.ask("POST", f"{OURS}/closing", {})
    took.append(await seconds_until(caf, helene, httpx.codes.UNAUTHORIZED))
    assert median(took) <= CUT_S, took
    answer = await caf.request("POST", f"{OURS}/administrateurs", {"rang": "suppleant"})
    assert not answer.is_success


async def seconds_until(caf: Designating, session: str, status: int) -> float:
    """How long it takes until a session is answered so."""
    began = time.monotonic()

    async def answered() -> bool:
        answer = await caf.identity.ask("GET", "/sessions/current", session=session)
        return answer.status_code == status

    await eventually(answered, DEADLINE_S, f"the session is answered {status}")
    return time.monotonic() - began


async def test_what_identity_refuses_is_taken_back_and_told(caf: Designating) -> None:
    address = "helene.delmas@valfleury.example"
    await caf.designate(address)
    await caf.mails_to(address, 2)

    second = await caf.designate(address, "suppleant")
    refused = await caf.told(USER_LIFECYCLE, AccountRefused, user_id=second)
    assert (refused["motif"], refused["asked_by"]) == ("adresse_deja_utilisee", AGENT.id)
    relieved = await caf.told(CONVENTIONS, habilitation.AdministrateurRelieved, user_id=second)
    assert relieved["refus"] == "adresse_deja_utilisee"
    assert second not in relieved["administrateurs"]
    (mail,) = await caf.mails_to(AGENT_MAIL, 1)
    assert "Sa désignation est donc retirée" in mail.text
    assert "l’adresse mail indiquée est déjà celle d’un autre compte ouvert" in mail.text
    assert len(await caf.mails_to(address, 2)) == 2

    third = await caf.designate("guy.martin@valfleury.example", "suppleant")
    await caf.mails_to("guy.martin@valfleury.example", 2)
    guy = await caf.comes_in(third)
    group = {"code": "T1AS", "libelle": "T1 Assistants sociaux"}
    asked = {**group, "responsable": personne("accueil@valfleury.example")}
    made = await caf.ask("POST", f"{OURS}/groupes", asked, session=guy)
    fallen = await caf.told(
        ROLE_ASSIGNMENTS, habilitation.GroupeUpdated, groupe_id=made["groupe_id"]
    )
    assert fallen["responsable_id"] == third
    *_, told = await caf.mails_to("guy.martin@valfleury.example", 4)
    assert "vous êtes responsable de son groupe" in told.text
