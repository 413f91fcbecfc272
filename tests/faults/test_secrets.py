"""The whole journey with canaries in every secret: none shows outside the mails (G-62)."""

import re
from itertools import count

import httpx
import pytest

from deploy.demo.captcha import answer_to
from shared.contracts.identity_commands import COMMANDS, CreateUser
from shared.contracts.topics import TOPICS, dead_letters_topic
from shared.ids import draw_id
from tests.faults.accounts import known_convention
from tests.faults.conftest import Report
from tests.faults.evidence import gather, lags_of
from tests.faults.load import headers_of
from tests.faults.outage import mongod_away
from tests.faults.secrecy import logs, search, stores, topics
from tests.harness.fixtures import StartPlatform
from tests.harness.http import ServiceClient
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.harness.topics import Outgoing

IDENTITY, NOTIFICATIONS = "identity", "notifications"
AGENT, PERSON = "canari.agent@canari.example", "personne@canari.example"
PHONE = "06 55 44 33 22"
CHOSEN = {AGENT: "Zinzolin-Noeud-7", PERSON: "Ocelot-Brique-7"}
NEXT = "Pangolin-Givre-8"
DESCRIPTION = "Canari incident : un badge est perdu."
MAILS_S = 30.0
TEMPORARY = re.compile(r"\b\w{5}(?:-\w{5}){3}\b")
IDENTIFIANT = re.compile(r"\b[A-Z]{3}\d{4}[A-Z]{2}\d{2}\b")

pytestmark = pytest.mark.timeout(180)


