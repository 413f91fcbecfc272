"""Who is designated gets an account by the real services: habilitation asks, identity makes it.

An agent designates at habilitation's door with a token that identity gave him for it; two mails
arrive; what habilitation decides then is felt at identity's door.
"""

import time
from collections.abc import AsyncIterator
from statistics import median

import httpx
import pytest

from shared.contracts import habilitation
from shared.contracts.identity import AccountRefused
from shared.contracts.topics import CONVENTIONS, ROLE_ASSIGNMENTS, USER_LIFECYCLE
from tests.harness.platform import Platform
from tests.harness.polling import eventually
from tests.identity.builders import AGENT
from tests.identity.designating import CONVENTION, OURS, Designating, designating, personne
from tests.identity.running import DEADLINE_S, form

pytestmark = [pytest.mark.connected, pytest.mark.timeout(240)]

AGENT_MAIL, CAF_CONTACT = f"{AGENT.id}@caf.example", "assistance@caf931.example"
CUT_S = 1.0
"""A suspended or closed convention cuts the sessions of its people within a second."""
TRIALS = 5


@pytest.fixture
async def caf(whole_platform: Platform) -> AsyncIterator[Designating]:
    async with designating(whole_platform) as there:
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
    mails = await caf.mails_to("guy.martin@valfleury.example", 4)
    assert sum("vous êtes responsable de son groupe" in each.text for each in mails) == 1
