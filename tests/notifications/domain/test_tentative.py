"""Every attempt is a row that says how it ended and nothing else."""

import pytest

from services.notifications.domain.tentative import (
    Accepted,
    Deferred,
    Issue,
    Rejected,
    Result,
    note_attempt,
)
from tests.notifications.builders import NOW


@pytest.mark.parametrize(
    ("result", "issue", "code", "status"),
    [
        (Accepted(), Issue.ACCEPTEE, None, None),
        (Deferred(451, "4.3.0"), Issue.DIFFEREE, 451, "4.3.0"),
        (Deferred(), Issue.DIFFEREE, None, None),
        (Rejected(550), Issue.REFUSEE, 550, None),
    ],
)
def test_row_says_how_it_ended(
    result: Result, issue: Issue, code: int | None, status: str | None
) -> None:
    row = note_attempt("m1", 3, result, NOW)
    assert row.model_dump(exclude={"version", "seq"}) == {
        "id": "m1/3",
        "mail_id": "m1",
        "at": NOW,
        "issue": issue,
        "smtp_code": code,
        "smtp_status": status,
    }
