"""Who is created for groups, at identity, is their member, decided here; or is told why not.

The real services: an administratrice creates accounts at identity's door, habilitation reacts to
what identity tells, notifications writes to her what was refused.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.contracts import habilitation
from shared.contracts.envelope import Fact
from shared.contracts.habilitation import AppartenanceAdded, AppartenanceRefused
from shared.contracts.identity import SERVICE, UserCreated
from shared.contracts.topics import ROLE_ASSIGNMENTS, USER_LIFECYCLE, group_of
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.harness.topics import Outgoing, Record
from tests.identity.designating import CONVENTION, OURS, Designating, designating
from tests.identity.running import DEADLINE_S, form

pytestmark = [pytest.mark.connected, pytest.mark.timeout(240)]

HELENE, ZOE = "helene.delmas@valfleury.example", "zoe.benali@valfleury.example"
PROFILS = {"T2PE": "T2", "T5RSA": "T5"}
"""The groups that she makes, and their profile."""


class Manager:
    """The administratrice in session, and the groups that she made."""

    def __init__(self, caf: Designating, user_id: str, session: str) -> None:
        self.caf, self.user_id, self.session = caf, user_id, session
        self.groupes: dict[str, str] = {}

    async def make_groupes(self) -> None:
        """One group per profile, of which she is responsable."""
        for code, profil in PROFILS.items():
            asked = {"code": code, "libelle": f"{profil} {code}", "responsable_id": self.user_id}
            made = await self.caf.ask("POST", f"{OURS}/groupes", asked, session=self.session)
            self.groupes[code] = groupe_id = made["groupe_id"]
            role = {"service": "cdap", "profil": profil}
            await self.ask("PUT", f"/groupes/{groupe_id}/role", role)
        await self.caf.platform.habilitation.known_to(SERVICE)

    async def ask(self, method: str, path: str, json: Any = None) -> dict[str, Any]:
        """One request at habilitation's door."""
        return await self.caf.ask(method, f"{OURS}{path}", json, session=self.session)

    async def create(self, mail: str, *codes: str) -> str:
        """Create somebody at identity for these groups; their id."""
        groupes = [self.groupes[each] for each in codes]
        asked = form(convention_id=CONVENTION, mail=mail, groupes=groupes)
        answer = await self.caf.identity.ask("POST", "/users", asked, session=self.session)
        assert answer.status_code == 201, answer.text
        user_id: str = answer.json()["user_id"]
        return user_id

    def belongs(self, user_id: str) -> list[str]:
        """The codes of the groups of somebody that are not over, as stored."""
        stored = self.caf.platform.database(habilitation.SERVICE)["membres"]
        membre = stored.find_one({"_id": user_id}) or {"appartenances": ()}
        own = {each["groupe_id"] for each in membre["appartenances"] if each["fin"] is None}
        return sorted(code for code, groupe_id in self.groupes.items() if groupe_id in own)

    async def told(self, user_id: str, fact: type[Fact]) -> list[Record]:
        """What was told of somebody so far, of one kind."""
        records = await self.caf.platform.read(ROLE_ASSIGNMENTS)
        return [
            each
            for each in records
            if each.header("ce_type") == fact.TYPE and each.json()["user_id"] == user_id
        ]

    async def all_read(self) -> None:
        """Wait until habilitation has read all that identity told."""
        group = group_of(habilitation.SERVICE, USER_LIFECYCLE)

        async def read() -> bool:
            return not await self.caf.platform.lag(group, USER_LIFECYCLE)

        await eventually(read, DEADLINE_S, "habilitation read what identity told")


@pytest.fixture
async def helene(whole_platform: Platform) -> AsyncIterator[Manager]:
    async with designating(whole_platform) as caf:
        profils = [
            {
                "profil": profil,
                "missions": "Accompagnement des familles",
                "finalite": "Tarification",
                "fondement": "Convention d’accès",
                "destinataires": "Agents de la commune",
            }
            for profil in PROFILS.values()
        ]
        await caf.ask("PUT", f"{OURS}/bulletins/cdap", {"profils": profils})
        await caf.ask("PUT", f"{OURS}/bulletins/cdap/eligibilite")
        user_id = await caf.designate(HELENE)
        manager = Manager(caf, user_id, await caf.comes_in(user_id))
        await manager.make_groupes()
        yield manager


async def test_person_created_for_groups_is_their_member_or_the_refusal_is_written(
    helene: Manager,
) -> None:
    user_id = await helene.create(ZOE, "T2PE", "T5RSA")
    added = await helene.caf.told(ROLE_ASSIGNMENTS, AppartenanceAdded, user_id=user_id)
    assert added["groupe_id"] == helene.groupes["T2PE"]
    refused = await helene.caf.told(ROLE_ASSIGNMENTS, AppartenanceRefused, user_id=user_id)
    assert (refused["groupe_id"], refused["code"]) == (helene.groupes["T5RSA"], "T5RSA")
    assert (refused["motif"], refused["asked_by"]) == ("autre_profil", helene.user_id)
    assert helene.belongs(user_id) == ["T2PE"]

    def written() -> bool:
        mails = helene.caf.platform.mails()
        return any(each.recipients == (HELENE,) and "T5RSA" in each.text for each in mails)

    await eventually(written, DEADLINE_S, "the refusal is written to who created the account")


async def test_what_identity_tells_again_never_acts_twice(helene: Manager) -> None:
    user_id = await helene.create(ZOE, "T2PE")
    await helene.caf.told(ROLE_ASSIGNMENTS, AppartenanceAdded, user_id=user_id)
    await helene.ask("POST", f"/groupes/{helene.groupes['T2PE']}/membres/{user_id}/ending", {})
    assert helene.belongs(user_id) == []

    platform = helene.caf.platform
    done = await platform.run_command(SERVICE, "republish", "--wet-run")
    assert done.exit_code == 0, done.stderr
    store = platform.database(habilitation.SERVICE)
    for forgotten in ("inbox", "reactions"):  # as after a year, and worse
        store[forgotten].delete_many({})
    created = [
        each
        for each in await platform.read(USER_LIFECYCLE)
        if each.header("ce_type") == UserCreated.TYPE and each.key == user_id.encode()
    ]
    again = [
        Outgoing(platform.topic(USER_LIFECYCLE), each.key, each.headers, each.value)
        for each in created
    ]
    assert len(again) == 1
    await platform.publish(again)
    await helene.all_read()
    assert helene.belongs(user_id) == []
    assert len(await helene.told(user_id, AppartenanceAdded)) == 1
    assert await helene.told(user_id, AppartenanceRefused) == []
