"""A projection made anew from the first record of its topic, while the service goes on.

Why nothing is lost. The copy is folded beside the live collection up to the ends that the topic
had at the start. Each of its documents then replaces the live one in one guarded write, unless
the live one is further on (its number is higher). Facts that come later reach the live collection
as ever, through the service's own door, on top of the old or of the new document. Where the live
document is further on, the copy reads on to the present end of the topic, which holds every fact
that the live document knew, and tries again. The live collection is at no moment without a
document or a fact that it had, so the command may be killed anywhere and run again; its indexes
are those it has.

A topic whose first records are gone cannot tell everything any more: then what it tells completes
the live documents, and those that it does not tell stay. Ask its owner to `republish` first.
"""

import time
from collections.abc import Sequence

from shared.mongo import lease, migrate, side_copy
from shared.mongo.client import Store
from shared.mongo.projection import Projection
from shared.operations.endings import DONE, Failed, Misused, told
from shared.operations.fold import Fold, intake_of, read_mended
from shared.operations.opening import opened_store
from shared.operations.progress import Progress, number
from shared.operations.reading import TopicReader
from shared.service import Service

SETTLE_S = 60.0
"""How long documents that facts move all the time are tried again (assumed)."""


@told
async def rebuild(service: Service, collection: str | None, *, wet_run: bool) -> int:
    """Rebuild one projection, or all; without `wet_run`, only say what would be read.

    Raises: Failed when the store or Kafka stays away, or somebody else rebuilds the same one.
    """
    chosen = _chosen(service, collection)
    async with opened_store(service) as store:
        if await migrate.pending(store, service.migrations):
            raise Failed("La base n’est pas à jour : lancez d’abord « migrate ».")
        for each in chosen:
            async with TopicReader(service.settings, each.topic) as reader:
                if wet_run:
                    await _rebuild_alone(service, store, each, reader)
                else:
                    await _describe(store, each, reader)
    if not wet_run:
        print("Rien n’a été changé : ajoutez --wet-run.")
    return DONE


def _chosen(service: Service, collection: str | None) -> Sequence[Projection]:
    chosen = [
        each for each in service.projections if collection is None or each.collection == collection
    ]
    if not chosen:
        known = ", ".join(each.collection for each in service.projections) or "aucune"
        raise Misused(f"Pas de telle projection. Projections de « {service.name} » : {known}.")
    return chosen


async def _describe(store: Store, each: Projection, reader: TopicReader) -> None:
    documents = await store.collection(each.collection).estimated_document_count()
    records = await _count(reader)
    print(
        f"{each.collection} : {number(records)} enregistrements de « {each.topic} » à relire, "
        f"{number(documents)} fiches en base"
    )
    _warn_if_cut(each, reader)


async def _count(reader: TopicReader) -> int:
    ends = await reader.ends()
    return sum(end - reader.starts[partition] for partition, end in ends.items())


def _whole(reader: TopicReader) -> bool:
    return not any(reader.starts.values())


def _warn_if_cut(each: Projection, reader: TopicReader) -> None:
    if not _whole(reader):
        print(
            f"Le début de « {each.topic} » n’existe plus : les fiches qu’il ne dit plus restent "
            f"telles quelles. Lancez d’abord « republish » dans le service « {each.owner} »."
        )


async def _rebuild_alone(
    service: Service, store: Store, each: Projection, reader: TopicReader
) -> None:
    try:
        async with lease.held(store, f"rebuild/{each.collection}") as held:
            await _rebuild(service, store, each, reader, held)
    except lease.LeaseTaken as taken:
        raise Failed(
            f"La projection « {each.collection} » est déjà en train d’être refaite, "
            "ou l’était il y a moins d’une minute."
        ) from taken


async def _rebuild(
    service: Service, store: Store, each: Projection, reader: TopicReader, held: lease.Lease
) -> None:
    started = time.monotonic()
    _warn_if_cut(each, reader)
    copy = side_copy.SideCopy(store, each.collection, whole=_whole(reader))
    await copy.drop()
    fold = Fold(
        reader,
        each,
        intake_of(service, each),
        copy.side,
        await read_mended(service, each.topic),
        held,
    )
    reading = Progress(f"{each.collection}, lecture", await _count(reader))
    await fold.read_up_to(await reader.ends(), reading)
    reading.close()
    await _bring_over(copy, fold, Progress(f"{each.collection}, fiches", await copy.count()))
    await copy.drop()
    print(
        f"{each.collection} refaite en {time.monotonic() - started:.0f} s : "
        f"{number(fold.told)} enregistrements relus, {number(fold.skipped)} rebuts écartés, "
        f"{number(copy.removed)} fiches retirées, {number(copy.kept)} gardées telles quelles"
    )


async def _bring_over(copy: side_copy.SideCopy, fold: Fold, writing: Progress) -> None:
    moving = 0
    async for ids in copy.chunks():
        await fold.lease.renew()
        brought, differing = await copy.bring_over(ids)
        deadline = time.monotonic() + SETTLE_S
        while differing and time.monotonic() < deadline:
            await fold.read_up_to(await fold.reader.ends())
            differing = await copy.settle(differing)
        writing.advance(brought)
        moving += len(differing)
    writing.close()
    if moving:
        raise Failed(
            f"{number(moving)} fiches changent trop vite pour être refaites : rien n’est perdu, "
            "relancez la commande à un moment plus calme."
        )
