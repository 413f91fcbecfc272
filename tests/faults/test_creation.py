"""Killed anywhere while it is made or opened, an account is complete, two mails (G-27)."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from services.identity.domain.compte import AdresseReservee
from shared.calendrier import day_of
from shared.clock import Clock
from shared.contracts.comptes import EtatCompte
from shared.contracts.identity import SERVICE
from shared.contracts.identity_commands import COMMANDS, CreateUser
from shared.contracts.topics import CREDENTIALS, USER_LIFECYCLE
from shared.mongo.documents import to_row
from shared.security.tokens import TokenIssuer
from tests.faults.crashing import CRASH_AT
from tests.faults.mode import pick
from tests.harness.fixtures import StartPlatform
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.identity.builders import AGENT, CAF, CONVENTION, agent, compte, session
from tests.identity.running import AGENT_SESSION, Running

pytestmark = [pytest.mark.connected, pytest.mark.timeout(400)]

POINTS = pick(
    short=("before_commit", "mid_send"),
    full=("before_commit", "after_commit", "mid_send", "before_delete"),
)
DEADLINE_S = 40
MAILS = {"identifiant_issued", "temporary_password_issued"}
Act = Callable[[Running, str], Awaitable[None]]


async def make(identity: Running, user_id: str) -> None:
    """Ask for an account that opens today."""
    asked = CreateUser(
        user_id=user_id,
        convention_id=CONVENTION,
        nom="Benali",
        prenom="Aïcha",
        mail=f"{user_id}@commune.example",
        cloture=day_of(Clock.real_now()) + timedelta(days=90),
    )
    issuer = TokenIssuer(json.dumps(identity.platform.settings.keys.signing))
    token = issuer.issue(AGENT, audience=COMMANDS, now=Clock.real_now())
    await identity.publish(asked, token)


async def designate(identity: Running, user_id: str) -> None:
    """Habilitation needs the account of somebody whom an agent designated."""
    mail = f"{user_id}@commune.example"
    habilitation = identity.platform.habilitation
    await habilitation.request_account(CONVENTION, user_id, mail, asked_by=AGENT.id)


async def let_open(identity: Running, user_id: str) -> None:
    """An account made some time ago, whose day has come: the scheduler says so."""
    waiting = compte(
        user_id,
        etat=EtatCompte.A_OUVRIR,
        ouverture=day_of(Clock.real_now()),
        mail=f"{user_id}@commune.example",
        identifiant=user_id.upper(),
        generation=0,
        emission=0,
        mot_de_passe=None,
        version=1,
    )
    kept = AdresseReservee(id=waiting.mail, user_id=user_id, version=1)
    database = identity.platform.database(SERVICE)
    database["comptes"].insert_one(to_row(waiting))
    database["adresses"].insert_one(to_row(kept))
    done = await identity.platform.run_command(SERVICE, "schedule", "--once")
    assert done.exit_code == 0, done.stderr


@pytest.mark.parametrize(
    ("act", "first"),
    [(make, "user_created"), (designate, "user_created"), (let_open, "user_opened")],
    ids=["made", "designated", "opened"],
)
async def test_killed_at_any_step_an_account_is_complete(
    start_platform: StartPlatform, act: Act, first: str
) -> None:
    platform = await start_platform(
        (SERVICE,), modules={SERVICE: ("tests.faults.crashing", SERVICE)}
    )
    identity = await with_agent(platform)
    replica = platform.replica(SERVICE)
    for number, point in enumerate(POINTS):
        user_id = f"aaa222{number}bb22"
        await platform.terminate(SERVICE)
        await act(identity, user_id)
        replica.environment[CRASH_AT] = f"{point}:1"
        replica.start()

        async def killed() -> bool:
            return not replica.running

        await eventually(killed, DEADLINE_S, f"the process dies at {point}")
        replica.environment[CRASH_AT] = ""
        await platform.restart(SERVICE)

        async def complete(user_id: str = user_id) -> bool:
            return await told(platform, user_id) == {first: 1, **dict.fromkeys(MAILS, 1)}

        await eventually(complete, DEADLINE_S, f"the account after {point}")
        stored = platform.database(SERVICE)["comptes"].find_one({"_id": user_id})
        assert stored is not None
        assert (stored["generation"], stored["emission"]) == (1, 1)
        assert stored["provisoire"] is not None


async def told(platform: Platform, user_id: str) -> dict[str, int]:
    """How many different facts of each kind were told; one told twice has the same id."""
    ids: dict[str, set[str]] = {}
    for topic in (USER_LIFECYCLE, CREDENTIALS):
        for record in await platform.read(topic):
            if record.key == user_id.encode():
                kind = (record.header("ce_type") or "").split(".")[2]
                ids.setdefault(kind, set()).add(record.header("ce_id") or "")
    return {kind: len(each) for kind, each in ids.items()}


async def with_agent(platform: Platform) -> Running:
    """An agent in session, and his convention."""
    database, now = platform.database(SERVICE), Clock.real_now() - timedelta(seconds=1)
    opened = session(token=AGENT_SESSION, user_id=AGENT.id, opened_at=now, seen_at=now, version=1)
    database["comptes"].insert_one(to_row(agent(version=1)))
    database["sessions"].insert_one(to_row(opened))
    await platform.habilitation.open_convention(CONVENTION, caf=CAF)
    await platform.habilitation.known_to(SERVICE)
    return Running(platform, await platform.http(SERVICE))
