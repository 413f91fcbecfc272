"""A forgotten password: the same work and the same answer, whoever's address it is."""

from datetime import timedelta
from typing import Any

import pytest

from services.identity.domain.captcha import CaptchaRefused
from services.identity.domain.compte import AdresseReservee
from services.identity.domain.errors import MailInvalid
from services.identity.handlers.forgotten_password import ForgottenPassword
from shared.frequence import WITHIN
from shared.path.decision import Decision
from tests.identity.builders import (
    DAY,
    NOW,
    PASSWORD,
    FakeCaptchas,
    Scene,
    compte,
    convention,
    facts,
    hash_of,
)

MAIL = "zoe@commune.example"
RESERVED = AdresseReservee(id=MAIL, user_id="u1")


def asked(mail: str = MAIL, answer: str = "right") -> ForgottenPassword:
    return ForgottenPassword(mail, "captcha", answer)


def scene(**own: Any) -> Scene:
    return Scene(RESERVED, convention(), compte(**own))


async def test_temporary_password_is_written_and_the_one_in_use_goes_on() -> None:
    known = scene()
    decision = await known.ask(known.acces.forgotten_password, asked(" Zoe@Commune.example "))
    assert [fact.TYPE.split(".")[2] for fact in facts(decision)] == [
        "password_reset",
        "temporary_password_issued",
    ]
    assert facts(decision)[0].asked_by is None
    after = known.compte()
    assert (after.mot_de_passe, after.epoque) == (hash_of(PASSWORD), 0)
    assert after.provisoire is not None
    assert (after.provisoire.generation, after.provisoire.expires_at) == (2, NOW + DAY)
    assert known.sealer.sealed[0]["to"] == MAIL


@pytest.mark.parametrize(
    "documents",
    [
        (),
        (RESERVED,),
        (AdresseReservee(id=MAIL, user_id=None),),
        (RESERVED, convention(), compte(cloture=NOW.date())),
        (RESERVED, convention(), compte(ouverture=NOW.date() + timedelta(days=1))),
        (RESERVED, convention(etat="cloturee"), compte()),
    ],
)
async def test_others_get_nothing_for_the_same_work(documents: tuple[Any, ...]) -> None:
    nobody = Scene(*documents)
    assert await nobody.ask(nobody.acces.forgotten_password, asked()) == Decision()
    assert len(nobody.hasher.hashed) == len(nobody.sealer.sealed) == 1


@pytest.mark.parametrize("documents", [(), (RESERVED, convention(), compte())])
async def test_wrong_captcha_is_refused_whoever_it_is(documents: tuple[Any, ...]) -> None:
    any_one = Scene(*documents)
    with pytest.raises(CaptchaRefused):
        await any_one.ask(any_one.acces.forgotten_password, asked(answer="RIGHT"))
    assert not any_one.hasher.hashed
    assert not any_one.sealer.sealed


async def test_what_is_no_address_does_not_use_up_the_captcha() -> None:
    any_one = scene()
    with pytest.raises(MailInvalid):
        await any_one.ask(any_one.acces.forgotten_password, asked("zoe"))
    assert any_one.captchas.answered == []


async def test_three_mails_an_hour_and_the_fourth_is_answered_alike() -> None:
    known = scene()
    for minute in range(6):
        fresh(known)
        now = NOW + timedelta(minutes=minute)
        decision = await known.ask(known.acces.forgotten_password, asked(), now=now)
        assert bool(decision.facts) is (minute < 3)
        assert decision.result == {}
    fresh(known)
    later = NOW + WITHIN
    decision = await known.ask(known.acces.forgotten_password, asked(), now=later)
    assert facts(decision)


async def test_two_at_once_write_one_mail_each_generation_once() -> None:
    known = scene()
    use_case = known.acces.forgotten_password
    requests = []
    for _ in range(2):
        fresh(known)
        requests.append(await known.prepared(use_case, asked()))
    first, second = known.decide(use_case, *requests)
    assert len(first.facts) == 2
    assert second == Decision()


def fresh(scene: Scene) -> None:
    """Another captcha."""
    scene.captchas.answered.clear()
    assert isinstance(scene.captchas, FakeCaptchas)


def test_address_and_answer_show_in_no_log() -> None:
    assert MAIL not in repr(asked())
    assert "right" not in repr(asked())
