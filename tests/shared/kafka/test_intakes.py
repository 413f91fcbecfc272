"""What a record becomes at the door: a message to decide, a refusal, a dead letter, or nothing."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from shared.clock import Clock
from shared.contracts.envelope import Snapshot
from shared.kafka.intakes import (
    LOG_APPEND_TIME,
    OWN,
    PRINCIPAL,
    REPLAY_OF,
    CommandIntake,
    Projected,
    ProjectionIntake,
    ReactionIntake,
    command_inbox_id,
    table_of,
)
from shared.path.decision import Decision, UseCase
from shared.path.work import Ask, Park, Refuse
from shared.security.macs import Macs
from shared.security.principal import ActorKind, Principal, service_principal
from shared.security.tokens import LIFETIME, TokenIssuer, TokenVerifier
from tests.shared.kafka.record import Headers, RawRecord, record_of
from tests.shared.tiny import (
    ADD,
    AGENT,
    COMMANDS,
    COUNTERS,
    KEYS,
    SEEN,
    SERVICE,
    AddToCounter,
    CounterMoved,
    CounterSnapshot,
)

ISSUER = TokenIssuer(json.dumps(KEYS.signing))
MACS = Macs(KEYS.hmac[SERVICE])
MESSAGE = AddToCounter(counter_id="c1", amount=2)
FACT = CounterMoved(counter_id="c1", total=2)
NOW = datetime.now(UTC)
RETRY = f"t1.mcp.{SERVICE}.retry"
COMMON: dict[str, Any] = {"service": SERVICE, "clock": Clock(), "macs": MACS}


def commands(clock: Clock | None = None) -> CommandIntake:
    verifier = TokenVerifier(json.dumps(ISSUER.jwks))
    given = {**COMMON, "clock": clock or Clock()}
    return CommandIntake(topic=COMMANDS, table=table_of([ADD]), verifier=verifier, **given)


REACT = UseCase[CounterMoved, None](
    message=CounterMoved, keys=lambda _: [], decide=lambda _, __: Decision()
)


def reactions() -> ReactionIntake:
    return ReactionIntake(topic=COUNTERS, table=table_of([REACT]), **COMMON)


def projections() -> ProjectionIntake:
    return ProjectionIntake(topic=COUNTERS, table=SEEN.table, **COMMON)


def bearer(
    principal: Principal = AGENT, audience: str = COMMANDS, now: datetime | None = None
) -> Headers:
    token = ISSUER.issue(principal, audience=audience, now=now or datetime.now(UTC))
    return (("authorization", f"Bearer {token}".encode()),)


def asked(record: RawRecord) -> Ask:
    work = commands().examine(record)
    assert isinstance(work, Ask)
    return work


# -- commands -------------------------------------------------------------------------------------


def test_a_command_is_asked_by_who_its_token_says():
    work = asked(record_of(MESSAGE, own=bearer()))
    assert work.request.message == MESSAGE
    assert work.request.principal == AGENT
    assert (work.request.id, work.request.correlation_id, work.key) == ("m1", "m1", "c1")
    assert work.mark is None
    assert not work.is_fact


def test_the_inbox_id_is_of_the_message_id_whatever_the_place_of_the_record():
    here = asked(record_of(MESSAGE, own=bearer()))
    there = asked(record_of(MESSAGE, own=bearer(), partition=9, offset=1, timestamp=5))
    assert here.inbox_id == there.inbox_id == command_inbox_id(SERVICE, AGENT, "m1")


def test_two_records_at_the_same_offset_and_time_of_two_partitions_are_two_messages():
    """The framework's own message id, offset and timestamp, is the same for both (F7)."""
    ids = {asked(record_of(MESSAGE, f"m{n}", own=bearer(), partition=n)).inbox_id for n in (1, 2)}
    assert len(ids) == 2


def test_nobody_can_use_up_the_message_id_of_another():
    principals = [
        AGENT,
        Principal(ActorKind.AGENT_CAF, "agent-2"),
        Principal(ActorKind.PARTENAIRE, AGENT.id),
    ]
    works = [asked(record_of(MESSAGE, own=bearer(each))) for each in principals]
    assert len({work.inbox_id for work in works}) == 3


