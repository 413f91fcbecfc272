"""The ledger: one table (command → effects, events), and every way in which it can be wrong.

The one program that every fault test ends with.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.anomalies import Anomaly, Event, Kind, Line, torn
from tests.faults.evidence import Asked, Evidence, aggregate_of
from tests.faults.outcomes import check_dead_letters, check_refusals
from tests.harness.topics import Record

WHOLE = frozenset({"nom", "libelle", "organisme", "appartenances"})
"""One of these is in every fact that tells a whole state, and in no other."""
SHOWN = 5
"""How many anomalies of each kind a summary shows."""


@dataclass
class Ledger:
    """The table and what is wrong with it."""

    lines: list[Line]
    anomalies: list[Anomaly] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.anomalies

    def summary(self) -> str:
        """The counts, and the first anomalies of each kind, for people."""
        lines = [f"{name}: {count}" for name, count in sorted(self.counts.items())]
        by_kind: defaultdict[Kind, list[Anomaly]] = defaultdict(list)
        for anomaly in self.anomalies:
            by_kind[anomaly.kind].append(anomaly)
        for kind, found in by_kind.items():
            lines += [f"{len(found)} × {kind}", *(f"  {each}" for each in found[:SHOWN])]
        return "\n".join(lines)


def settle(evidence: Evidence) -> Ledger:
    """Make the table and look for every kind of anomaly."""
    events = _events(evidence.facts)
    told: defaultdict[str, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda event: event.sequence):
        told[event.cause].append(event)
    asked = {each.cause: each for each in evidence.asked}
    lines = [
        Line(each, evidence.inbox.get(each.inbox_id), told.get(each.cause, []))
        for each in asked.values()
    ]
    by_aggregate: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_aggregate[event.aggregate].append(event)
    ledger = Ledger(lines)
    ledger.anomalies += [
        *(found for line in lines for found in _of_command(line)),
        *_ghosts(events, asked, evidence),
        *(found for event in events for found in torn(event.id, event.copies)),
        *(a for name, own in by_aggregate.items() for a in _of_aggregate(name, own, evidence)),
        *_untold(by_aggregate, evidence),
        *_backwards(evidence.facts),
        *check_refusals(evidence),
        *check_dead_letters(evidence),
        *(Anomaly(Kind.PENDING, aggregate, "not published") for aggregate in evidence.pending),
        *(Anomaly(Kind.LAG, group, f"{n} records") for group, n in evidence.lags.items() if n),
    ]
    ledger.counts.update(_counts(evidence, events))
    return ledger


def _events(facts: Iterable[Record]) -> list[Event]:
    events: dict[str, Event] = {}
    for record in facts:
        id = record.header("ce_id") or "?"
        if id not in events:
            events[id] = Event(
                id,
                record.header("ce_type") or "?",
                record.header("ce_causationid") or "?",
                aggregate_of(record),
                int(record.header("ce_sequence") or 0),
                [],
            )
        events[id].copies.append(record)
    return list(events.values())


def _of_command(line: Line) -> Iterator[Anomaly]:
    """One effect each, and the one that was asked."""
    asked, status, events = line
    if status is None:
        yield Anomaly(Kind.LOST_WRITE, asked.cause, f"not in the inbox ({asked.inbox_id})")
    elif status != asked.outcome:
        yield Anomaly(Kind.WRONG_OUTCOME, asked.cause, f"{status}, not {asked.outcome}")
    types = [event.type for event in events]
    missing = Counter(asked.facts) - Counter(types)
    surplus = Counter(types) - Counter(asked.facts)
    if missing:
        kind = Kind.LOST_WRITE if status is None else Kind.LOST_FACT
        yield Anomaly(kind, asked.cause, f"no event {', '.join(missing)}")
    if surplus:
        yield Anomaly(Kind.DUPLICATE_EFFECT, asked.cause, f"also told {', '.join(surplus)}")
    for event in events:
        if asked.aggregate and event.aggregate != asked.aggregate:
            yield Anomaly(Kind.GHOST_EVENT, asked.cause, f"told of {event.aggregate}")
        said = event.copies[0].json()
        for name, value in asked.tells.items():
            if said.get(name) != value:
                yield Anomaly(Kind.LOST_WRITE, asked.cause, f"asked {name}, told something else")


def _ghosts(
    events: Iterable[Event], asked: dict[str, Asked], evidence: Evidence
) -> Iterator[Anomaly]:
    """No event and no inbox row without a command."""
    for event in events:
        if event.cause not in asked:
            yield Anomaly(Kind.GHOST_EVENT, event.id, f"its cause is unknown: {event.cause}")
    known = {each.inbox_id for each in evidence.asked}
    for id, status in evidence.inbox.items():
        if id not in known:
            yield Anomaly(Kind.GHOST_EFFECT, id, status)


def _of_aggregate(name: str, events: Sequence[Event], evidence: Evidence) -> Iterator[Anomaly]:
    """Numbers 1…n over all topics of the aggregate, n being the stored one."""
    numbers = Counter(event.sequence for event in events)
    last = max(numbers)
    for number in range(1, last + 1):
        if number not in numbers:
            yield Anomaly(Kind.SKIPPED, name, f"no event {number} of {last}")
    for number, times in numbers.items():
        if times > 1:
            yield Anomaly(Kind.FORKED, name, f"{times} events with number {number}")
    document = evidence.documents.get(name)
    if document is None:
        yield Anomaly(Kind.GHOST_EVENT, name, "no such document")
    elif last > document["seq"]:
        yield Anomaly(Kind.GHOST_EVENT, name, f"told up to {last}, stored {document['seq']}")
    else:
        yield from _state(name, events, document)


def _state(name: str, events: Sequence[Event], document: Any) -> Iterator[Anomaly]:
    """The last state told is the one stored."""
    states = [event for event in events if WHOLE & event.copies[0].json().keys()]
    if not states:
        return
    told = max(states, key=lambda event: event.sequence).copies[0].json()
    for field_name, value in told.items():
        stored = document.get(field_name, value)
        if stored != value and field_name != "at":
            yield Anomaly(Kind.ZOMBIE_STATE, name, f"{field_name} differs from the last one told")


def _untold(by_aggregate: dict[str, list[Event]], evidence: Evidence) -> Iterator[Anomaly]:
    """No state without its event."""
    for name, document in evidence.documents.items():
        last = max((event.sequence for event in by_aggregate.get(name, [])), default=0)
        if document["seq"] > last:
            yield Anomaly(Kind.ZOMBIE_STATE, name, f"stored {document['seq']}, told up to {last}")


def _backwards(facts: Iterable[Record]) -> Iterator[Anomaly]:
    """First occurrences of an aggregate's events come in the order of their numbers."""
    seen: set[str] = set()
    reached: dict[tuple[str, str], int] = {}
    for record in facts:
        id, number = record.header("ce_id") or "?", int(record.header("ce_sequence") or 0)
        if id in seen:
            continue
        seen.add(id)
        place = record.topic, aggregate_of(record)
        if number <= reached.get(place, 0):
            yield Anomaly(Kind.NON_MONOTONIC, " ".join(place), f"{number} after {reached[place]}")
        reached[place] = max(number, reached.get(place, 0))


def _counts(evidence: Evidence, events: Sequence[Event]) -> dict[str, int]:
    copies = [len(event.copies) for event in events]
    return {
        "commands": len(evidence.asked),
        "effects": sum(status == "done" for status in evidence.inbox.values()),
        "events": len(events),
        "records of events": sum(copies),
        "duplicates": sum(copies) - len(events),
        "most copies of one event": max(copies, default=0),
        "late duplicates": _late(evidence.facts),
        "refusals": len(evidence.refusals),
        "dead letters": len(evidence.dead_letters),
        "aggregates": len(evidence.documents),
    }


def _late(facts: Iterable[Record]) -> int:
    """Duplicates that follow a newer event: legal, and why topics of ours are not compacted."""
    reached: dict[tuple[str, str], int] = {}
    late = 0
    for record in facts:
        place, number = (record.topic, aggregate_of(record)), int(record.header("ce_sequence") or 0)
        late += number < reached.get(place, 0)
        reached[place] = max(number, reached.get(place, 0))
    return late