class Journey:
    """Goes the whole way, and remembers every secret that it meets."""

    def __init__(self, platform: Platform, client: ServiceClient) -> None:
        self.platform = platform
        self.client = client
        self.secrets: dict[str, str] = {}
        self.private: dict[str, str] = {}
        self.command_tokens: dict[str, str] = {}
        self._numbers = count(1)

    async def ask(
        self, method: str, path: str, body: object = None, session: str | None = None
    ) -> httpx.Response:
        """One request with a fresh key."""
        key = draw_id()
        return await self.client.request(method, path, body, session=session, idempotency_key=key)

    def keep(self, what: str, secret: str) -> str:
        """Remember a secret, to look for it later."""
        self.secrets[f"{what} {next(self._numbers)}"] = secret
        return secret

    async def mails_of(self, address: str) -> tuple[str, str]:
        """The identifiant and the temporary password that two separate mails bring."""
        identifiant = (await self.found(IDENTIFIANT, address, 1))[0]
        temporary = await self.temporary_password(address, 1)
        self.private[f"identifiant of {address}"] = identifiant
        return identifiant, temporary

    async def temporary_password(self, address: str, number: int) -> str:
        """The temporary password of the mail that brings the so-many-th one."""
        found = await self.found(TEMPORARY, address, number)
        return self.keep("temporary password", found[-1])

    async def found(self, pattern: "re.Pattern[str]", address: str, count: int) -> list[str]:
        """What mails to somebody bring, one secret a mail."""

        def arrived() -> list[str] | None:
            texts = [mail.text for mail in self.platform.mails() if address in mail.recipients]
            assert not any(IDENTIFIANT.search(text) and TEMPORARY.search(text) for text in texts)
            values = [found[0] for text in texts if (found := pattern.search(text))]
            return values if len(values) >= count else None

        return await eventually(arrived, MAILS_S, f"{count} mails to {address}") or []

    async def sign_in(self, identifiant: str, password: str, status: int = 201) -> str:
        """Sign in; the session's token, a secret too."""
        body = {"identifiant": identifiant, "mot_de_passe": password}
        answer = await self.ask("POST", "/sessions", body)
        assert answer.status_code == status, answer.text
        return self.keep("session", answer.json()["token"]) if status == httpx.codes.CREATED else ""

    async def personalise(self, address: str) -> str:
        """From the two mails to a full session, with every mistake that people make."""
        identifiant, temporary = await self.mails_of(address)
        await self.sign_in(identifiant, self.keep("wrong password", "Canari-Faux-1"), 401)
        first = await self.sign_in(identifiant, temporary)
        for refused in ("canari", "Canari-beaucoup-trop-long-pour-etre-pris-1"):
            body = {"nouveau_mot_de_passe": self.keep("refused password", refused + "-refus")}
            assert (await self.ask("POST", "/password", body, first)).status_code == 422
        chosen = self.keep("password", CHOSEN[address])
        answer = await self.ask("POST", "/password", {"nouveau_mot_de_passe": chosen}, first)
        assert answer.status_code == httpx.codes.NO_CONTENT, answer.text
        await self.sign_in(identifiant, temporary, 401)
        return await self.sign_in(identifiant, chosen)

    async def token(self, session: str) -> str:
        """A command token, which only the command topic may show."""
        answer = await self.ask("POST", "/tokens", {"audience": COMMANDS}, session)
        token: str = answer.json()["access_token"]
        self.command_tokens[f"command token {next(self._numbers)}"] = token
        return token

    async def update_password(self, identifiant: str, old: str) -> str:
        """« Mettre à jour votre mot de passe », first with mistakes; returns the new session."""
        body = {"identifiant": identifiant, "mot_de_passe": old, "nouveau_mot_de_passe": NEXT}
        wrong = body | {"mot_de_passe": self.keep("wrong password", "Canari-Faux-2")}
        weak = body | {"nouveau_mot_de_passe": self.keep("refused password", "canari-faible")}
        assert (await self.ask("PUT", "/password", wrong)).status_code == 401
        assert (await self.ask("PUT", "/password", weak)).status_code == 422
        self.keep("password", NEXT)
        answer = await self.ask("PUT", "/password", body)
        assert answer.status_code == httpx.codes.NO_CONTENT, answer.text
        return await self.sign_in(identifiant, NEXT)

    async def forget_password(self, address: str) -> None:
        """« Mot de passe oublié », first with a wrong answer; the mail brings a password."""
        wrong = self.keep("answer to a captcha", "Canari-Captcha-1")
        for answer in (wrong, None):
            captcha = (await self.ask("POST", "/captchas", {})).json()
            read = (await self.ask("GET", captcha["texte"])).json()
            typed = answer or answer_to(read["question"])
            body = {"mail": address, "captcha_id": captcha["captcha_id"], "reponse": typed}
            status = (await self.ask("POST", "/password/forgotten", body)).status_code
            assert status == (422 if answer else 202)

    async def odd_requests(self, session: str) -> None:
        """Secrets where they do not belong: other fields, other types, a broken body."""
        for number, body in enumerate(
            (
                {"identifiant": {"$ne": None}, "mot_de_passe": self.keep("odd", "Canari-Objet-1")},
                {"identifiant": "X", "mot_de_passe": [self.keep("odd", "Canari-Liste-1")]},
                {"identifiant": self.keep("odd", "Canari-Champ-1" * 9), "mot_de_passe": "x"},
                {"identifiant": "X", "mot_de_passe": "y", "z": self.keep("odd", "Canari-Plus-1")},
            )
        ):
            answer = await self.ask("POST", "/sessions", body)
            assert answer.status_code == 422, (number, answer.text)
            assert not search([("answer", answer.content)], self.secrets)
        assert (await self.ask("GET", "/users/nobody", session=session)).status_code == 404


async def test_no_secret_leaves_its_place(start_platform: StartPlatform, report: Report) -> None:
    platform = await start_platform((IDENTITY, NOTIFICATIONS), topics=TOPICS.values())
    journey = Journey(platform, await platform.http(IDENTITY))
    await _go_the_whole_way(platform, journey)
    await _at_rest(platform)
    keys = platform.settings.keys
    journey.secrets |= {
        "signing key": keys.signing["d"],
        "sealing key": keys.sealing[0]["d"],
        "pepper": keys.pepper,
        **{f"HMAC key of {service}": key for service, key in keys.hmac.items()},
    }
    records = list(await topics(platform))
    kept = list(stores(platform.settings.servers.mongo))
    written = [
        *logs(platform.settings.servers.directory),
        *[(f"metrics of {name}", await _metrics(platform, name)) for name in platform.services],
    ]
    found = [
        *search([*records, *kept, *written], journey.secrets),
        *search([*_but_commands(records), *kept, *written], journey.command_tokens),
        *search([*records, *written], journey.private),
        *search([*_heads(records), *written], _personal()),
    ]
    looked_at = sum(len(content) for _, content in (*records, *kept, *written))
    report(
        f"{len(journey.secrets) + len(journey.command_tokens)} secrets, "
        f"{len(records)} pieces of records, {len(kept)} documents, {len(written)} logs and pages, "
        f"{looked_at / 2**20:.1f} MiB: {len(found)} hits"
    )
    assert not found
    # the search sees what is meant to be there
    assert search(records, journey.command_tokens), "the token is on the command topic, by design"
    assert search(kept, journey.private), "identity knows the identifiants"
    assert search(written, {"process": '"event": "started"'})
    assert search([("mail", mail.raw) for mail in platform.mails()], _mailed(journey))


