"""A challenge: an image to the letter, or a question answered freely (reliability G-26)."""

import secrets
from hashlib import sha256

import pytest

from services.identity.domain.captcha import ALPHABET, LENGTH, Defi, draw

SEEDS = [sha256(str(number).encode()).digest() for number in range(400)]
each_seed = pytest.mark.parametrize("seed", SEEDS[:40], ids=range(40))
DEFI = Defi("aBc9Xy", "Combien font dix plus sept ?", ("17", "dix-sept"))


@each_seed
def test_challenge_is_always_the_same_and_both_answers_open(seed: bytes) -> None:
    defi = draw(seed)
    assert draw(seed) == defi
    assert len(defi.texte) == LENGTH
    assert set(defi.texte) <= set(ALPHABET)
    assert defi.is_met(defi.texte)
    assert all(defi.is_met(answer) for answer in defi.reponses)
    assert defi.question.endswith(" ?") or " : " in defi.question


def test_no_character_is_mistaken_for_another() -> None:
    assert not set("lIO01") & set(ALPHABET)


@pytest.mark.parametrize("typed", ["abc9xy", "ABC9XY", "aBc9X", "aBc9Xyy", "", "aBc 9Xy"])
def test_case_and_every_character_of_the_image_count(typed: str) -> None:
    assert not DEFI.is_met(typed)


@pytest.mark.parametrize("typed", ["17", " 17 ", "dix-sept", "Dix sept", "DIX-SEPT", "dixsept"])
def test_question_is_answered_as_one_speaks(typed: str) -> None:
    assert DEFI.is_met(typed)


@pytest.mark.parametrize("typed", ["16", "dix", "", "-", "dix-sept-huit"])
def test_wrong_answers_to_the_question_are_wrong(typed: str) -> None:
    assert not DEFI.is_met(typed)


def test_accents_may_be_left_out() -> None:
    defi = Defi("x", "?", ("zéro",))
    assert defi.is_met("zero")
    assert defi.is_met("ZÉRO")


def test_one_word_only_belongs_to_the_family_asked_for() -> None:
    for seed in SEEDS:
        defi = draw(seed)
        if "Parmi" in defi.question:
            said = defi.question.partition(" : ")[2]
            assert said.count(defi.reponses[0]) == 1


def test_both_kinds_of_questions_and_many_images_are_drawn() -> None:
    drawn = [draw(secrets.token_bytes(32)) for _ in range(300)]
    assert {defi.question.split()[0] for defi in drawn} == {"Combien", "Parmi"}
    assert len({defi.texte for defi in drawn}) == 300
