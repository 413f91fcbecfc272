"""One group decided in memory: order, numbers, refusals, reactions, dead letters."""

import dataclasses
from typing import Any, ClassVar

import pytest

from shared.contracts.topics import EVENT_BYTES, dead_letters_topic, refusals_topic
from shared.errors import Bug, InvalidMessage, Outdated, Refusal, Unavailable
from shared.path.decision import Decision, Document, Key, State, Told, UseCase
from shared.path.group import (
    Group,
    HighWater,
    aggregates_of,
    inbox_id_of,
    keys_of,
    named,
    named_further,
)
from shared.path.work import Mark, Outcome, Park, Refuse, Repeat
from tests.shared.asking import NOW, add, ask, group_of, numbers, origin_at, use_case
from tests.shared.tiny import SERVICE, Counter, CounterMoved, TotalNegative

C1 = Counter.key_of("c1")


class Seen(Document):
    """A copy of another service's fact."""

    COLLECTION: ClassVar[str] = "seen"
    FOREIGN: ClassVar[bool] = True


def written(group: Group, key: Key[Any]) -> Any:
    """A document as the group leaves it."""
    return group.written[key]


def moved(counter: Counter, total: int = 0) -> Told:
    return Told(counter, CounterMoved(counter_id=counter.id, total=total))


def test_the_second_message_on_an_aggregate_sees_what_the_first_did():
    group = group_of()
    group.state.add({C1: None})
    group.decide_all([add("c1", 30), add("c1", 12)])
    assert written(group, C1).total == 42
    assert numbers(group, "counters/c1") == [1, 2]


def test_messages_are_decided_in_the_order_given():
    group = group_of(Counter(id="c1", total=5))
    outcomes = group.decide_all([add("c1", -6), add("c1", 1), add("c1", -6)])
    assert [outcome.status for outcome in outcomes] == ["refused", "done", "done"]


def test_each_event_has_a_number_of_its_own_even_two_of_one_command():
    group = group_of(Counter(id="c1", total=90, seq=7, version=4))
    group.decide_all([add("c1", 20), add("c1", 1)])
    assert numbers(group, "counters/c1") == [8, 9, 10]
    assert group.seqs[C1] == 10
    assert [row.headers["ce_sequence"] for row in group.rows] == [f"{n:010}" for n in (8, 9, 10)]


def test_numbers_go_on_when_a_decision_made_its_document_anew():
    anew = Counter(id="c1", total=1)
    group = group_of(Counter(id="c1", seq=7, version=3))
    decide = use_case(lambda _, __: Decision((anew,), (moved(anew),)), C1)
    group.decide_all([ask(decide, object()), ask(decide, object())])
    assert numbers(group, "counters/c1") == [8, 9]


def test_events_of_one_message_have_the_same_ids_at_every_attempt():
    work = add("c1", 120, id="m1")
    ids = []
    for _ in range(2):
        group = group_of()
        group.state.add({C1: None})
        group.decide_all([work])
        ids.append([row.id for row in group.rows])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_an_event_of_an_aggregate_that_is_not_written_is_an_error():
    counter = Counter(id="c1")
    silent = use_case(lambda _, __: Decision((), (moved(counter),)), C1)
    with pytest.raises(Bug, match="event_of_unwritten_aggregate"):
        group_of(counter).decide_all([ask(silent, object())])


def test_an_event_above_256_kib_is_a_bug_told_before_anything_is_written():
    class Long(CounterMoved):
        text: str

    counter = Counter(id="c1")
    long = Long(counter_id="c1", total=0, text="x" * EVENT_BYTES)
    verbose = use_case(lambda _, __: Decision((counter,), (Told(counter, long),)), C1)
    with pytest.raises(Bug, match="event_too_large"):
        group_of(counter).decide_all([ask(verbose, object())])


def test_a_copy_of_foreign_facts_is_never_written_nor_touched():
    seen = Seen(id="s1", seq=3)
    with pytest.raises(Bug, match="foreign_document_written"):
        group_of(seen).decide_all(
            [ask(use_case(lambda _, __: Decision((seen,)), seen.key), object())]
        )
    group = group_of(seen, Counter(id="c1", version=2))
    reader = ask(use_case(lambda _, __: Decision(), seen.key, C1), object())
    named(reader)
    group.decide_all([reader])
    assert group.touched == {C1}