def test_a_command_carries_on_a_trace_context_and_nothing_that_looks_like_one():
    parent = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    traced = asked(record_of(MESSAGE, own=(*bearer(), ("traceparent", parent.encode()))))
    assert traced.traced == {"traceparent": parent}
    for odd in ("x", parent + "-x", parent.upper(), "é" * 55):
        work = asked(record_of(MESSAGE, own=(*bearer(), ("traceparent", odd.encode()))))
        assert work.traced == {}


@pytest.mark.parametrize(
    ("own", "code"),
    [
        ((), "jeton_absent"),
        ((("authorization", b"Bearer x.y.z"),), "jeton_invalide"),
        ((("authorization", b"Basic x"),), "jeton_invalide"),
        ((("authorization", "Bearer é".encode()),), "jeton_invalide"),
        (bearer(audience="mcp.other.commands"), "jeton_autre_destinataire"),
        (bearer(now=NOW - LIFETIME), "jeton_expire"),
        ((("authorization", f"{OWN}service:tiny:proof".encode()),), "jeton_invalide"),
        ((("authorization", f"{OWN}service:tiny:é".encode()),), "jeton_invalide"),
        ((("authorization", OWN.encode()),), "jeton_invalide"),
    ],
)
def test_a_command_without_a_good_token_is_refused_and_its_message_id_stays_free(
    own: Headers, code: str
):
    record = record_of(MESSAGE, own=own, key=b"f" * 32)
    work = commands().examine(record)
    assert isinstance(work, Refuse)
    assert work.refusal.code == code
    assert (work.command_id, work.key) == ("m1", "f" * 32)
    assert work.inbox_id != command_inbox_id(SERVICE, AGENT, "m1")
    elsewhere = commands().examine(record_of(MESSAGE, own=own, offset=8))
    assert isinstance(elsewhere, Refuse)
    assert elsewhere.inbox_id != work.inbox_id


@pytest.mark.parametrize("key", [None, b"", b"Jean Dupont", b"\xff", b"f" * 33, b"F" * 32])
def test_the_key_of_an_unverified_record_is_told_only_if_it_is_plainly_an_id(key: bytes | None):
    work = commands().examine(record_of(MESSAGE, key=key))
    assert isinstance(work, Refuse)
    assert work.key == "unknown"


def test_a_service_asks_itself_with_a_proof_of_its_own():
    def proof(id: str, type: str, body: bytes) -> Headers:
        return (("authorization", (OWN + MACS.prove_own(id, type, body)).encode()),)

    body = MESSAGE.to_json()
    own = proof("m1", MESSAGE.TYPE, body)
    assert asked(record_of(MESSAGE, own=own)).request.principal == service_principal(SERVICE)
    others = [
        record_of(MESSAGE, "m2", own=own),  # another id
        record_of(MESSAGE, own=proof("m1", "mcp.tiny.reset_counter.v1", body)),
        record_of(MESSAGE, own=proof("m1", MESSAGE.TYPE, body + b" ")),
    ]
    sealed = OWN + MACS.seal_principal(service_principal(SERVICE), "m1")  # of a dead letter
    others.append(record_of(MESSAGE, own=(("authorization", sealed.encode()),)))
    assert all(isinstance(commands().examine(each), Refuse) for each in others)


def test_expiry_is_judged_when_the_broker_took_the_record_plus_the_clocks_offset():
    made = NOW - timedelta(days=3)
    at = int((made + timedelta(minutes=4)).timestamp() * 1000)
    own = bearer(now=made)
    queued = record_of(MESSAGE, own=own, timestamp=at, timestamp_type=LOG_APPEND_TIME)
    assert isinstance(commands().examine(queued), Ask)
    ahead = Clock(timedelta(days=30))
    assert isinstance(commands(ahead).examine(queued), Refuse)
    tomorrow = bearer(now=made + timedelta(days=30))
    queued.headers = record_of(MESSAGE, own=tomorrow).headers
    assert isinstance(commands(ahead).examine(queued), Ask)


