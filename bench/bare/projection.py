"""The bare loop of a projection: poll, one bulk write, commit. uvloop, like the services."""

import json
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import UpdateOne

from bench.bare.settings import BareSettings


async def run(settings: BareSettings) -> None:
    """Run until killed."""
    client: Any = AsyncIOMotorClient(settings.mongo_uri, w="majority", journal=True)
    people = client[settings.database]["destinataires"]
    consumer = AIOKafkaConsumer(
        settings.source,
        bootstrap_servers=settings.bootstrap,
        group_id=settings.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=settings.fetch_max_wait_ms,
        session_timeout_ms=6_000,
        heartbeat_interval_ms=2_000,
    )
    await consumer.start()
    print("ready", flush=True)
    while True:
        polled = await consumer.getmany(timeout_ms=200, max_records=500)
        writes = [_write(record) for batch in polled.values() for record in batch]
        if writes:
            await people.bulk_write(writes, ordered=False)
            await consumer.commit()


def _write(record: Any) -> UpdateOne:
    headers = {name: value.decode() for name, value in record.headers}
    fact = json.loads(record.value)
    told = {"personnalisee": fact["generation"], "seq": int(headers["ce_sequence"])}
    return UpdateOne({"_id": fact["user_id"]}, {"$set": told}, upsert=True)


if __name__ == "__main__":
    uvloop.run(run(BareSettings.read()))
