"""What must be told of commands that were not done: refusals and dead letters, once each."""

from collections import defaultdict
from collections.abc import Iterator

from tests.faults.anomalies import Anomaly, Kind, torn
from tests.faults.evidence import Evidence
from tests.harness.topics import Record


def check_refusals(evidence: Evidence) -> Iterator[Anomaly]:
    """One refusal for each refused command, none for another."""
    due = {each.cause: each for each in evidence.asked if each.outcome == "refused"}
    told: defaultdict[str, dict[str, list[Record]]] = defaultdict(dict)
    for record in evidence.refusals:
        cause, id = record.header("ce_causationid") or "?", record.header("ce_id") or "?"
        told[cause].setdefault(id, []).append(record)
    for cause in due.keys() - told.keys():
        yield Anomaly(Kind.LOST_FACT, cause, "refused, and not told")
    for cause, by_id in told.items():
        for id, copies in by_id.items():
            yield from torn(id, copies)
        code = next(iter(by_id.values()))[0].json()["code"]
        if cause not in due:
            yield Anomaly(Kind.WRONG_OUTCOME, cause, f"refused: {code}")
        elif due[cause].code not in {None, code}:
            yield Anomaly(Kind.WRONG_OUTCOME, cause, f"refused for {code}, not {due[cause].code}")
        if len(by_id) > 1:
            yield Anomaly(Kind.DUPLICATE_EFFECT, cause, f"refused {len(by_id)} times")


def check_dead_letters(evidence: Evidence) -> Iterator[Anomaly]:
    """Each bad record once, with where it was and why; no other."""
    due = {each.cause: each.code for each in evidence.asked if each.outcome == "dead"}
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for record in evidence.dead_letters:
        found[origin_of(record)].append(record)
    for origin in due.keys() - found.keys():
        yield Anomaly(Kind.LOST_FACT, origin, "not in the dead letters")
    for origin, copies in found.items():
        yield from torn(origin, copies)
        reason = copies[0].header("dl_reason")
        if origin not in due:
            yield Anomaly(Kind.UNEXPECTED_DEAD_LETTER, origin, f"{reason}")
        elif due[origin] not in {None, reason}:
            yield Anomaly(Kind.WRONG_OUTCOME, origin, f"parked for {reason}, not {due[origin]}")


def origin_of(record: Record) -> str:
    """Where the record of a dead letter was: topic/partition/offset."""
    return "/".join(record.header(f"dl_{part}") or "?" for part in ("topic", "partition", "offset"))