def test_expiry_is_judged_now_where_the_sender_dates_its_records():
    made = NOW - timedelta(days=3)
    at = int((made + timedelta(minutes=4)).timestamp() * 1000)
    record = record_of(MESSAGE, own=bearer(now=made), timestamp=at)
    assert isinstance(commands().examine(record), Refuse)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"value": b"{"}, "json_invalid"),
        ({"value": None}, "body_empty"),
        ({"value": b"{}"}, "contract_broken"),
    ],
)
def test_a_bad_body_is_parked_without_the_token_and_with_who_was_verified(
    changes: dict[str, Any], why: str
):
    work = commands().examine(record_of(MESSAGE, own=bearer(), **changes))
    assert isinstance(work, Park)
    assert work.reason == why
    origin = work.origin
    assert (origin.topic, origin.partition, origin.offset, origin.key) == (COMMANDS, 2, 7, "c1")
    assert origin.value == changes["value"]
    assert "authorization" not in origin.headers
    assert MACS.open_principal(origin.headers[PRINCIPAL], "m1") == AGENT
    assert MACS.open_principal(origin.headers[PRINCIPAL], "m2") is None


@pytest.mark.parametrize(
    ("type", "why"),
    [
        ("mcp.tiny.add_to_counter.v2", "version_unknown"),
        ("mcp.tiny.unheard_of.v1", "type_unknown"),
        ("mcp.other.add_to_counter.v1", "type_unknown"),
    ],
)
def test_an_unknown_command_is_parked(type: str, why: str):
    record = record_of(MESSAGE, own=bearer())
    record.headers = tuple(
        (name, type.encode() if name == "ce_type" else value) for name, value in record.headers
    )
    work = commands().examine(record)
    assert isinstance(work, Park)
    assert work.reason == why


def test_a_record_that_is_no_message_at_all_is_parked():
    for record in (RawRecord(), RawRecord(value=None, key=None), RawRecord(headers=(("x", None),))):
        work = commands().examine(record)
        assert isinstance(work, Park)


def test_an_asked_message_that_fails_later_is_parked_as_the_record_was():
    work = asked(record_of(MESSAGE, own=bearer()))
    assert work.origin is not None
    origin = work.origin()
    assert origin.id == f"{COMMANDS}/2/7"
    assert "authorization" not in origin.headers
    assert PRINCIPAL in origin.headers


# -- replays --------------------------------------------------------------------------------------


def replayed(own: Headers = (), id: str = "m1", **more: Any) -> RawRecord:
    return record_of(
        MESSAGE, id, own=((REPLAY_OF, b"mcp.tiny.commands/2/7"), *own), topic=RETRY, **more
    )


def test_a_mended_dead_letter_is_asked_by_who_was_verified_and_is_the_same_message():
    sealed = MACS.seal_principal(AGENT, "m1").encode()
    work = commands().examine(replayed(((PRINCIPAL, sealed),)), replayed=True)
    assert isinstance(work, Ask)
    assert work.request.principal == AGENT
    assert work.inbox_id == command_inbox_id(SERVICE, AGENT, "m1")


@pytest.mark.parametrize("sealed", [b"", b"agent_caf:agent-1:forged", "a:b:é".encode()])
def test_a_replay_without_a_verified_principal_is_parked(sealed: bytes):
    work = commands().examine(replayed(((PRINCIPAL, sealed),)), replayed=True)
    assert isinstance(work, Park)
    assert work.reason == "replay_without_principal"
    assert work.origin.topic == f"mcp.{SERVICE}.retry"


def test_a_principal_sealed_for_another_message_is_worth_nothing():
    sealed = MACS.seal_principal(AGENT, "m2").encode()
    assert isinstance(commands().examine(replayed(((PRINCIPAL, sealed),)), replayed=True), Park)


def test_a_record_of_the_retry_topic_is_never_taken_for_one_of_the_first_topic():
    record = RawRecord(topic=RETRY, partition=0, offset=3)
    assert commands().origin_of(record).topic == f"mcp.{SERVICE}.retry"


# -- reactions ------------------------------------------------------------------------------------