def test_what_a_decision_read_is_touched_but_not_what_a_refusal_read():
    refusing = ask(use_case(_refuse, C1), object())
    reading = ask(use_case(lambda _, __: Decision(), C1), object())
    named(refusing)
    named(reading)
    group = group_of(Counter(id="c1", version=2))
    group.decide_all([refusing])
    assert group.touched == set()
    group.decide_all([reading])
    assert group.touched == {C1}


def _refuse(_: Any, __: State) -> Decision:
    raise TotalNegative


def test_a_document_that_was_not_declared_cannot_be_read():
    with pytest.raises(KeyError):
        group_of().decide_all([add("c1", 1)])


def test_a_refusal_is_told_and_aborts_nothing():
    group = group_of(Counter(id="c1", total=1))
    outcomes = group.decide_all([add("c1", -5, id="m1"), add("c1", 2, id="m2")])
    assert outcomes[0].refusal == {
        "code": "total_negatif",
        "sentence": TotalNegative.sentence,
        "field": "amount",
        "status": 409,
    }
    row = group.rows[0]
    assert row.topic == refusals_topic(SERVICE)
    assert "ce_sequence" not in row.headers
    assert row.headers["ce_causationid"] == "m1"
    assert b'"code":"total_negatif"' in (row.value or b"")
    assert outcomes[1].status == "done"


class NameTaken(Refusal):
    code: ClassVar[str] = "nom_pris"
    sentence: ClassVar[str] = "Le nom « {nom} » est pris."


def test_a_refusal_says_what_its_sentence_names():
    work = Refuse("unverified/1", NameTaken(nom="{T1}"), "m1", "t", "k", "m1", NOW)
    outcome = group_of().decide_all([work])[0]
    assert outcome.refusal is not None
    assert outcome.refusal["sentence"] == "Le nom « {T1} » est pris."


def test_a_command_refused_at_the_door_is_told_without_any_document():
    refused = Refuse("unverified/1", TotalNegative(), "m1", "t", "k", "m1", NOW)
    group = group_of()
    assert group.decide_all([refused])[0].status == "refused"
    assert group.rows[0].key == "k"


def test_a_fact_that_breaks_its_contract_is_no_refusal():
    with pytest.raises(InvalidMessage, match="total_negatif"):
        group_of(Counter(id="c1")).decide_all([add("c1", -1, is_fact=True)])


def test_a_message_repeated_in_one_group_acts_once_and_counts_as_a_repeat():
    group = group_of(Counter(id="c1"))
    outcomes = group.decide_all([add("c1", 2, id="m1"), add("c1", 2, id="m1")])
    assert written(group, C1).total == 2
    assert [outcome.first for outcome in outcomes] == [True, False]
    assert outcomes[0].result == outcomes[1].result


def test_a_known_message_is_answered_as_before_and_does_nothing():
    before = Outcome("done", result={"counter_id": "c1"}, first=False)
    group = group_of(Counter(id="c1", total=1), known={"m1": before})
    assert group.decide_all([add("c1", 2, id="m1")]) == [before]
    assert not group.written
    assert not group.rows
    assert not group.outcomes


def test_a_repeat_whose_slow_part_was_left_out_is_answered_as_before():
    before = Outcome("done", result={"x": "1"}, first=False)
    group = group_of(known={"m1": before})
    assert group.decide_all([Repeat("m1")]) == [before]
    with pytest.raises(Unavailable):  # forgotten in the meantime: to be read again
        group_of().decide_all([Repeat("m1")])


def test_a_fact_that_is_not_above_the_high_water_never_acts():
    mark = Mark("topic|/mcp/x|c1", 5)
    group = group_of(Counter(id="c1"), HighWater(id=mark.id, reached=5))
    assert group.decide_all([add("c1", 1, mark=mark)])[0].status == "done"
    assert C1 not in group.written


def test_a_fact_raises_the_high_water_for_those_that_follow():
    group = group_of(Counter(id="c1"))
    high = HighWater.key_of("m")
    group.state.add({high: None})
    group.decide_all([add("c1", 1, mark=Mark("m", n)) for n in (3, 2, 4)])
    assert written(group, C1).total == 2
    assert written(group, high).reached == 4


def test_a_dead_letter_is_a_row_named_after_its_record_and_uses_up_no_message_id():
    park = Park(origin_at(7), "json_invalid")
    group = group_of()
    assert group.decide_all([park, park]) == [Outcome("dead"), Outcome("dead", first=False)]
    (row,) = group.rows
    assert row.id == "dl/mcp.tiny.commands/0/7" == inbox_id_of(park)
    assert row.topic == dead_letters_topic(SERVICE)
    assert row.key == "k"
    assert row.value == b"{}"
    told = {"dl_topic": "mcp.tiny.commands", "dl_partition": "0", "dl_offset": "7"}
    assert row.headers.items() >= {**told, "dl_reason": "json_invalid", "ce_id": "a"}.items()
    assert list(group.outcomes) == [row.id]


