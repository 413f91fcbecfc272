"""Decisions of a process on its own copy: fresh or refused, never from an older memory."""

import asyncio
import os
import signal
import time
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.local.servers import Servers
from shared.calendrier import day_of
from shared.clock import Clock
from shared.contracts.conventions import CodeService
from shared.contracts.topics import CONVENTIONS, ROLE_ASSIGNMENTS, USER_LIFECYCLE
from shared.droits import droits as module
from shared.droits.chaine import Manque
from shared.droits.dossier import Dossier
from shared.droits.droits import STALE_S, Droits
from shared.droits.errors import DroitsPasAJour
from shared.droits.phrases import NomMaillon
from shared.droits.projection import COLLECTIONS
from shared.droits.versions import Versions
from tests.harness.habilitation import AGENT, RESPONSABLE
from tests.harness.polling import eventually
from tests.shared.droits.conftest import DEADLINE_S, Fresh, Process, following
from tests.shared.droits.scene import COMPTE, PERSONNE
from tests.shared.droits.telling import Told

CDAP = CodeService.CDAP


async def manque(droits: Droits, user_id: str = "membre") -> Manque | None:
    return (await droits.decide(user_id, CDAP)).manque


async def test_what_was_told_is_decided_on_and_kept_in_memory(told: Told, process: Process):
    async with following(process, Droits()) as droits:
        decision = await droits.decide("membre", CDAP)
        assert (decision.manque, decision.profil) == (None, "T1")
        assert droits.memoire.dossier("membre") == await droits.dossier("membre")
        assert droits.memoire.octets > 500
        assert await manque(droits, "cheffe") is Manque.AUCUN_GROUPE
        assert await manque(droits, "inconnue") is Manque.COMPTE_INCONNU
        told_why = await droits.explain("cheffe", CDAP)
        assert told_why.maillons[-1].phrase.startswith("Le compte n’appartient à aucun groupe")


async def test_days_go_with_what_was_told(told: Told, process: Process):
    today = day_of(Clock.real_now())
    async with following(process, Droits()) as droits:

        async def link(nom: NomMaillon) -> tuple[date | None, str | None]:
            found = (await droits.explain("membre", CDAP)).maillons
            (one,) = (each for each in found if each.nom is nom)
            return one.debut or one.fin, one.par

        async def becomes(expected: Manque | None) -> None:
            async def seen() -> bool:
                return await manque(droits) is expected

            await eventually(seen, DEADLINE_S, f"{expected}")

        assert await link(NomMaillon.ROLE) == (today, RESPONSABLE)
        await told.suspend_service("19_214", CDAP)
        await becomes(Manque.SERVICE_SUSPENDU)
        assert await link(NomMaillon.SERVICE) == (today, AGENT)
        await told.suspend_convention("19_214")
        await becomes(Manque.CONVENTION_SUSPENDUE)
        assert await link(NomMaillon.CONVENTION) == (today, AGENT)


async def test_every_change_is_seen(told: Told, process: Process):
    async with following(process, Droits()) as droits:

        async def becomes(expected: Manque | None, user_id: str = "membre") -> None:
            async def seen() -> bool:
                return await manque(droits, user_id) is expected

            await eventually(seen, DEADLINE_S, f"{user_id}: {expected}")

        await becomes(None)
        await told.withdraw_role(told.t1)
        await becomes(Manque.ROLE_RETIRE)
        await told.assign_role(told.t1, CDAP, "T2")
        await becomes(None)
        await told.take_from_groupe("membre", told.t1)
        await becomes(Manque.APPARTENANCE_TERMINEE)
        await told.add_to_groupe("membre", told.t1)
        await becomes(None)
        await told.suspend_service("19_214", CDAP)
        await becomes(Manque.SERVICE_SUSPENDU)
        await told.resume_service("19_214", CDAP)
        await told.suspend_convention("19_214")
        await becomes(Manque.CONVENTION_SUSPENDUE)
        await told.resume_convention("19_214")
        await told.close_groupe(told.t1)
        await becomes(Manque.GROUPE_CLOTURE)
        await told.close_account("membre", "19_214")
        await becomes(Manque.COMPTE_CLOTURE)
        await becomes(Manque.COMPTE_INCONNU, "nouveau")
        await told.open_account("nouveau", "19_214")
        await becomes(Manque.AUCUN_GROUPE, "nouveau")