def fact(sequence: str | None = "5", id: str = "f1", **more: Any) -> RawRecord:
    own = () if sequence is None else (("ce_sequence", sequence.encode()),)
    return record_of(FACT, id, own=own, **more)


def test_a_fact_acts_as_the_service_itself_and_marks_its_place():
    work = reactions().examine(fact())
    assert isinstance(work, Ask)
    assert work.is_fact
    assert work.request.principal == service_principal(SERVICE)
    assert work.mark is not None
    assert (work.mark.id, work.mark.sequence) == (f"{COUNTERS}|/mcp/test|c1", 5)


def test_aggregates_that_share_a_kafka_key_do_not_eclipse_each_other():
    def told_by(record: RawRecord, aggregate: bytes) -> RawRecord:
        headers = dict(record.headers) | {"ce_subject": aggregate}
        return dataclasses.replace(record, headers=tuple(headers.items()))

    records = (told_by(fact("10", "f1"), b"groupes/a"), told_by(fact("3", "f2"), b"groupes/b"))
    works = [reactions().examine(record) for record in records]
    marks = [work.mark for work in works if isinstance(work, Ask) and work.mark is not None]
    assert [mark.id.rpartition("|")[2] for mark in marks] == ["groupes/a", "groupes/b"]


def test_a_replayed_fact_is_not_held_against_those_that_came_after_it():
    work = reactions().examine(fact(), replayed=True)
    assert isinstance(work, Ask)
    assert work.mark is None
    first = reactions().examine(fact())
    assert isinstance(first, Ask)
    assert work.inbox_id == first.inbox_id


def test_two_subscribers_of_one_fact_do_not_eclipse_each_other():
    other = ReactionIntake(topic="mcp.other", table=table_of([REACT]), **COMMON)
    works = [intake.examine(fact()) for intake in (reactions(), other)]
    assert len({work.inbox_id for work in works if isinstance(work, Ask)}) == 2


def test_a_snapshot_in_a_table_of_reactions_is_a_type_error():
    class Told(Snapshot):
        TYPE: ClassVar[str] = "mcp.tiny.told.v1"

    for message in (CounterSnapshot, Told):
        use_case = UseCase[Any, Any](
            message=message, keys=lambda _: [], decide=lambda _, __: Decision()
        )
        with pytest.raises(TypeError, match="a snapshot triggers nothing"):
            ReactionIntake(topic=COUNTERS, table=table_of([use_case]), **COMMON)


def test_a_snapshot_on_a_followed_topic_triggers_nothing():
    snapshot = CounterSnapshot(counter_id="c1", total=1, hundreds=0)
    own = (("ce_sequence", b"5"),)
    assert reactions().examine(record_of(snapshot, own=own)) is None


@pytest.mark.parametrize("intake", [reactions(), projections()], ids=["reaction", "projection"])
def test_a_fact_of_an_unknown_type_is_ignored_and_of_another_version_parked(intake: Any):
    record = fact()
    headers = dict(record.headers)
    for type, expected in (
        (b"mcp.tiny.unheard_of.v1", None),
        (b"mcp.tiny.counter_moved.v2", "version_unknown"),
    ):
        record.headers = tuple({**headers, "ce_type": type}.items())
        work = intake.examine(record)
        assert (work.reason if isinstance(work, Park) else work) == expected


@pytest.mark.parametrize("intake", [reactions(), projections()], ids=["reaction", "projection"])
def test_a_fact_without_its_number_or_its_body_is_parked(intake: Any):
    without = intake.examine(fact(sequence=None))
    assert isinstance(without, Park)
    assert without.reason == "sequence_missing"
    assert isinstance(intake.examine(fact(value=b"{")), Park)
    assert isinstance(intake.examine(fact(value=None)), Park)


def test_a_fact_to_project_keeps_the_record_that_it_came_in():
    projected = projections().examine(fact(sequence="0000000005"))
    assert isinstance(projected, Projected)
    assert (projected.fact, projected.sequence) == (FACT, 5)
    assert projected.origin().id == f"{COUNTERS}/2/7"
