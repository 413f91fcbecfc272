"""The store of mails on a real mongod: one borrower at a time, and no lease in a writer's way."""

import asyncio
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.notifications.domain.destinataire import Destinataire
from services.notifications.domain.envoi import Envoi, EtatEnvoi, queue_notice
from services.notifications.domain.modele import Modele
from services.notifications.domain.tentative import Accepted, Deferred
from services.notifications.handlers.record_attempt import RECORD_ATTEMPT, RecordAttempt
from services.notifications.projections import DESTINATAIRES
from services.notifications.schedule import due
from services.notifications.store import (
    _OPEN,
    OF_NO_CAMPAIGN,
    find_expired,
    give_back,
    lease_due,
    load_connus,
)
from shared.contracts.comptes import EtatCompte, GenreCompte, Poste
from shared.contracts.identity import (
    PasswordChanged,
    UserClosed,
    UserCreated,
    UserMailChanged,
    UserReopened,
    UserSnapshot,
)
from shared.contracts.notifications import ExpireMail
from shared.ids import draw_id
from shared.mongo.projection import apply
from tests.harness.polling import eventually
from tests.notifications.builders import ITSELF, NOW, identifiant_issued, password_issued
from tests.notifications.running import Replica, later, relances


async def lease(
    process: Replica,
    token: str = "mine",
    *,
    now: datetime = NOW + timedelta(seconds=30),
    lease_s: float = 60,
    most: int = 100,
    but: Collection[str] = (),
    campaigns: bool = True,
) -> list[str]:
    found = await lease_due(
        process.store,
        token=token,
        now=now,
        lease_s=lease_s,
        most=most,
        but=but,
        campaigns=campaigns,
    )
    return [mail.id for mail in found]


async def people(process: Replica, count: int) -> list[str]:
    return await process.queue(*(identifiant_issued(f"u{n}") for n in range(count)))


async def stored(process: Replica, id: str) -> dict[str, object]:
    row = await process.store.collection(Envoi.COLLECTION).find_one({"_id": id})
    assert row is not None
    return row


async def test_due_mails_are_borrowed_once_oldest_first(process: Replica) -> None:
    ids = await people(process, 5)
    for place, id in enumerate(reversed(ids)):
        await process.store.collection(Envoi.COLLECTION).update_one(
            {"_id": id}, {"$set": {"next_attempt_at": NOW - timedelta(hours=place)}}
        )
    assert await lease(process, most=3) == ids[:3]
    assert await lease(process, "other") == ids[3:]
    assert await lease(process, "third") == []


async def test_mail_not_due_yet_or_closed_is_not_borrowed(process: Replica) -> None:
    ids = await people(process, 3)
    envois = process.store.collection(Envoi.COLLECTION)
    await envois.update_one({"_id": ids[0]}, {"$set": {"next_attempt_at": later(1)}})
    await envois.update_one({"_id": ids[1]}, {"$set": {"etat": "envoye"}})
    assert await lease(process) == [ids[2]]


async def test_many_borrowers_never_share_a_mail(process: Replica) -> None:
    ids = await people(process, 60)
    shares = await asyncio.gather(*(lease(process, draw_id(), most=20) for _ in range(8)))
    borrowed = [id for share in shares for id in share]
    assert len(borrowed) == len(set(borrowed))
    assert set(borrowed) <= set(ids)
    while share := await lease(process, draw_id(), most=20):
        borrowed += share
    assert sorted(borrowed) == sorted(ids)


async def test_lease_that_ended_lets_somebody_else_borrow(process: Replica) -> None:
    (id,) = await people(process, 1)
    assert await lease(process, lease_s=0.3) == [id]
    assert await lease(process, "other") == []
    assert await eventually(lambda: lease(process, "other"), 5, "the lease ends") == [id]


async def test_mails_in_hand_are_not_borrowed_again_by_the_same_process(process: Replica) -> None:
    first, second = await people(process, 2)
    assert await lease(process, but={first}) == [second]


