"""Waiting ends with the answer, or says what was waited for."""

import pytest

from tests.harness.polling import eventually


async def test_answer_is_returned_once_it_is_true() -> None:
    answers = iter(["", "", "yes"])
    assert await eventually(lambda: next(answers), 5, "an answer") == "yes"


async def test_async_predicate_and_ignored_errors() -> None:
    calls: list[int] = []

    async def predicate() -> bool:
        calls.append(1)
        if len(calls) < 3:
            raise ConnectionError
        return True

    assert await eventually(predicate, 5, "connected", ignoring=(ConnectionError,)) is True
    assert len(calls) == 3


async def test_other_errors_are_raised_at_once() -> None:
    def broken() -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await eventually(broken, 5, "never")


async def test_deadline_says_what_and_the_last_answer() -> None:
    with pytest.raises(AssertionError, match=r"not within 0 s: the moon \(last answer: 0\)"):
        await eventually(lambda: 0, 0, "the moon")
