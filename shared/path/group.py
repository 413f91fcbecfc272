"""One group decided in memory, in order: what it changes, what it tells, what it answers.

No I/O here. The unit of work loads before and writes after.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from shared.contracts.envelope import Refused
from shared.errors import Bug, InvalidMessage, Outdated, Refusal, Unavailable
from shared.path.decision import Decision, Document, Key, State
from shared.path.preparation import refused
from shared.path.rows import dead_letter_row, event_id, fact_row, moment, source_of
from shared.path.work import Ask, Outcome, Park, Refuse, Repeat, Row, Work, lane_of


class HighWater(Document):
    """The highest number of an aggregate's facts that this service reacted to; never expires."""

    COLLECTION: ClassVar[str] = "reactions"

    reached: int


@dataclass(frozen=True)
class House:
    """What the decisions of a service carry: its name, its release, the refusals it tells."""

    service: str
    release: str
    refused: type[Refused]


@dataclass
class Group:
    """The decisions of one group and all that they amount to.

    `known` are inbox rows found in the transaction, by inbox id. A fault of one message is raised
    out of `decide`: the group is then worth nothing and its transaction is given up.
    A message that is `Outdated` leaves nothing behind, and its lane waits for it.
    """

    house: House
    state: State
    known: Mapping[str, Outcome]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    written: dict[Key[Any], Document] = field(default_factory=dict)
    touched: set[Key[Any]] = field(default_factory=set)
    seqs: dict[Key[Any], int] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)

    def decide_all(self, works: Iterable[Work]) -> list[Outcome]:
        """Decide every message in order; the second on an aggregate sees what the first did.

        Returns what became of each, now or when it first came.
        """
        return [self._decide(work) for work in works]

    def _decide(self, work: Work) -> Outcome:
        inbox_id = inbox_id_of(work)
        if inbox_id in self.known:
            return self.known[inbox_id]
        if inbox_id in self.outcomes:
            return replace(self.outcomes[inbox_id], first=False)
        lane = lane_of(work)
        if lane in self.waiting:
            return Outcome("behind")
        match work:
            case Park():
                self._park(work, inbox_id)
            case Refuse():
                self._refuse(work, work.refusal)
            case Ask():
                try:
                    self._ask(work)
                except Outdated:
                    if lane is not None:
                        self.waiting.add(lane)
                    return Outcome("outdated")
            case Repeat():  # forgotten since it was looked up: read again, it is a new one
                raise Unavailable
        return self.outcomes[inbox_id]

    def _ask(self, work: Ask) -> None:
        if work.mark is not None and self._reached(work.mark.id) >= work.mark.sequence:
            self.outcomes[work.inbox_id] = Outcome("done")
            return
        try:
            decision = work.use_case.decide(work.request, self.state)
        except Outdated as outdated:
            if not work.is_slow:
                raise Bug("outdated_without_preparation") from outdated
            raise
        except Refusal as refusal:
            if work.is_fact:  # a fact cannot be refused: what it tells breaks its contract
                raise InvalidMessage(refusal.code) from refusal
            self._refuse(work, refusal)
            return
        self._accept(work, decision)
        if work.mark is not None:
            self._reach(work.mark.id, work.mark.sequence)
        self.outcomes[work.inbox_id] = Outcome("done", result=decision.result, asked=work.asked)

    def _accept(self, work: Ask, decision: Decision) -> None:
        for document in decision.writes:
            self._write(document)
        request, source = work.request, source_of(self.house.service)
        at = moment(request.now)
        for index, (by, fact) in enumerate(decision.facts):
            self.rows.append(
                fact_row(
                    fact,
                    id=event_id(work.inbox_id, index),
                    aggregate=by.key.aggregate,
                    seq=self._next_seq(by),
                    source=source,
                    at=at,
                    correlation_id=request.correlation_id,
                    cause=request.id,
                    traced=work.traced,
                )
            )
        self.touched.update(self._read_by(work))

    def _write(self, document: Document) -> None:
        """Its events go on from the number loaded, even if the decision made it anew."""
        if document.FOREIGN:
            raise Bug("foreign_document_written")
        key = document.key
        before = self.state.get(key) if key in self.state else None
        self.seqs.setdefault(key, before.seq if before else 0)
        self.written[key] = document
        self.state.put(document)

    def _read_by(self, work: Ask) -> Iterable[Key[Any]]:
        """What this decision may rely on: moving its version leaves no room for write skew."""
        return (
            key for key in work.named if not key.model.FOREIGN and self.state.get(key) is not None
        )

    def _next_seq(self, document: Document) -> int:
        key = document.key
        if key not in self.written:
            raise Bug("event_of_unwritten_aggregate")
        self.seqs[key] += 1
        return self.seqs[key]

    def _reached(self, mark_id: str) -> int:
        high_water = self.state.get(HighWater.key_of(mark_id))
        return high_water.reached if high_water else 0

    def _reach(self, mark_id: str, sequence: int) -> None:
        key = HighWater.key_of(mark_id)
        before = self.state.get(key) or HighWater(id=mark_id, reached=0)
        self.written[key] = before.changed(reached=sequence)
        self.state.put(self.written[key])

    def _refuse(self, work: Ask | Refuse, refusal: Refusal) -> None:
        if isinstance(work, Ask):
            command_id, correlation_id = work.request.id, work.request.correlation_id
            at = work.request.now
        else:
            command_id, correlation_id = work.command_id, work.correlation_id
            at = work.at
        told = self.house.refused(
            command_id=command_id,
            command_type=work.type,
            command_key=work.key,
            code=refusal.code,
            message=refusal.said,
            field=refusal.field,
            at=at,
        )
        self.rows.append(
            fact_row(
                told,
                id=event_id(work.inbox_id, 0),
                aggregate=refusal_aggregate(work.inbox_id),
                seq=0,
                source=source_of(self.house.service),
                at=moment(at),
                correlation_id=correlation_id,
                cause=command_id,
                traced=work.traced,
            )
        )
        self.outcomes[work.inbox_id] = Outcome(
            "refused",
            refusal={
                "code": refusal.code,
                "sentence": refusal.said,
                "field": refusal.field,
                "status": refusal.status,
            },
            asked=work.asked,
        )

    def _park(self, work: Park, inbox_id: str) -> None:
        self.rows.append(
            dead_letter_row(
                work.origin,
                service=self.house.service,
                reason=work.reason,
                release=self.house.release,
            )
        )
        self.outcomes[inbox_id] = Outcome("dead")


