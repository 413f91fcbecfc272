"""People of identity as a process, with passwords of their own, and what is seen of attempts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from services.identity.domain.captcha import draw
from services.identity.domain.compte import AdresseReservee, Compte, IdentifiantReserve, Provisoire
from services.identity.domain.identifiant import draw_identifiant
from services.identity.domain.mot_de_passe import draw_temporary_password
from services.identity.hashing import ArgonHasher
from shared.clock import Clock
from shared.contracts.identity import SERVICE
from shared.ids import draw_id
from shared.mongo.documents import to_row
from shared.security.macs import Macs
from tests.harness.http import ServiceClient
from tests.harness.polling import eventually
from tests.identity.builders import compte
from tests.identity.running import DEADLINE_S, Running

PASSWORD, WRONG = "Chemin-Vert-27", "Pas-du-tout-7"
BEHIND_PROXIES = {SERVICE: {"IDENTITY_TRUSTED_PROXIES": "127.0.0.0/8"}}
"""A test whose people each come from an address of their own, as told by our own proxy."""


@dataclass(frozen=True)
class Person:
    """A person whose account is open, and his secrets."""

    user_id: str
    identifiant: str
    mail: str
    password: str = PASSWORD
    temporary: str | None = None


class People:
    """Makes accounts as the store keeps them, at once, and signs in."""

    def __init__(self, identity: Running) -> None:
        self.identity = identity
        pepper = identity.platform.replica(SERVICE).environment["IDENTITY_PEPPER"]
        self.hasher = ArgonHasher(pepper)
        self._hashed: str | None = None
        self._database = identity.platform.database(SERVICE)
        self.sessions: dict[str, str] = {}

    async def add(self, user_id: str, *, temporary: bool = False, **own: Any) -> Person:
        """A person with a password, and a temporary one if asked for; `own` replaces the rest."""
        secret = draw_temporary_password() if temporary else None
        provisoire = None
        if secret is not None:
            until = Clock.real_now() + timedelta(hours=24)
            hashed = await self.hasher.hash(secret)
            provisoire = Provisoire(hash=hashed, generation=2, expires_at=until)
        person = Person(
            user_id, draw_identifiant(), f"{user_id}@valfleury.example", temporary=secret
        )
        kept: dict[str, Any] = {
            "identifiant": person.identifiant,
            "mail": person.mail,
            "mot_de_passe": await self._hash_of_all(),
            "provisoire": provisoire,
            "generation": 2,
            "version": 1,
        }
        account = compte(user_id, **(kept | own))
        reserved = IdentifiantReserve(id=person.identifiant, user_id=user_id, version=1)
        address = AdresseReservee(id=person.mail, user_id=user_id, version=1)
        for document in (account, reserved, address):
            self._database[document.COLLECTION].insert_one(to_row(document))
        return person

    async def _hash_of_all(self) -> str:
        """The hash of the password that everybody has: it takes as long as a sign-in."""
        if self._hashed is None:
            self._hashed = await self.hasher.hash(PASSWORD)
        return self._hashed

    async def sign_in(
        self,
        person: Person,
        password: str | None = None,
        *,
        client: ServiceClient | None = None,
        source: str = "192.0.2.1",
    ) -> httpx.Response:
        """Sign in with his password, or that one."""
        body = {"identifiant": person.identifiant, "mot_de_passe": password or person.password}
        return await (client or self.identity.client).request(
            "POST",
            "/sessions",
            body,
            idempotency_key=draw_id(),
            headers={"X-Forwarded-For": source},
        )

    async def token(self, person: Person, source: str = "192.0.2.1") -> str:
        """The token of a full session."""
        answer = await self.sign_in(person, source=source)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        token: str = answer.json()["token"]
        return token

    async def comes_in_at_last(self, person: Person, source: str = "192.0.2.1") -> None:
        """Wait until his password opens: a clock that moved takes a moment to be followed."""

        async def opened() -> bool:
            return (await self.sign_in(person, source=source)).status_code == httpx.codes.CREATED

        await eventually(opened, DEADLINE_S, "the right password opens again")

    def stored(self, person: Person) -> dict[str, Any]:
        """The account as stored."""
        row = self._database[Compte.COLLECTION].find_one({"_id": person.user_id})
        assert row is not None
        return row


async def verifications(identity: Running, *replicas: int) -> int:
    """How many passwords these processes compared with the hash of an account."""
    total = 0.0
    for replica in replicas or (0,):
        client = await identity.platform.http(SERVICE, replica)
        text = (await client.request("GET", "/metrics")).text
        for family in text_string_to_metric_families(text):
            total += sum(
                sample.value
                for sample in family.samples
                if sample.name == "mcp_password_verifications_total"
                and sample.labels["contre"] == "compte"
            )
    return int(total)


def solved(identity: Running, captcha_id: str) -> str:
    """The text of a captcha's image, as the service itself draws it from its id."""
    key = identity.platform.replica(SERVICE).environment["IDENTITY_HMAC_KEY"]
    return draw(bytes.fromhex(Macs(key).of("captcha", captcha_id.encode()))).texte


async def forget(
    identity: Running,
    mail: str,
    *,
    answer: str | None = None,
    captcha_id: str | None = None,
    source: str = "192.0.2.1",
) -> httpx.Response:
    """Ask for a new password with a fresh captcha, well answered unless something else is said."""
    if captcha_id is None:
        headers = {"X-Forwarded-For": source}
        given = await identity.ask("POST", "/captchas", {}, session=None, headers=headers)
        captcha_id = given.json()["captcha_id"]
    answer = solved(identity, captcha_id) if answer is None else answer
    body = {"mail": mail, "captcha_id": captcha_id, "reponse": answer}
    return await identity.ask("POST", "/password/forgotten", body, session=None)
