"""The smallest service that decides from the copy of rights: it decides, explains, lists.

In a process of its own, by the harness, with who tells (`TOPICS` has what they write to):

    Platform(servers, ("probe",), modules=MODULES, topics=TOPICS)
"""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel
from pydantic_settings import SettingsConfigDict

from shared.calendrier import day_of
from shared.cli import main
from shared.contracts.conventions import CodeService
from shared.contracts.envelope import Refused, message_type
from shared.contracts.topics import (
    DAY_MS,
    DEAD_LETTER_BYTES,
    Topic,
    commands_topic,
    dead_letters_topic,
    refusals_topic,
    retry_topic,
)
from shared.contracts.topics import TOPICS as REGISTERED
from shared.droits.droits import Droits
from shared.droits.liste import who_has_access
from shared.droits.projection import COLLECTIONS, PROJECTIONS, create_indexes
from shared.droits.versions import Versions
from shared.mongo.client import Store
from shared.mongo.migrate import Migration, create_collections
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import ServiceSettings

SERVICE = "probe"
MODULES = {SERVICE: ("tests.shared.droits.probe",)}
"""What the harness starts for this service."""


def _topic(name: str, **more: Any) -> Topic:
    return Topic(
        name=name,
        carries="a test",
        owner=SERVICE,
        producers=(SERVICE,),
        consumers=(SERVICE,),
        key="nothing",
        retention_ms=DAY_MS,
        partitions=1,
        **more,
    )


TOPICS = (
    _topic(commands_topic(SERVICE)),
    _topic(refusals_topic(SERVICE)),
    _topic(retry_topic(SERVICE)),
    _topic(dead_letters_topic(SERVICE), max_message_bytes=DEAD_LETTER_BYTES),
    *REGISTERED.values(),
)
"""Its own topics, and those of the services that tell."""


class CommandRefused(Refused):
    """Nothing is asked of it, so nothing is refused."""

    TYPE = message_type(SERVICE, "command_refused")
    TOPIC = refusals_topic(SERVICE)


class ProbeSettings(ServiceSettings):
    """Settings of the probe: nothing of its own."""

    model_config = SettingsConfigDict(env_prefix="PROBE_")


class Answer(BaseModel):
    """A decision, as a screen shows it."""

    manque: str | None
    profil: str | None
    groupes: list[str]
    versions: str


def build(settings: ProbeSettings) -> Service:
    """The service, wired."""
    droits = Droits()
    return Service(
        name=SERVICE,
        settings=settings,
        refused=CommandRefused,
        commands=(),
        tells=(),
        migrations=(Migration(1, "droits", _collections),),
        projections=PROJECTIONS,
        background=(droits.follow,),
        routes=lambda runtime: _routes(runtime, droits),
    )


async def _collections(store: Store) -> None:
    await create_collections(store, *COLLECTIONS)
    await create_indexes(store)


def _routes(runtime: Runtime, droits: Droits) -> APIRouter:
    router = APIRouter()

    @router.get("/acces/{user_id}/{service}")
    async def decide(user_id: str, service: CodeService, seen: str | None = None) -> Answer:
        """Whether somebody has access."""
        known = None if seen is None else Versions.parse(seen)
        decision = await droits.decide(user_id, service, known)
        return Answer(
            manque=decision.manque,
            profil=decision.profil,
            groupes=[each.id for each in decision.groupes],
            versions=decision.versions.text(),
        )

    @router.get("/explications/{user_id}/{service}")
    async def explain(user_id: str, service: CodeService) -> list[str]:
        """The links of the chain."""
        told = await droits.explain(user_id, service)
        return [f"{each.nom} {each.etat} {each.version}" for each in told.maillons]

    @router.get("/habilites/{service}")
    async def list_all(service: CodeService, after: str | None = None) -> dict[str, Any]:
        """Who has access."""
        day = day_of(runtime.clock.now())
        page = await who_has_access(runtime.store, service, day, after=after)
        return {"ids": [each.user_id for each in page.habilites], "after": page.after}

    @router.post("/pause")
    async def pause() -> None:
        """Let the copy fall behind: its facts are not read any more."""
        for each in PROJECTIONS:
            consumer = runtime._subscribers[each.topic].consumer
            consumer.pause(*consumer.assignment())

    @router.post("/reprise")
    async def resume() -> None:
        """Let it catch up."""
        for each in PROJECTIONS:
            consumer = runtime._subscribers[each.topic].consumer
            consumer.resume(*consumer.assignment())

    return router


if __name__ == "__main__":
    main(build, ProbeSettings)