async def _go_the_whole_way(platform: Platform, journey: Journey) -> None:
    """Bootstrap → mails → sign in → personalise → create → mails → sign in → personalise."""
    named = ("--nom", "Canarinom", "--prenom", "Canariprenom", "--mail", AGENT, "--caf", "931")
    done = await platform.run_command(IDENTITY, "bootstrap", *named)
    assert done.exit_code == 0, done.stderr
    session = await journey.personalise(AGENT)
    token = await journey.token(session)
    user_id = draw_id()
    created = CreateUser(
        user_id=user_id,
        convention_id=await known_convention(platform),
        nom="Canarinom",
        prenom="Canariprenom",
        mail=PERSON,
        telephone=PHONE,
    )
    headers = headers_of(created, draw_id(), token)
    topic = platform.topic(COMMANDS)
    cut = Outgoing(topic, b"cut", headers_of(created, draw_id(), token), created.to_json()[:-9])
    await platform.publish([Outgoing(topic, user_id.encode(), headers, created.to_json()), cut])
    await journey.personalise(PERSON)
    await _live_on(journey, session, user_id)
    await journey.odd_requests(session)
    async with mongod_away(platform.settings.servers, frozen=False):
        identifiant = journey.private[f"identifiant of {PERSON}"]
        await journey.sign_in(identifiant, NEXT, 503)
    assert len(await platform.read(dead_letters_topic(IDENTITY))) == 1


async def _live_on(journey: Journey, agent: str, user_id: str) -> None:
    """Password updated, forgotten, reset by the agent; an incident, a session that ends."""
    identifiant = journey.private[f"identifiant of {PERSON}"]
    session = await journey.update_password(identifiant, CHOSEN[PERSON])
    reported = {"nature": "autre", "description": journey.keep("incident", DESCRIPTION)}
    answer = await journey.ask("POST", "/me/incidents", reported, session)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    await eventually(
        lambda: any(DESCRIPTION in mail.text for mail in journey.platform.mails()),
        MAILS_S,
        "the Caf reads what was reported",
    )
    await journey.forget_password(PERSON)
    await journey.temporary_password(PERSON, 2)
    answer = await journey.ask("POST", f"/users/{user_id}/reset", None, agent)
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    await journey.temporary_password(PERSON, 3)
    answer = await journey.ask("DELETE", "/sessions/current", None, session)
    assert answer.status_code == httpx.codes.NO_CONTENT, answer.text


async def _at_rest(platform: Platform) -> None:
    async def done() -> bool:
        return (
            not any([*(await lags_of(platform)).values()])
            and not (await gather(platform, [])).pending
        )

    await eventually(done, MAILS_S, "nothing pending")


async def _metrics(platform: Platform, service: str) -> bytes:
    client = await platform.http(service)
    return (await client.request("GET", "/metrics")).content


def _but_commands(records: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [piece for piece in records if piece[0] != f"header authorization on {COMMANDS}"]


def _heads(records: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [piece for piece in records if not piece[0].startswith("value ")]


def _personal() -> dict[str, str]:
    """What says who somebody is: never in keys, headers, logs, metrics."""
    people = {"nom": "Canarinom", "prenom": "Canariprenom", "phone": PHONE}
    return {**people, "agent's address": AGENT, "person's address": PERSON}


def _mailed(journey: Journey) -> dict[str, str]:
    return {n: secret for n, secret in journey.secrets.items() if n.startswith("temporary")}


@pytest.mark.parametrize(
    "hidden",
    [
        b"xx Canari-7-secret yy",
        b"password=Canari-7-secret".hex().encode(),
        b"eHggQ2FuYXJpLTctc2VjcmV0IHl5",
        b"eEthbmFyaS1DYW5hcmktNy1zZWNyZXQgeXk=",
        b"terces-7-iranaC",
        "Canari-7-secret".encode("utf-16-le"),
    ],
)
def test_search_finds_what_hides_nothing(hidden: bytes) -> None:
    assert search([("place", hidden)], {"secret": "Canari-7-secret"})
    assert not search([("place", hidden)], {"secret": "Canari-8-secret"})
