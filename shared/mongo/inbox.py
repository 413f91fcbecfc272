"""The inbox: what became of each message, kept longer than its topic keeps it."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.clock import Clock
from shared.mongo.client import Exchange
from shared.path.work import Outcome

COLLECTION = "inbox"
KEPT_S = 14 * 24 * 3600
"""Twice the retention of a command topic (assumed): a replayed record finds its answer."""


def _row(inbox_id: str, outcome: Outcome) -> dict[str, Any]:
    row: dict[str, Any] = {"_id": inbox_id, "at": Clock.real_now(), "status": outcome.status}
    if outcome.refusal is not None:
        row["refusal"] = dict(outcome.refusal)
    if outcome.result:
        row["result"] = dict(outcome.result)
    if outcome.asked is not None:
        row["asked"] = dict(outcome.asked)
    return row


def _outcome(row: Mapping[str, Any]) -> Outcome:
    return Outcome(
        row["status"],
        refusal=row.get("refusal"),
        result=row.get("result", {}),
        asked=row.get("asked"),
        first=False,
    )


def find_known(exchange: Exchange, inbox_ids: Iterable[str]) -> dict[str, Outcome]:
    """What is already known of these messages."""
    rows = exchange.find(COLLECTION, {"_id": {"$in": list(inbox_ids)}})
    return {row["_id"]: _outcome(row) for row in rows}


def remember(exchange: Exchange, outcomes: Mapping[str, Outcome]) -> None:
    """Keep what became of the messages of a group; a taken id raises a duplicate key."""
    rows = [_row(inbox_id, outcome) for inbox_id, outcome in outcomes.items()]
    if rows:
        exchange.insert(COLLECTION, rows)