async def test_lease_moves_no_version_and_ends_with_the_record(process: Replica) -> None:
    (id,) = await people(process, 1)
    before = await stored(process, id)
    await lease(process)
    leased = await stored(process, id)
    assert leased["version"] == before["version"]
    assert "bail" in leased
    await process.decide(
        RECORD_ATTEMPT,
        RecordAttempt(id, Deferred(451), NOW, "u0"),
        principal=ITSELF,
        message_id=draw_id(),
    )
    recorded = await stored(process, id)
    assert "bail" not in recorded
    assert (recorded["etat"], recorded["version"]) == ("differe", 2)
    assert await lease(process, now=later(1)) == [id]


async def test_lease_taken_while_the_mail_is_being_decided_loses_nothing(process: Replica) -> None:
    ids = await people(process, 30)
    recording = [
        process.decide(
            RECORD_ATTEMPT,
            RecordAttempt(id, Accepted(), NOW, "u0"),
            principal=ITSELF,
            message_id=id,
        )
        for id in ids
    ]
    borrowing = [lease(process, draw_id(), lease_s=0.001) for _ in range(20)]
    await asyncio.gather(*recording, *borrowing)
    assert {mail.etat for mail in await process.mails()} == {EtatEnvoi.ENVOYE}
    assert await lease(process) == []


async def test_only_the_borrower_gives_back(process: Replica) -> None:
    (id,) = await people(process, 1)
    await lease(process, "mine")
    await give_back(process.store, token="other", ids=[id])
    assert await lease(process, "third") == []
    await give_back(process.store, token="mine", ids=[id])
    assert await lease(process, "third") == [id]


async def test_mails_of_no_campaign_are_borrowed_first(process: Replica) -> None:
    await relances(process, 30, NOW - timedelta(hours=1))
    ids = await people(process, 3)
    assert sorted(await lease(process, campaigns=False)) == sorted(ids)
    await give_back(process.store, token="mine", ids=ids)
    first = await lease(process, most=5)
    assert sorted(first[:3]) == sorted(ids)
    assert len(first) == 5
    assert len(await lease(process, "other")) == 28
    assert await lease(process, "third", campaigns=False) == []


