"""identity, habilitation and notifications together: an agent of the Caf, who designates people."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from deploy.local.mails import Mail
from shared.contracts import habilitation, notifications
from shared.contracts.envelope import Fact
from shared.contracts.identity import SERVICE
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
from tests.identity.running import AGENT_SESSION, DEADLINE_S, Running

CONVENTION = "26_1"
OURS = f"/conventions/{CONVENTION}"
PASSWORD = "Chemin-Vert-27"
JSON = dict[str, Any]


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
async def designating(platform: Platform) -> AsyncIterator[Designating]:
    """The three services as if just started; the agent is in identity's store, which tells of him
    again.
    """
    await platform.come_to_rest()
    mails = platform.database(notifications.SERVICE)["envois"]
    waiting = {"next_attempt_at": {"$ne": None}}
    await eventually(lambda: not mails.find_one(waiting), DEADLINE_S, "no mail waits")
    await platform.begin_again()
    database = platform.database(SERVICE)
    now = datetime.now(UTC) - timedelta(seconds=1)
    opened = session(token=AGENT_SESSION, user_id=AGENT.id, opened_at=now, seen_at=now, version=1)
    database["comptes"].insert_one(to_row(agent_account(version=1, seq=1)))
    database["sessions"].insert_one(to_row(opened))
    done = await platform.run_command(SERVICE, "republish", "--wet-run")
    assert done.exit_code == 0, done.stderr
    for service, copy in (
        (habilitation.SERVICE, "personnes"),
        (notifications.SERVICE, "destinataires"),
    ):
        await knows_the_agent(platform, service, copy)
    try:
        identity = Running(platform, await platform.http(SERVICE))
        there = Designating(identity, await platform.http(habilitation.SERVICE))
        await there.open_convention()
        await platform.habilitation.known_to(SERVICE)  # else nobody of it may sign in yet
        yield there
    finally:
        await platform.hang_up()
