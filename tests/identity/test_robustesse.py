"""What is guessed at once is scored so, and no word of a person stays behind."""

import asyncio

import pytest

from services.identity.domain.mot_de_passe import TooEasy, check_guessing, check_password
from services.identity.robustesse import Zxcvbn, common_words


@pytest.mark.parametrize(
    "password",
    [
        "Password1!",
        "Motdepasse1!",
        "Azerty123!",
        "Soleil13!",
        "Marseille-13",
        "Abcd1234!",
        "aaaaaaA1!",
        "Aa1!Aa1!Aa1!",
        "Décembre1!",
        "P@ssw0rd1",
        "Vacances7!",
    ],
)
async def test_password_that_keeps_the_rules_and_is_guessed_at_once_is_refused(
    password: str,
) -> None:
    check_password(password)
    with pytest.raises(TooEasy):
        check_guessing(await Zxcvbn().score(password, ()))


@pytest.mark.parametrize("password", ["Bonjour-2026", "Girafe+Tambour9", "x9#Kq!aZ"])
async def test_password_that_is_not_is_accepted(password: str) -> None:
    check_guessing(await Zxcvbn().score(password, ()))


async def test_words_of_a_person_count_for_nobody_else() -> None:
    robustesse = Zxcvbn()
    own, others = await asyncio.gather(
        robustesse.score("Xylophage1!", ("xylophage",)), robustesse.score("Xylophage1!", ())
    )
    assert own < 2 <= others
    assert await robustesse.score("Xylophage1!", ()) == others


def test_common_words_are_small_letters_without_accents_each_once() -> None:
    words = common_words()
    assert len(words) > 400
    assert all(word.isascii() and word.isalnum() and word == word.lower() for word in words)
