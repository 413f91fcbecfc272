"""What is waited for is the second mail of each account, and nobody may get another."""

import json

import pytest

from bench.rows.account_to_mails import waits
from bench.wire import Unfinished


def mail(recipient: str, at: str) -> str:
    return json.dumps({"recipients": [recipient], "received_at": f"2026-11-26T10:00:{at}+00:00"})


NOON = 1_795_687_200.0
"""2026-11-26T10:00:00Z."""
BOTH = [mail("a@exemple.fr", "01.500000"), mail("a@exemple.fr", "00.250000")]


def test_the_later_of_both_mails_counts() -> None:
    assert waits({"a@exemple.fr": NOON}, "\n".join(BOTH)) == [1_500.0]


@pytest.mark.parametrize(
    "mails",
    [BOTH[:1], [*BOTH, BOTH[0]], [*BOTH, mail("b@exemple.fr", "02.000000")], []],
    ids=["one", "three", "a stranger's", "none"],
)
def test_two_mails_each_or_no_figure(mails: list[str]) -> None:
    with pytest.raises(Unfinished):
        waits({"a@exemple.fr": NOON}, "\n".join(mails))
