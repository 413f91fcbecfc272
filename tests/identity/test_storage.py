"""What is kept, told, logged of all this holds no secret in clear (reliability G-24)."""

import json
import re

import pytest
from argon2 import PasswordHasher, Type

from services.identity.domain.session import id_of
from services.identity.hashing import LANES, MEMORY_KIB, PASSES
from shared.contracts.identity import SERVICE
from shared.contracts.topics import CREDENTIALS, USER_LIFECYCLE, refusals_topic
from tests.harness.polling import eventually
from tests.identity.people import PASSWORD, WRONG, People, forget, solved
from tests.identity.running import DEADLINE_S

pytestmark = [pytest.mark.connected, pytest.mark.timeout(180)]

NEW, NEWER = "Tambour+Girafe9", "Violon/Renard-8"
HASH = re.compile(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$")


async def test_no_secret_of_the_whole_story_is_in_clear_anywhere(people: People) -> None:
    identity, person = people.identity, await people.add("p1")
    given = (await identity.ask("POST", "/captchas", {}, session=None)).json()["captcha_id"]
    answer = solved(identity, given)
    await identity.ask("GET", f"/captchas/{given}/image", session=None)
    await people.sign_in(person, WRONG)
    assert (await forget(identity, person.mail, captcha_id=given)).status_code == 202
    follower = await identity.follow(CREDENTIALS)
    mail = await follower.wait_for(lambda each: each.key == b"p1", DEADLINE_S)
    temporary = identity.opened(mail)["mot_de_passe"]
    narrow = (await people.sign_in(person, temporary)).json()["token"]
    chosen = {"nouveau_mot_de_passe": NEW}
    assert (await identity.ask("POST", "/password", chosen, session=narrow)).status_code == 204
    update = {
        "identifiant": person.identifiant,
        "mot_de_passe": NEW,
        "nouveau_mot_de_passe": NEWER,
    }
    assert (await identity.ask("PUT", "/password", update, session=None)).status_code == 204
    opened = (await people.sign_in(person, NEWER)).json()["token"]
    open_captcha = (await identity.ask("POST", "/captchas", {}, session=None)).json()["captcha_id"]
    secrets = {
        person.password,
        WRONG,
        temporary,
        NEW,
        NEWER,
        narrow,
        opened,
        answer,
        solved(identity, open_captcha),
    }

    database = identity.platform.database(SERVICE)

    async def published() -> bool:
        return database["outbox"].count_documents({}) == 0

    await eventually(published, DEADLINE_S, "all is told")
    stored = [
        str(row) for name in database.list_collection_names() for row in database[name].find()
    ]
    topics = (CREDENTIALS, USER_LIFECYCLE, refusals_topic(SERVICE))
    told = [str(record) for topic in topics for record in await identity.platform.read(topic)]
    logged = json.dumps(identity.platform.replica(SERVICE).log_lines(), ensure_ascii=False)
    for secret in secrets:
        assert not [row for row in (*stored, *told, logged) if secret in row]
    assert any(id_of(opened) in row for row in stored)


async def test_hashes_are_what_owasp_asks_and_made_anew_when_that_changes(people: People) -> None:
    weak = PasswordHasher(1, 9_216, 1, type=Type.ID)  # the same pepper, other parameters
    person = await people.add("p1", mot_de_passe=weak.hash(people.hasher._peppered(PASSWORD)))
    assert "m=9216,t=1" in people.stored(person)["mot_de_passe"]
    assert (await people.sign_in(person)).status_code == 201
    found = HASH.match(people.stored(person)["mot_de_passe"])
    assert found is not None
    memory, passes, lanes = map(int, found.groups())
    assert memory >= 19_456 == MEMORY_KIB
    assert (passes, lanes) == (PASSES, LANES) == (2, 1)
    assert (await people.sign_in(person)).status_code == 201