def inbox_id_of(work: Work) -> str:
    """The id under which a message is remembered; a dead letter does not use up its message's."""
    return f"dl/{work.origin.id}" if isinstance(work, Park) else work.inbox_id


def refusal_aggregate(inbox_id: str) -> str:
    """Refusals have no order among them: each is its own aggregate."""
    return f"refusals/{inbox_id}"


def named(work: Work) -> Work:
    """A message with the documents that it needs; refused, where naming them breaks a rule."""
    if not isinstance(work, Ask):
        return work
    return _named(work, lambda: work.use_case.keys(work.request))


def named_further(work: Work, state: State) -> Work:
    """The same with those known only from what was loaded; at most one such round."""
    if not isinstance(work, Ask) or work.use_case.more_keys is None:
        return work
    before, more_keys = work.named, work.use_case.more_keys
    return _named(work, lambda: (*before, *more_keys(work.request, state)))


def _named(work: Ask, keys: Callable[[], Iterable[Key[Any]]]) -> Work:
    try:
        work.named = tuple(keys())
    except Refusal as refusal:
        if work.is_fact:  # a fact cannot be refused: what it tells breaks its contract
            raise InvalidMessage(refusal.code) from refusal
        return refused(work, refusal)
    return work


def keys_of(works: Iterable[Work]) -> set[Key[Any]]:
    """The documents that a group needs, the marks of its reactions included."""
    keys: set[Key[Any]] = set()
    for work in works:
        if isinstance(work, Ask):
            keys.update(work.named)
            if work.mark is not None:
                keys.add(HighWater.key_of(work.mark.id))
    return keys


def aggregates_of(state: State, works: Iterable[Work], known: Mapping[str, Outcome]) -> set[str]:
    """The aggregates whose pending rows must go out with this group.

    Those of every loaded document that ever told something, and what a known message had told
    when it was refused or parked.
    """
    names = {document.key.aggregate for document in state.loaded() if _has_told(document)}
    for work in works:
        before = known.get(inbox_id_of(work))
        if before is None:
            continue
        if isinstance(work, Park):
            names.add(f"dead-letters/{work.origin.id}")
        elif before.status == "refused":
            names.add(refusal_aggregate(work.inbox_id))
    return names


def _has_told(document: Document) -> bool:
    return document.seq > 0 and not document.FOREIGN
