"""A stand-in for a service, to test the harness alone: answers its doors, echoes its commands.

`python -m tests.harness.stand_in identity run`, configured as a service is.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import MongoClient

from shared.contracts.topics import commands_topic, refusals_topic

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class StandIn:
    """One process: `/readyz`, `/clock`, `/who`; each command comes back on the refusals topic."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.ready = False

    def setting(self, name: str) -> str:
        """A setting of the service, from the environment."""
        return os.environ[f"{self.service.upper()}_{name}"]

    def documents(self) -> Any:
        """The service's database."""
        return MongoClient[dict[str, Any]](self.setting("MONGO_URI"))[
            self.setting("MONGO_DATABASE")
        ]

    async def run(self) -> None:
        """Serve until SIGTERM."""
        config = uvicorn.Config(
            self.answer,
            host=self.setting("HTTP_HOST"),
            port=int(self.setting("HTTP_PORT")),
            log_level="warning",
            interface="asgi3",
            lifespan="off",
        )
        echo = asyncio.create_task(self.echo())
        await uvicorn.Server(config).serve()
        echo.cancel()
        await asyncio.wait({echo})

    async def echo(self) -> None:
        """Send every command back."""
        prefix = self.setting("TOPIC_PREFIX")
        consumer = AIOKafkaConsumer(
            f"{prefix}{commands_topic(self.service)}",
            bootstrap_servers=self.setting("KAFKA_BOOTSTRAP"),
            group_id=f"{prefix}{self.service}.commands.v1",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=int(self.setting("KAFKA_FETCH_MAX_WAIT_MS")),
            session_timeout_ms=6_000,  # as the services
            heartbeat_interval_ms=2_000,
        )
        producer = AIOKafkaProducer(bootstrap_servers=self.setting("KAFKA_BOOTSTRAP"))
        async with consumer, producer:
            self.ready = True
            sys.stderr.write(json.dumps({"event": "ready", "service": self.service}) + "\n")
            async for record in consumer:
                topic = f"{prefix}{refusals_topic(self.service)}"
                headers = list(record.headers)
                await producer.send_and_wait(topic, record.value, key=record.key, headers=headers)
                await consumer.commit()

    async def answer(self, scope: Scope, _receive: object, send: Send) -> None:
        """The HTTP door."""
        if scope["type"] != "http":
            return
        status, body = 200, b"{}"
        if scope["path"] == "/readyz":
            status = 200 if self.ready else 503
        elif scope["path"] == "/clock":
            found = self.documents()["clock"].find_one({"_id": "offset"})
            body = json.dumps({"seconds": found and found["seconds"]}).encode()
        elif scope["path"] == "/headers":
            body = json.dumps({k.decode(): v.decode() for k, v in scope["headers"]}).encode()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    def migrate(self) -> None:
        """Leave a trace that `migrate` ran."""
        self.documents()["migrations"].insert_one({"service": self.service})


def main(service: str, command: str) -> int:
    """Run one command of the stand-in."""
    stand_in = StandIn(service)
    if command == "run":
        asyncio.run(stand_in.run())
    elif command == "migrate":
        stand_in.migrate()
    elif command == "schedule":
        signal.pause()
    else:
        sys.stderr.write(f"unknown command {command}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
