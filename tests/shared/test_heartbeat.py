"""Heartbeats tell how old a service's oldest unpublished row is, and age what others copy."""

from typing import Any

from shared.contracts.platform import ProcessBeat
from shared.contracts.topics import HEARTBEATS
from shared.heartbeat import Heartbeat
from shared.kafka.staleness import Staleness
from shared.path.work import Row
from tests.harness.polling import eventually
from tests.shared.in_process import Here
from tests.shared.kafka.record import RawRecord, record_of

DEADLINE_S = 15


class Told:
    """A producer that keeps what it is given."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    async def publish(self, rows: list[Row]) -> set[str]:
        self.rows += rows
        return {row.id for row in rows}


async def test_a_process_tells_its_backlog_and_others_hear_it(here: Here):
    async with here.running() as runtime:
        read = here.read
        beats = await eventually(lambda: read(HEARTBEATS), DEADLINE_S, "a heartbeat")
        beat = ProcessBeat.model_validate_json(beats[0].value or b"")
        assert beat.service == "tiny"
        assert beat.process_id == runtime.process_id
        assert beats[0].key == runtime.process_id.encode()
        runtime.health.oldest_pending_s = 77.0
        (staleness,) = runtime.staleness.values()

        async def heard() -> bool:
            runtime.health.oldest_pending_s = 77.0
            await runtime.heartbeat.tell()
            return staleness.seconds() >= 77

        await eventually(heard, DEADLINE_S, "heard by itself")


async def test_what_is_no_heartbeat_is_ignored():
    staleness = Staleness("tiny", lambda: 1.0)
    staleness.saw({})
    beat = ProcessBeat.model_validate(
        {
            "process_id": "p",
            "service": "tiny",
            "release": "r",
            "oldest_pending_s": 5.0,
            "at": "2026-03-02T09:15:00Z",
        },
        strict=False,
    )
    good = record_of(beat)
    bad = [
        RawRecord(value=None),
        RawRecord(value=b"{", headers=good.headers),
        RawRecord(value=good.value, headers=(("x", b"\xff"),)),
    ]
    records: Any = [*bad, good]
    await Heartbeat.listen(records, [staleness])
    assert staleness.seconds() == 5
