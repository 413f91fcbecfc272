"""« Mot de passe oublié » over HTTP: captcha, mails, what becomes of passwords (G-23, G-26)."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from io import BytesIO

import httpx
import pytest
from PIL import Image

from deploy.local.servers import Servers
from services.identity import captchas
from services.identity.domain.captcha import draw
from shared.clock import Clock
from shared.contracts.identity import SERVICE
from shared.contracts.topics import CREDENTIALS
from shared.security.macs import Macs
from tests.harness.polling import eventually
from tests.identity.people import People, Person, forget, solved
from tests.identity.running import DEADLINE_S, Running, running

pytestmark = [pytest.mark.connected, pytest.mark.timeout(180)]

ACCEPTED, REFUSED = httpx.codes.ACCEPTED, httpx.codes.UNPROCESSABLE_ENTITY
NEW = "Tambour+Girafe9"


@pytest.fixture
async def people_ahead(servers: Servers) -> AsyncIterator[People]:
    """In a process of its own, whose clock moves."""
    async with running(servers) as identity:
        yield People(identity)


async def captcha(identity: Running, precedent: str | None = None) -> str:
    """A fresh challenge."""
    form = {} if precedent is None else {"precedent": precedent}
    answer = await identity.ask("POST", "/captchas", form, session=None)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    id: str = answer.json()["captcha_id"]
    return id


async def mails(identity: Running, person: Person, count: int) -> list[str]:
    """The temporary passwords that were sealed for a person, oldest first."""
    follower = await identity.follow(CREDENTIALS)
    records = await follower.wait_for_many(
        lambda record: record.key == person.user_id.encode(), count, DEADLINE_S, "mails"
    )
    return [identity.opened(record)["mot_de_passe"] for record in records]


async def test_image_and_question_are_of_one_challenge_and_either_opens(people: People) -> None:
    identity, person = people.identity, await people.add("p1")
    id = await captcha(identity)
    image = await identity.ask("GET", f"/captchas/{id}/image", session=None)
    assert image.headers["content-type"] == "image/png"
    assert image.headers["cache-control"] == "no-store"
    with Image.open(BytesIO(image.content)) as picture:
        assert picture.format == "PNG"
    asked = (await identity.ask("GET", f"/captchas/{id}/texte", session=None)).json()["question"]
    key = identity.platform.replica(SERVICE).environment["IDENTITY_HMAC_KEY"]
    defi = draw(bytes.fromhex(Macs(key).of("captcha", id.encode())))
    assert asked == defi.question
    spoken = f" {defi.reponses[0].upper()} "
    assert (
        await forget(identity, person.mail, answer=spoken, captcha_id=id)
    ).status_code == ACCEPTED
    assert (await forget(identity, person.mail)).status_code == ACCEPTED
    assert len(await mails(identity, person, 2)) == 2


async def test_only_the_newest_challenge_well_answered_once_in_five_minutes_opens(
    people_ahead: People,
) -> None:
    identity, person = people_ahead.identity, await people_ahead.add("p1")
    used = await captcha(identity)
    assert (await forget(identity, "x@y.example", captcha_id=used)).status_code == ACCEPTED
    wrong_case = await captcha(identity)
    replaced = await captcha(identity)
    await captcha(identity, replaced)
    failed = await captcha(identity)
    await forget(identity, person.mail, answer="nothing", captcha_id=failed)
    late = await captcha(identity)
    tries = {
        "wrong case": (wrong_case, solved(identity, wrong_case).swapcase()),
        "another's": (await captcha(identity), solved(identity, await captcha(identity))),
        "used": (used, solved(identity, used)),
        "renewed": (replaced, solved(identity, replaced)),
        "answered wrong before": (failed, solved(identity, failed)),
        "nobody's": ("A" * 22, solved(identity, "A" * 22)),
    }
    for mail in (person.mail, "x@y.example"):
        for what, (id, answer) in tries.items():
            refused = await forget(identity, mail, answer=answer, captcha_id=id)
            assert (refused.status_code, refused.json()["code"]) == (REFUSED, "captcha_refuse"), (
                what
            )
            assert refused.json()["field"] == "reponse"
    gone = await identity.ask("GET", f"/captchas/{used}/image", session=None)
    assert (gone.status_code, gone.json()["code"]) == (404, "captcha_inconnu")
    missing = await identity.ask("POST", "/password/forgotten", {"mail": person.mail}, session=None)
    assert missing.status_code == REFUSED

    identity.platform.set_clock(timedelta(minutes=5, seconds=1))

    async def expired() -> bool:
        shown = await identity.ask("GET", f"/captchas/{late}/texte", session=None)
        return shown.status_code == httpx.codes.NOT_FOUND

    await eventually(expired, DEADLINE_S, "five minutes have passed")
    refused = await forget(identity, person.mail, captcha_id=late)
    assert refused.status_code == REFUSED
    assert people_ahead.stored(person)["provisoire"] is None  # no mail for any of these


async def test_challenge_is_kept_without_its_answer(people: People) -> None:
    id = await captcha(people.identity)
    row = people.identity.platform.database(SERVICE)[captchas.COLLECTION].find_one({"_id": id})
    assert set(row or {}) == {"_id", "expires_at", "made"}
    assert solved(people.identity, id) not in str(row)


async def test_password_in_use_opens_until_the_temporary_one_is_used(people: People) -> None:
    identity, person = people.identity, await people.add("p1")
    for mail in (person.mail, person.mail.upper()):
        answer = await forget(identity, mail)
        assert (answer.status_code, answer.content) == (ACCEPTED, b"")
    older, newer = await mails(identity, person, 2)
    assert (await people.sign_in(person, older)).status_code == httpx.codes.UNAUTHORIZED
    assert (await people.sign_in(person)).status_code == httpx.codes.CREATED
    opened = await people.sign_in(person, newer)
    assert opened.json()["must_change_password"] is True
    narrow = opened.json()["token"]
    assert (await people.sign_in(person, newer)).status_code == httpx.codes.UNAUTHORIZED
    shut = await identity.ask("GET", "/me", session=narrow)
    assert (shut.status_code, shut.json()["code"]) == (403, "mot_de_passe_a_personnaliser")
    chosen = await identity.ask("POST", "/password", {"nouveau_mot_de_passe": NEW}, session=narrow)
    assert chosen.status_code == httpx.codes.NO_CONTENT
    assert (await people.sign_in(person)).status_code == httpx.codes.UNAUTHORIZED
    assert (await people.sign_in(person, NEW)).status_code == httpx.codes.CREATED


async def test_three_mails_an_hour_for_one_mailbox_and_the_same_answer_to_all(
    people: People,
) -> None:
    identity, person = people.identity, await people.add("p1")
    answers = [await forget(identity, person.mail) for _ in range(6)]
    answers.append(await forget(identity, "personne@valfleury.example"))
    assert {(answer.status_code, answer.content) for answer in answers} == {(ACCEPTED, b"")}
    await mails(identity, person, 3)
    assert people.stored(person)["generation"] == 2 + 3
    assert (await people.sign_in(person)).status_code == httpx.codes.CREATED


async def test_temporary_password_opens_for_a_day_and_no_longer(people_ahead: People) -> None:
    """To the second in tests/identity/handlers/test_sign_in.py; here, a clock that moves."""
    identity = people_ahead.identity
    early, late = await people_ahead.add("p1"), await people_ahead.add("p2")
    for person in (early, late):
        await forget(identity, person.mail)
    (first,), (second,) = await mails(identity, early, 1), await mails(identity, late, 1)
    until: datetime = people_ahead.stored(late)["provisoire"]["expires_at"]
    a_minute = timedelta(minutes=1)
    await moved(identity, until - Clock.real_now() - a_minute)
    assert (await people_ahead.sign_in(early, first)).status_code == httpx.codes.CREATED
    await moved(identity, until - Clock.real_now() + timedelta(seconds=1))
    refused = await people_ahead.sign_in(late, second)
    assert refused.status_code == httpx.codes.UNAUTHORIZED
    assert "Mot de passe oublié" in refused.json()["detail"]
    assert (await people_ahead.sign_in(late)).status_code == httpx.codes.CREATED


async def moved(identity: Running, offset: timedelta) -> None:
    """Move the clock, and wait until the process follows."""
    identity.platform.set_clock(offset)
    least = Clock.real_now() + offset - timedelta(seconds=1)

    async def there() -> bool:
        given = await identity.ask("POST", "/captchas", {}, session=None)
        return datetime.fromisoformat(given.json()["expires_at"]) - timedelta(minutes=5) >= least

    await eventually(there, DEADLINE_S, "the clock moved")