async def test_the_queries_use_the_indexes_of_the_mails_that_wait(process: Replica) -> None:
    """And read no more than they need, however many mails of a campaign are due."""
    await relances(process, 500, NOW - timedelta(hours=1))
    await people(process, 3)
    envois = process.store.collection(Envoi.COLLECTION)
    waits = {"etat": {"$in": ["differe", "en_file"]}, "next_attempt_at": {"$lte": NOW}}
    for query, sort, read in (
        ({**waits, **OF_NO_CAMPAIGN}, "next_attempt_at", 3),
        (waits, "next_attempt_at", 100),
        ({**_OPEN, "expires_at": {"$lte": NOW}}, "expires_at", 0),
    ):
        explained = await envois.find(query).sort(sort, 1).limit(100).explain()
        plan = str(explained["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan
        assert "COLLSCAN" not in plan
        assert "'stage': 'SORT'" not in plan
        assert explained["executionStats"]["totalDocsExamined"] <= read


async def test_expired_mails_that_wait_become_commands(process: Replica) -> None:
    await process.queue(
        password_issued("u1", expires_at=later(1)),
        password_issued("u2", expires_at=later(3)),
        identifiant_issued("u3", expires_at=later(2)),
    )
    mails = {mail.user_id: mail for mail in await process.mails()}
    assert [found async for found in find_expired(process.store, later(0.9))] == []
    dues = [each async for each in due(process.store, later(2))]
    assert [each.subject for each in dues] == [mails["u1"].id, mails["u3"].id]
    assert [each.due_at for each in dues] == [later(1), later(2)]
    assert dues[0].rule == "expire_mail"
    assert dues[0].command == ExpireMail(mail_id=mails["u1"].id)


def snapshot(user_id: str, **more: Any) -> UserSnapshot:
    told: dict[str, Any] = {
        "user_id": user_id,
        "at": NOW,
        "genre": GenreCompte.PARTENAIRE,
        "nom": "Durand",
        "prenom": "Camille",
        "mail": "camille.durand@commune.example",
        "poste": Poste.SEDENTAIRE,
        "etat": EtatCompte.OUVERT,
        "generation": 5,
        "created_by": "a1",
    }
    return UserSnapshot(**(told | more))


async def test_copy_keeps_the_person_and_the_numbers_that_matter(process: Replica) -> None:
    changed = PasswordChanged(user_id="u1", convention_id="19_214", at=NOW, generation=2)
    collection = process.store.collection(DESTINATAIRES.collection)
    await apply(DESTINATAIRES, collection, [(changed, 4), (snapshot("u2"), 9)])
    await apply(DESTINATAIRES, collection, [(changed.model_copy(update={"generation": 1}), 3)])
    mails = [queued(user_id) for user_id in ("u1", "u2", "u3")]
    known = await load_connus(process.store, mails)
    assert [known[mail.id].destinataire for mail in mails] == [
        Destinataire(id="u1", seq=4, personnalisee=2),
        Destinataire(
            id="u2",
            seq=9,
            emise=5,
            mail="camille.durand@commune.example",
            nom="Durand",
            prenom="Camille",
            etat="ouvert",
            genre="partenaire",
            created_by="a1",
        ),
        None,
    ]


async def test_copy_follows_the_life_of_an_account(process: Replica) -> None:
    """Each fact carries the whole state; what only one of them tells outlives the next."""
    state = snapshot("u1").model_dump(exclude={"generation", "created_by"})
    created = UserCreated(**state, created_by="a1")
    moved = UserMailChanged(
        **state | {"mail": "c.durand@commune.example"},
        ancienne_mail=state["mail"],
        administrateur=False,
        changed_by="u1",
    )
    closed = UserClosed(
        **state | {"etat": EtatCompte.CLOTURE, "cloture": date(2025, 3, 6), "mail": moved.mail},
        closed_by="a1",
        generation=3,
    )
    collection = process.store.collection(DESTINATAIRES.collection)
    mail = queued("u1")

    async def known() -> Destinataire:
        found = (await load_connus(process.store, [mail]))[mail.id].destinataire
        assert found is not None
        return found

    await apply(DESTINATAIRES, collection, [(created, 1), (moved, 2)])
    assert ((await known()).mail, (await known()).mail_depuis) == (moved.mail, NOW)
    await apply(DESTINATAIRES, collection, [(closed, 3)])
    assert ((await known()).clos_le, (await known()).personnalisee) == (NOW, 3)
    again = UserSnapshot(**closed.model_dump(exclude={"closed_by"}))
    await apply(DESTINATAIRES, collection, [(again, 3)])
    assert (await known()).clos_le == datetime(2025, 3, 5, 23, tzinfo=UTC)  # midnight in Paris
    reopened = UserReopened(**state, reopened_by="a1")
    await apply(DESTINATAIRES, collection, [(reopened, 4), (closed, 3)])
    assert ((await known()).clos_le, (await known()).created_by) == (None, "a1")


async def test_what_a_mail_concerns_is_loaded_with_it(process: Replica) -> None:
    collection = process.store.collection(DESTINATAIRES.collection)
    told = [(snapshot("a1", nom="Martin"), 1), (snapshot("u1"), 1)]
    await apply(DESTINATAIRES, collection, told)
    mail = queued("a1").changed(sujet_id="u1")
    known = (await load_connus(process.store, [mail]))[mail.id]
    assert known.destinataire is not None
    assert known.sujet is not None
    assert (known.destinataire.nom, known.sujet.nom, known.adresse) == ("Martin", "Durand", None)


def queued(user_id: str) -> Envoi:
    return queue_notice(
        Modele.MOT_DE_PASSE_EXPIRE, user_id, id=user_id, domain="mcp.example", now=NOW
    )
