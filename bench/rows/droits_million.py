"""A million memberships: copied as they come, copied anew, listed."""

import asyncio
import time
from collections.abc import Iterator
from datetime import date

from bench.cpu import rss_mb
from bench.figures import Figure, compare
from bench.rows.rebuild import CHUNK, FLAT, PER_FACT_S, Look, rebuild_watched
from bench.scale import Scale
from bench.stage import OurRunner, Stage
from bench.timing import curve_rate, percentile
from bench.ville import CDAP, Ville, rows
from bench.wire import Unfinished
from shared.contracts.envelope import Fact
from shared.contracts.habilitation import SERVICE as HABILITATION
from shared.contracts.topics import ROLE_ASSIGNMENTS, group_of
from shared.droits.liste import Place, who_has_access
from shared.droits.projection import (
    COMPTES_DROITS,
    CONVENTIONS_DROITS,
    HABILITATIONS_DROITS,
    create_indexes,
)
from shared.ids import draw_id
from shared.mongo.client import Store
from shared.path.rows import cloud_event, moment, source_of
from tests.harness.platform import Platform
from tests.harness.topics import Outgoing
from tests.shared.droits.probe import MODULES, SERVICE, TOPICS

PER_GROUPE = 1_000
PAGES = 200
"""Pages asked for, from places all over the list."""
PAGE = 50
TODAY = date(2026, 3, 2)


async def measure(stage: Stage, scale: Scale) -> list[Figure]:
    """One process that copies them, the operator's rebuild, the list; long, so only on demand."""
    if not scale.rebuilt:
        return []
    ville = Ville.draw(scale.rebuilt, scale.rebuilt // PER_GROUPE)
    told = len(ville.people) + len(ville.groupes)
    async with Platform(
        stage.servers, (SERVICE,), replicas={SERVICE: 0}, modules=MODULES, topics=TOPICS
    ) as platform:
        await _load(stage, platform, ville)
        copied = await _copy(stage, platform, told)
        (module,) = MODULES[SERVICE]
        anew = await rebuild_watched(platform, SERVICE, module, HABILITATIONS_DROITS, told)
        listed = await _list(platform, ville)
    return [
        _projected(stage, copied, told),
        _rebuilt(stage, anew, told),
        compare(
            "droits_liste",
            [percentile(listed, 0.95)],
            [],
            "ms",
            bar=None,
            broker=stage.broker,
            notes=[
                f"{PAGES} pages de {PAGE}, prises partout dans la liste, {told} fiches en base."
            ],
        ),
    ]


async def _load(stage: Stage, platform: Platform, ville: Ville) -> None:
    """Groups and memberships by their facts; accounts and conventions as their copy has them."""
    topic = platform.topic(ROLE_ASSIGNMENTS)
    framework = rows(ville.framework())
    platform.database(SERVICE)[CONVENTIONS_DROITS].insert_many(framework[CONVENTIONS_DROITS])
    groupes = (each for each in ville.framework() if each.TOPIC == ROLE_ASSIGNMENTS)
    stage.wire.load(_records(topic, groupes))
    for start in range(0, len(ville.people), CHUNK):
        people = ville.people[start : start + CHUNK]
        stage.wire.load(_records(topic, ville.memberships(people)))
        accounts = rows(ville.accounts(people))[COMPTES_DROITS]
        platform.database(SERVICE)[COMPTES_DROITS].insert_many(accounts, ordered=False)


def _records(topic: str, facts: Iterator[Fact]) -> Iterator[Outgoing]:
    for fact in facts:
        id = draw_id()
        headers = cloud_event(
            id=id,
            type=fact.TYPE,
            source=source_of(HABILITATION),
            subject=fact.key,
            at=moment(getattr(fact, "at")),  # noqa: B009 - every fact has one, no base says so
            correlation_id=id,
            cause=id,
        )
        headers["ce_sequence"] = f"{1:010}"
        encoded = tuple((name, value.encode()) for name, value in headers.items())
        yield Outgoing(topic, fact.key.encode(), encoded, fact.to_json())


async def _copy(stage: Stage, platform: Platform, told: int) -> list[Look]:
    """One process before all of it, until its group has handled it."""
    runner = OurRunner(platform.new_replica(SERVICE))
    collection = platform.database(SERVICE)[HABILITATIONS_DROITS]
    looks: list[Look] = []
    end = time.monotonic() + 60 + PER_FACT_S * told
    await runner.start()
    try:
        while not looks or looks[-1][1] < told:
            copied = collection.estimated_document_count()
            looks.append((time.perf_counter(), copied, rss_mb(runner.pid)))
            if time.monotonic() > end:
                raise Unfinished(f"{copied} of {told} facts copied")
            await asyncio.sleep(0.2)
        group = platform.settings.prefix + group_of(SERVICE, ROLE_ASSIGNMENTS)
        await stage.wire.until_no_lag(group, platform.topic(ROLE_ASSIGNMENTS))
    finally:
        await runner.stop()
    return looks


def _projected(stage: Stage, looks: list[Look], told: int) -> Figure:
    rate = curve_rate([(at, copied) for at, copied, _ in looks], told)
    highest = max(rss for _, _, rss in looks)
    return compare(
        "droits_projection",
        [rate],
        [],
        "faits/s",
        bar=None,
        broker=stage.broker,
        notes=[
            (
                f"{told} faits en {looks[-1][0] - looks[0][0]:.0f} s, un processus qui les suit "
                f"aussi en mémoire ; au plus {highest:.0f} Mo."
            )
        ],
    )


def _rebuilt(stage: Stage, looks: list[Look], told: int) -> Figure:
    rate = curve_rate([(at, copied) for at, copied, _ in looks], told)
    early = next(rss for _, copied, rss in looks if copied >= told / 10)
    return compare(
        "droits_rebuild_memory",
        [looks[-1][2]],
        [early],
        "Mo",
        bar=FLAT,
        broker=stage.broker,
        lower_is_better=True,
        notes=[
            (
                f"{told} faits relus depuis le premier à {rate:.0f} faits/s, en "
                f"{looks[-1][0] - looks[0][0]:.0f} s."
            ),
            "En face : la même au dixième du parcours.",
        ],
    )


async def _list(platform: Platform, ville: Ville) -> list[float]:
    """Milliseconds of each page."""
    settings = platform.settings
    store = Store(settings.servers.mongo, settings.database(SERVICE), service="bench")
    try:
        await create_indexes(store)
        spent = []
        step = max(1, len(ville.people) // PAGES)
        for user_id in ville.people[::step][:PAGES]:
            after = Place(ville.convention_of(user_id), user_id).text()
            started = time.perf_counter()
            page = await who_has_access(store, CDAP, TODAY, after=after, limit=PAGE)
            spent.append((time.perf_counter() - started) * 1e3)
            if page.after is not None and len(page.habilites) != PAGE:
                raise Unfinished("a page is not full")
        return spent
    finally:
        store.close()
