"""What an operator may mend of a dead letter, and what goes back into play."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.contracts.topics import dead_letters_topic, retry_topic
from shared.kafka.intakes import PRINCIPAL, REPLAY_OF
from shared.operations.endings import Failed, Misused
from shared.operations.mending import Mended, replay_row
from shared.operations.parked import DeadLetter
from shared.path.work import Row
from shared.security.macs import Macs
from shared.security.principal import ActorKind, Principal
from shared.service import Service
from tests.shared import tiny
from tests.shared.tiny import AGENT

COMMAND = tiny.AddToCounter(counter_id="a", amount=1)
MACS = Macs(tiny.KEYS.hmac[tiny.SERVICE])
OTHER = Principal(ActorKind.SERVICE, "depannage")


@pytest.fixture
def service() -> Service:
    settings = tiny.TinySettings(
        environment="test",
        kafka_bootstrap="nowhere:1",
        mongo_uri=SecretStr("mongodb://nowhere"),
        mongo_database="none",
        http_port=0,
        jwks=tiny.KEYS.environment(tiny.SERVICE)["TINY_JWKS"],
        hmac_key=SecretStr(tiny.KEYS.hmac[tiny.SERVICE]),
    )
    return tiny.build(settings)


def letter(
    topic: str = tiny.COMMANDS,
    *,
    odd: tuple[tuple[str, bytes], ...] = (),
    without: str = "",
    more: dict[str, str] | None = None,
) -> DeadLetter:
    own = {name: value.decode() for name, value in tiny.envelope(COMMAND, "m1")}
    own |= more or {}
    own.pop(without, None)
    return DeadLetter(
        id=f"{topic}/2/17",
        reason="contract_broken",
        at=datetime.now(UTC),
        release="dev",
        key="a",
        headers=own,
        odd=odd,
        cut=False,
        body=b"{}",
    )


def verified(principal: Principal = AGENT, message_id: str = "m1") -> dict[str, str]:
    return {PRINCIPAL: MACS.seal_principal(principal, message_id)}


def actor(row: Row) -> Principal | None:
    return MACS.open_principal(row.headers[PRINCIPAL], row.headers["ce_id"])


def test_record_goes_to_the_retry_topic_as_it_was(service: Service) -> None:
    row = replay_row(letter(more=verified()), Mended(), service)
    assert (row.topic, row.key, row.value) == (retry_topic(tiny.SERVICE), "a", b"{}")
    assert row.headers[REPLAY_OF] == f"{tiny.COMMANDS}/2/17"
    assert row.headers["ce_id"] == "m1"
    assert actor(row) == AGENT


def test_mended_body_and_headers_take_the_place_of_the_bad_ones(
    service: Service, tmp_path: Path
) -> None:
    body = tmp_path / "body.json"
    body.write_bytes(COMMAND.to_json())
    mended = Mended.of(str(body), ["ce_type=mcp.tiny.other.v1", "x="], None)
    row = replay_row(letter(more={"x": "y", **verified()}), mended, service)
    assert row.value == COMMAND.to_json()
    assert row.headers["ce_type"] == "mcp.tiny.other.v1"
    assert "x" not in row.headers


def test_actor_follows_a_mended_message_id(service: Service) -> None:
    row = replay_row(letter(more=verified()), Mended.of(None, ["ce_id=m2"], None), service)
    assert row.headers["ce_id"] == "m2"
    assert actor(row) == AGENT


def test_operator_answers_for_a_record_that_nobody_was_verified_for(service: Service) -> None:
    with pytest.raises(Misused, match="--principal"):
        replay_row(letter(), Mended(), service)
    forged = letter(more={PRINCIPAL: "agent_caf:chef:00"})
    with pytest.raises(Misused, match="--principal"):
        replay_row(forged, Mended(), service)
    row = replay_row(letter(), Mended.of(None, [], "service:depannage"), service)
    assert actor(row) == OTHER


def test_operator_cannot_change_a_verified_actor(service: Service) -> None:
    with pytest.raises(Misused, match="vérifié"):
        replay_row(letter(more=verified()), Mended(principal=OTHER), service)


def test_fact_has_no_actor(service: Service) -> None:
    fact = letter(tiny.COUNTERS)
    assert PRINCIPAL not in replay_row(fact, Mended(), service).headers
    with pytest.raises(Misused, match="fait"):
        replay_row(fact, Mended(principal=OTHER), service)


def test_record_replayed_before_keeps_its_first_origin(service: Service) -> None:
    first = f"{tiny.COUNTERS}/0/3"
    row = replay_row(letter(retry_topic(tiny.SERVICE), more={REPLAY_OF: first}), Mended(), service)
    assert row.headers[REPLAY_OF] == first


@pytest.mark.parametrize(
    "parked",
    [
        letter(retry_topic(tiny.SERVICE)),
        letter("mcp.elsewhere"),
        letter(dead_letters_topic(tiny.SERVICE)),
    ],
)
def test_record_of_no_topic_of_ours_is_not_replayed(service: Service, parked: DeadLetter) -> None:
    with pytest.raises(Failed, match="aucun topic"):
        replay_row(parked, Mended(), service)


def test_header_that_is_no_text_must_be_mended(service: Service) -> None:
    odd = letter(tiny.COUNTERS, odd=(("x", b"\xff"),))
    with pytest.raises(Misused, match="« x »"):
        replay_row(odd, Mended(), service)
    assert "x" not in replay_row(odd, Mended(headers={"x": ""}), service).headers
    assert replay_row(odd, Mended(headers={"x": "é"}), service).headers["x"] == "é"


def test_header_without_a_value_comes_back_empty(service: Service) -> None:
    assert (
        replay_row(letter(tiny.COUNTERS, odd=(("x", b""),)), Mended(), service).headers["x"] == ""
    )


def test_header_that_came_twice_must_be_mended(service: Service) -> None:
    twice = letter(tiny.COUNTERS, odd=(("ce_id", b"m9"),))
    with pytest.raises(Misused, match="deux fois"):
        replay_row(twice, Mended(), service)
    row = replay_row(twice, Mended(headers={"ce_id": "m9"}), service)
    assert row.headers["ce_id"] == "m9"


def test_body_that_was_cut_must_be_given(service: Service) -> None:
    cut = dataclasses.replace(letter(tiny.COUNTERS), body_bytes=3_000_000)
    with pytest.raises(Misused, match="--body"):
        replay_row(cut, Mended(), service)
    assert replay_row(cut, Mended(b"{}"), service).value == b"{}"


def test_envelope_must_be_whole(service: Service) -> None:
    with pytest.raises(Misused, match="envelope_incomplete"):
        replay_row(letter(tiny.COUNTERS, without="ce_id"), Mended(), service)
    mended = Mended(headers={"ce_id": "m3"})
    row = replay_row(letter(tiny.COUNTERS, without="ce_id"), mended, service)
    assert row.headers["ce_id"] == "m3"


@pytest.mark.parametrize(
    ("headers", "principal"),
    [
        (["ce_id"], None),
        (["=x"], None),
        (["Authorization=Bearer x"], None),
        (["mcp_principal=x"], None),
        (["dl_reason=x"], None),
        ([], "chef:a"),
        ([], "agent_caf:"),
        ([], "agent_caf:a b"),
    ],
)
def test_what_makes_no_sense_is_told(
    service: Service, headers: list[str], principal: str | None
) -> None:
    mended = Mended.of(None, headers, principal)
    assert mended.misuse
    with pytest.raises(Misused):
        replay_row(letter(more=verified()), mended, service)


@pytest.mark.parametrize("body", [b"{", b'{"a": NaN}', b'{"a": 1, "a": 2}', b""])
def test_mended_body_must_be_one_that_a_door_takes(tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "body.json"
    file.write_bytes(body)
    assert Mended.of(str(file), [], None).misuse
    assert Mended.of(str(tmp_path / "absent"), [], None).misuse