@pytest.mark.parametrize("topic", [CONVENTIONS, ROLE_ASSIGNMENTS, USER_LIFECYCLE])
async def test_what_may_be_too_old_decides_nothing(told: Told, process: Process, topic: str):
    async with following(process, Droits()) as droits:
        process.make_old(topic, STALE_S)
        assert await manque(droits) is None
        process.make_old(topic, STALE_S + 0.1)
        for asked in (droits.decide("membre", CDAP), droits.explain("membre", CDAP)):
            with pytest.raises(DroitsPasAJour):
                await asked
        process.make_old(topic, 0)
        assert await manque(droits) is None


async def test_before_it_follows_anything_it_decides_nothing(told: Told):
    with pytest.raises(DroitsPasAJour):
        await Droits().decide("membre", CDAP)
    with pytest.raises(DroitsPasAJour):
        await Droits().load(["membre"])


async def test_who_has_seen_more_than_is_known_is_refused(told: Told, process: Process):
    async with following(process, Droits()) as droits:
        seen = (await droits.decide("membre", CDAP)).versions
        assert (await droits.decide("membre", CDAP, seen)).is_granted
        newer = Versions(seen.convention + 1, seen.membre, seen.groupes)
        with pytest.raises(DroitsPasAJour):
            await droits.decide("membre", CDAP, newer)
        await told.suspend_convention("19_214")
        assert not (await droits.decide("membre", CDAP, newer)).is_granted


async def test_without_news_of_changes_the_store_is_asked(
    told: Told, process: Process, monkeypatch: pytest.MonkeyPatch
):
    async with following(process, Droits()) as droits:
        assert await manque(droits) is None
        monkeypatch.setattr(module, "NEWS_S", 0.0)
        monkeypatch.setattr(droits.memoire, "forget", lambda _: None)
        await told.withdraw_role(told.t1)
        assert await manque(droits) is Manque.ROLE_RETIRE


async def test_what_memory_may_have_missed_counts_with_what_the_copy_may_have(
    monkeypatch: pytest.MonkeyPatch,
):
    """Together they stay within what is allowed; the store has only missed what the copy has."""
    remembered, read = Dossier(), Dossier(compte=COMPTE)
    process: Any = SimpleNamespace(clock=Clock(), store=None, staleness=[Fresh()])
    droits = Droits()
    droits._copy = module._Copy(process.store, process.clock, process.staleness)
    droits._news_at = time.monotonic() - 1
    monkeypatch.setattr(droits.memoire, "dossier", lambda _: remembered)
    monkeypatch.setattr(droits, "load", lambda ids: asyncio.sleep(0, dict.fromkeys(ids, read)))
    for age_s, expected in ((STALE_S - 2, remembered), (STALE_S - 0.5, read)):
        process.staleness[0].age_s = age_s
        assert await droits.dossier(PERSONNE) is expected


async def test_a_collection_that_goes_is_forgotten(told: Told, process: Process):
    async with following(process, Droits()) as droits:
        assert await manque(droits) is None
        for name in COLLECTIONS:
            await process.store.collection(name).drop()

        async def forgotten() -> bool:
            return await manque(droits) is Manque.COMPTE_INCONNU

        await eventually(forgotten, DEADLINE_S, "all forgotten")


async def test_a_store_that_was_away_is_followed_again(
    told: Told, process: Process, servers: Servers
):
    if servers.mongod is None:
        pytest.skip("the mongod is not ours to kill")
    async with following(process, Droits()) as droits:
        assert await manque(droits) is None
        await asyncio.to_thread(servers.mongod.kill)
        await asyncio.to_thread(servers.mongod.restart)
        await told.withdraw_role(told.t1)

        async def seen() -> bool:
            return await manque(droits) is Manque.ROLE_RETIRE

        await eventually(seen, DEADLINE_S, "what changed after it came back")


async def test_memory_is_bounded_in_people(told: Told, process: Process):
    async with following(process, Droits(most=3)) as droits:
        people = [f"u{n}" for n in range(10)]
        for each in people:
            await told.open_account(each, "19_214")
        found = await droits.load(people)
        assert list(found) == people
        assert len(droits.memoire) == 3
        assert droits.memoire.dossier("u0") is None
        assert droits.memoire.dossier("u9") == found["u9"]


async def test_a_stopped_process_ends_at_once(told: Told, process: Process, servers: Servers):
    """Also while mongod hangs: nothing waits for it."""
    if servers.mongod is None:
        pytest.skip("the mongod is not ours to stop")
    droits = Droits()
    task = asyncio.create_task(droits.follow(process))
    await eventually(lambda: droits.memoire.is_open, DEADLINE_S, "changes are followed")
    os.kill(servers.mongod.process.pid, signal.SIGSTOP)
    try:
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=1)
        assert done
    finally:
        os.kill(servers.mongod.process.pid, signal.SIGCONT)
