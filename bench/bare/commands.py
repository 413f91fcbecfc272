"""The bare loop of commands: aiokafka and motor, one transaction and one publish per message.

Partitions side by side, offsets committed once per poll. No token check, no contract, no outbox:
a crash between commit and publish loses the fact. uvloop, like the services.
"""

import asyncio
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from motor.motor_asyncio import AsyncIOMotorClient

from bench.bare.settings import BareSettings


class Loop:
    """Consumes commands, changes accounts, publishes what changed."""

    def __init__(self, settings: BareSettings) -> None:
        self._settings = settings
        self._client: Any = AsyncIOMotorClient(
            settings.mongo_uri, tz_aware=True, w="majority", journal=True
        )
        database = self._client[settings.database]
        self._accounts = database["comptes"]
        self._inbox = database["inbox"]
        self._producer = AIOKafkaProducer(
            bootstrap_servers=settings.bootstrap, enable_idempotence=True
        )

    async def run(self) -> None:
        """Run until killed."""
        settings = self._settings
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
        await self._producer.start()
        await consumer.start()
        print("ready", flush=True)
        while True:
            polled = await consumer.getmany(timeout_ms=200, max_records=settings.max_records)
            if polled:
                await asyncio.gather(*(self._partition(batch) for batch in polled.values()))
                await consumer.commit()

    async def _partition(self, records: list[Any]) -> None:
        for record in records:
            await self._message(record)

    async def _message(self, record: Any) -> None:
        headers = {name: value.decode() for name, value in record.headers}
        command = json.loads(record.value)
        user_id = command.pop("user_id")
        message_id = headers["ce_id"]
        async with await self._client.start_session() as session, session.start_transaction():
            account: Any = await self._accounts.find_one({"_id": user_id}, session=session)
            account.update(command)
            account["seq"] += 1
            await self._accounts.update_one(
                {"_id": user_id, "version": account["version"]},
                {"$set": {**command, "seq": account["seq"]}, "$inc": {"version": 1}},
                session=session,
            )
            await self._inbox.insert_one(
                {"_id": message_id, "at": datetime.now(UTC), "status": "done"}, session=session
            )
        await self._producer.send_and_wait(
            self._settings.target,
            fact_body(account),
            key=user_id.encode(),
            headers=fact_headers(account, message_id),
        )


def fact_body(account: dict[str, Any]) -> bytes:
    """What changed, as identity's UserUpdated says it."""
    names = ("convention_id", "genre", "nom", "prenom", "mail", "telephone", "poste", "etat")
    told = {name: account[name] for name in names}
    told |= {"user_id": account["_id"], "updated_by": "agent-du-banc"}
    return json.dumps({**told, "at": datetime.now(UTC).isoformat()}).encode()


def fact_headers(account: dict[str, Any], cause: str) -> list[tuple[str, bytes]]:
    """The CloudEvents headers of the fact, as many as ours."""
    texts = {
        "ce_specversion": "1.0",
        "ce_id": hashlib.blake2b(cause.encode(), digest_size=16).hexdigest(),
        "ce_type": "mcp.identity.user_updated.v1",
        "ce_source": "/mcp/identity",
        "ce_time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "ce_subject": account["_id"],
        "content-type": "application/json",
        "ce_correlationid": cause,
        "ce_causationid": cause,
        "ce_sequence": f"{account['seq']:010}",
    }
    return [(name, text.encode()) for name, text in texts.items()]


async def main(settings: BareSettings) -> None:
    """Run until killed (aiokafka wants a running event loop from the start)."""
    await Loop(settings).run()


if __name__ == "__main__":
    uvloop.run(main(BareSettings.read()))
