"""Each anomaly, planted, is found: a check that cannot fail is worth nothing."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts.identity import CommandRefused, IdentifiantIssued, UserCreated, UserUpdated
from shared.contracts.topics import CREDENTIALS, USER_LIFECYCLE
from tests.faults.anomalies import Kind
from tests.faults.evidence import Asked, Evidence
from tests.faults.ledger import settle
from tests.harness.topics import Record

Change = Callable[[Evidence], Evidence]
ACCOUNT = "comptes/a"
OTHER = "comptes/b"
PARKED = "mcp.identity.commands/3/7"


def record(
    id: str,
    cause: str,
    sequence: int,
    *,
    offset: int,
    type: str = UserUpdated.TYPE,
    topic: str = USER_LIFECYCLE,
    key: str = "a",
    nom: str = "n",
) -> Record:
    headers = {"ce_id": id, "ce_type": type, "ce_causationid": cause, "ce_sequence": str(sequence)}
    raw = tuple((name, value.encode()) for name, value in headers.items())
    return Record(topic, 0, offset, 0, key.encode(), raw, json.dumps({"nom": nom}).encode())


def refusal(id: str, cause: str, offset: int, code: str = "non_permis") -> Record:
    raw = (("ce_id", id.encode()), ("ce_causationid", cause.encode()))
    return Record(
        CommandRefused.TOPIC, 0, offset, 0, b"a", raw, json.dumps({"code": code}).encode()
    )


def dead_letter(origin: str, offset: int, reason: str = "json_invalid") -> Record:
    topic, partition, place = origin.split("/")
    headers = {"dl_topic": topic, "dl_partition": partition, "dl_offset": place}
    raw = tuple((name, value.encode()) for name, value in {**headers, "dl_reason": reason}.items())
    return Record("mcp.identity.dead-letters", 0, offset, 0, b"a", raw, b"{")


def asked(cause: str, aggregate: str = ACCOUNT, **options: Any) -> Asked:
    given = {"facts": (UserUpdated.TYPE,), **options}
    return Asked(cause=cause, inbox_id=f"in-{cause}", aggregate=aggregate, **given)


EVIDENCE = Evidence(
    asked=(
        asked("c1", facts=(UserCreated.TYPE, IdentifiantIssued.TYPE), tells={"nom": "Un"}),
        asked("c2", tells={"nom": "Deux"}),
        asked("c3", tells={"nom": "Trois"}),
        asked("c4", OTHER),
        asked("r1", facts=(), outcome="refused", code="non_permis"),
        asked(PARKED, facts=(), outcome="dead", code="json_invalid"),
    ),
    facts=(
        record("e1", "c1", 1, offset=0, type=UserCreated.TYPE, nom="Un"),
        record("e3", "c2", 3, offset=1, nom="Deux"),
        record("e4", "c3", 4, offset=2, nom="Trois"),
        record("e3", "c2", 3, offset=3, nom="Deux"),  # a late duplicate is legal
        record("f1", "c4", 1, offset=4, key="b"),
        record("e2", "c1", 2, offset=0, type=IdentifiantIssued.TYPE, topic=CREDENTIALS, nom="Un"),
    ),
    refusals=(refusal("x1", "r1", 0), refusal("x1", "r1", 1)),
    dead_letters=(dead_letter(PARKED, 0), dead_letter(PARKED, 1)),
    documents={ACCOUNT: {"seq": 4, "nom": "Trois"}, OTHER: {"seq": 1, "nom": "n"}},
    inbox={
        **{f"in-c{number}": "done" for number in range(1, 5)},
        "in-r1": "refused",
        f"in-{PARKED}": "dead",
    },
    lags={"identity.commands": 0},
)


def without_facts(*ids: str) -> Change:
    return lambda e: replace(e, facts=[r for r in e.facts if r.header("ce_id") not in ids])


def with_facts(*records: Record) -> Change:
    return lambda e: replace(e, facts=[*e.facts, *records])


def with_inbox(**rows: str | None) -> Change:
    def change(evidence: Evidence) -> Evidence:
        inbox = {**evidence.inbox, **{name.replace("_", "-"): row for name, row in rows.items()}}
        return replace(evidence, inbox={id: row for id, row in inbox.items() if row is not None})

    return change


def with_document(seq: int, **fields: str) -> Change:
    row = {"seq": seq, "nom": "Trois", **fields}
    return lambda e: replace(e, documents={**e.documents, ACCOUNT: row})


def swapped(evidence: Evidence) -> Evidence:
    """Numbers 3 and 4 first appear the other way round."""
    facts = list(evidence.facts)
    facts[1], facts[2] = facts[2], facts[1]
    return replace(evidence, facts=facts)


def other_partition(evidence: Evidence) -> Evidence:
    facts = list(evidence.facts)
    facts[3] = replace(facts[3], partition=5)
    return replace(evidence, facts=facts)


def with_refusals(*records: Record) -> Change:
    return lambda e: replace(e, refusals=records)


def with_dead_letters(*records: Record) -> Change:
    return lambda e: replace(e, dead_letters=records)


def test_clean_evidence_with_legal_duplicates_is_clean() -> None:
    ledger = settle(EVIDENCE)
    assert ledger.clean, ledger.summary()
    assert ledger.counts["duplicates"] == 1
    assert ledger.counts["late duplicates"] == 1
    assert ledger.counts["effects"] == 4
    assert "duplicates: 1" in ledger.summary()


PLANTED: dict[str, tuple[Kind, Change]] = {
    "command nobody remembers": (Kind.LOST_WRITE, with_inbox(in_c3=None)),
    "command and its event gone": (
        Kind.LOST_WRITE,
        lambda e: with_inbox(in_c3=None)(without_facts("e4")(e)),
    ),
    "effect that is not what was asked": (
        Kind.LOST_WRITE,
        lambda e: with_facts(record("e4", "c3", 4, offset=2, nom="Deux"))(without_facts("e4")(e)),
    ),
    "event nowhere": (Kind.LOST_FACT, without_facts("e4")),
    "one of two events nowhere": (Kind.LOST_FACT, without_facts("e2")),
    "done twice": (
        Kind.DUPLICATE_EFFECT,
        lambda e: with_facts(record("e5", "c3", 5, offset=9, nom="Trois"))(with_document(5)(e)),
    ),
    "event that no command asked for": (
        Kind.GHOST_EVENT,
        lambda e: with_facts(record("e5", "c9", 5, offset=9, nom="Trois"))(with_document(5)(e)),
    ),
    "event further than the state": (Kind.GHOST_EVENT, with_document(3)),
    "event of a document that is not there": (
        Kind.GHOST_EVENT,
        lambda e: replace(e, documents={ACCOUNT: e.documents[ACCOUNT]}),
    ),
    "event on another aggregate": (
        Kind.GHOST_EVENT,
        lambda e: replace(
            e, asked=[*e.asked[:3], replace(e.asked[3], aggregate=ACCOUNT), *e.asked[4:]]
        ),
    ),
    "effect that nobody asked for": (Kind.GHOST_EFFECT, with_inbox(in_c9="done")),
    "state that no event told": (Kind.ZOMBIE_STATE, with_document(5)),
    "state that differs from the last event": (Kind.ZOMBIE_STATE, with_document(4, nom="Deux")),
    "document without any event": (
        Kind.ZOMBIE_STATE,
        lambda e: replace(e, documents={**e.documents, "comptes/c": {"seq": 1}}),
    ),
    "number missing": (Kind.SKIPPED, without_facts("e3")),
    "number missing on the other topic": (Kind.SKIPPED, without_facts("e2")),
    "number taken twice": (
        Kind.FORKED,
        with_facts(record("e9", "c3", 4, offset=9, nom="Trois")),
    ),
    "first seen after a later one": (Kind.NON_MONOTONIC, swapped),
    "other value under one id": (
        Kind.TORN_DUPLICATE,
        with_facts(record("e4", "c3", 4, offset=9, nom="Quatre")),
    ),
    "other header under one id": (
        Kind.TORN_DUPLICATE,
        with_facts(
            replace(
                record("e4", "c3", 4, offset=9, nom="Trois"),
                headers=(
                    *record("e4", "c3", 4, offset=9, nom="Trois").headers,
                    ("traceparent", b"00"),
                ),
            )
        ),
    ),
    "duplicate in another partition": (Kind.TORN_DUPLICATE, other_partition),
    "refused where it was due": (Kind.WRONG_OUTCOME, with_inbox(in_c3="refused")),
    "done where a refusal was due": (Kind.WRONG_OUTCOME, with_inbox(in_r1="done")),
    "refusal of what was not refused": (
        Kind.WRONG_OUTCOME,
        with_refusals(refusal("x1", "r1", 0), refusal("x2", "c1", 1)),
    ),
    "refusal for another reason": (
        Kind.WRONG_OUTCOME,
        with_refusals(refusal("x1", "r1", 0, "jeton_expire")),
    ),
    "refusal that was not told": (Kind.LOST_FACT, with_refusals()),
    "refused twice": (
        Kind.DUPLICATE_EFFECT,
        with_refusals(refusal("x1", "r1", 0), refusal("x2", "r1", 1)),
    ),
    "dead letter nowhere": (Kind.LOST_FACT, with_dead_letters()),
    "dead letter of a good record": (
        Kind.UNEXPECTED_DEAD_LETTER,
        with_dead_letters(dead_letter(PARKED, 0), dead_letter("mcp.identity.commands/3/8", 1)),
    ),
    "dead letter for another reason": (
        Kind.WRONG_OUTCOME,
        with_dead_letters(dead_letter(PARKED, 0, "bug")),
    ),
    "dead letter twice, differently": (
        Kind.TORN_DUPLICATE,
        with_dead_letters(dead_letter(PARKED, 0), replace(dead_letter(PARKED, 1), value=b"[")),
    ),
    "row not published": (Kind.PENDING, lambda e: replace(e, pending=[ACCOUNT])),
    "records not consumed": (Kind.LAG, lambda e: replace(e, lags={"identity.commands": 2})),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_planted_anomaly_is_found(planted: str) -> None:
    kind, change = PLANTED[planted]
    ledger = settle(change(EVIDENCE))
    assert kind in {anomaly.kind for anomaly in ledger.anomalies}, ledger.summary()
    assert kind.value in ledger.summary()


def test_every_kind_of_anomaly_was_planted() -> None:
    assert {kind for kind, _ in PLANTED.values()} == set(Kind)