def outdated(counter_id: str, **more: Any) -> Any:
    """A message whose preparation is too old."""

    def decide(*_: Any) -> Decision:
        raise Outdated

    slow = use_case(decide, Counter.key_of(counter_id), prepare=object())
    work = ask(slow, object(), **more)
    work.key = counter_id
    return work


def test_what_is_outdated_leaves_nothing_and_its_lane_waits():
    records = [origin_at(n) for n in range(4)]
    late = outdated("c1", id="m1", origin=records[0])
    works = [late, add("c1", origin=records[1]), late, add("c2", origin=records[2]), add("c1")]
    group = group_of(Counter(id="c1"), Counter(id="c2"))
    outcomes = group.decide_all([named(work) for work in works])
    statuses = [outcome.status for outcome in outcomes]
    assert statuses == ["outdated", "behind", "behind", "done", "done"]
    assert [outcome.is_final for outcome in outcomes] == [False, False, False, True, True]
    assert "m1" not in group.outcomes
    assert written(group, C1).total == 1


def test_what_is_known_is_answered_even_behind_what_is_outdated():
    known = {"m2": Outcome("done", first=False)}
    group = group_of(Counter(id="c1"), known=known)
    works = [outdated("c1", origin=origin_at(1)), add("c1", id="m2", origin=origin_at(2))]
    assert group.decide_all([named(work) for work in works])[1] == known["m2"]


@pytest.mark.parametrize("unprepared", [{"prepare": None}, {"is_slow": lambda _: False}])
def test_nothing_that_nobody_prepared_is_outdated(unprepared: dict[str, Any]):
    """It would be given back and read again for ever."""
    work = outdated("c1")
    work.use_case = dataclasses.replace(work.use_case, **unprepared)
    with pytest.raises(Bug, match="outdated_without_preparation"):
        group_of(Counter(id="c1")).decide_all([named(work)])


def test_keys_of_all_messages_are_named_before_anything_is_loaded():
    first = add("c1")
    works = [named(each) for each in (first, add("c2", mark=Mark("m", 1)), parked())]
    assert keys_of(works) == {C1, Counter.key_of("c2"), HighWater.key_of("m")}
    assert first.named == (C1,)


def test_further_keys_are_named_from_what_was_loaded():
    c2 = Counter.key_of("c2")

    def more(_: Any, state: State) -> list[Key[Any]]:
        return [c2] if state.get(C1) else []

    work = ask(use_case(lambda _, __: Decision(), C1, more_keys=more), object())
    for loaded, keys in ((None, {C1}), (Counter(id="c1"), {C1, c2})):
        assert keys_of([named_further(named(work), State({C1: loaded}))]) == keys


def parked() -> Park:
    return Park(origin_at(1), "x")


def _no_key(*_: Any) -> list[Key[Any]]:
    raise TotalNegative


def test_a_command_whose_documents_cannot_be_named_is_refused():
    """A handler that reads what was typed to name a key is told like any other refusal."""
    at_once = ask(UseCase(message=object, keys=_no_key, decide=_refuse), object(), id="m1")
    later = ask(use_case(_refuse, C1, more_keys=_no_key), object(), id="m2")
    works = [named(at_once), named_further(named(later), State({C1: None}))]
    group = group_of()
    outcomes = group.decide_all(works)
    assert [outcome.status for outcome in outcomes] == ["refused", "refused"]
    assert [row.headers["ce_causationid"] for row in group.rows] == ["m1", "m2"]


def test_a_fact_whose_documents_cannot_be_named_breaks_its_contract():
    fact = ask(UseCase(message=object, keys=_no_key, decide=_refuse), object(), is_fact=True)
    with pytest.raises(InvalidMessage, match="total_negatif"):
        named(fact)


def test_pending_rows_are_looked_for_of_loaded_aggregates_and_of_known_messages():
    state = State({C1: Counter(id="c1", seq=1), Counter.key_of("c2"): Counter(id="c2")})
    park, refused = Park(origin_at(7), "x"), add("c3", id="m3")
    known = {"m3": Outcome("refused"), "dl/mcp.tiny.commands/0/7": Outcome("dead")}
    assert aggregates_of(state, [add("c1"), park, refused], known) == {
        "counters/c1",
        "refusals/m3",
        "dead-letters/mcp.tiny.commands/0/7",
    }
