"""Personal data goes: with the end of a mail, and what is left of it after the retention."""

from datetime import date, timedelta
from typing import Any

from deploy.local.smtp_sink import SmtpSink
from services.notifications.domain.adresse import Adresse
from services.notifications.domain.destinataire import Destinataire
from services.notifications.domain.envoi import Envoi, EtatEnvoi
from services.notifications.domain.tentative import Tentative
from services.notifications.erasure import SET, erase_for_ever, erase_mails, erase_people
from shared.contracts.identity import UserClosed, UserCreated, UserReopened
from tests.harness.polling import eventually
from tests.notifications.builders import NOW, identifiant_issued, password_issued
from tests.notifications.people import state
from tests.notifications.running import Replica, in_background, later
from tests.notifications.sending import DEADLINE_S, reached, sending, to

RETENTION_DAYS = 90
RETENTION = timedelta(days=RETENTION_DAYS)


async def rows(process: Replica, model: type[Any]) -> list[dict[str, Any]]:
    return await process.store.collection(model.COLLECTION).find().to_list(None)


async def test_ended_mail_says_nothing_of_anybody_any_more(
    process: Replica, sink: SmtpSink, person: str
) -> None:
    (id,) = await process.queue(identifiant_issued(person))
    async with sending(process, to(sink)):
        await reached(process, id, EtatEnvoi.ENVOYE)
    (row,) = await rows(process, Envoi)
    assert (row["sealed"], row["valeurs"], row["adresse"]) == (None, None, None)
    assert "commune.example" not in str(await rows(process, Envoi))
    assert "commune.example" not in str(await rows(process, Tentative))


async def test_rows_of_ended_mails_go_after_the_retention_and_those_that_wait_stay(
    process: Replica, sink: SmtpSink, person: str
) -> None:
    (sent,) = await process.queue(identifiant_issued(person))
    async with sending(process, to(sink)):
        await reached(process, sent, EtatEnvoi.ENVOYE)
    (waiting,) = await process.queue(password_issued(person, expires_at=later(24 * 365)))
    async with in_background(erase_for_ever(process, RETENTION_DAYS)):
        process.pass_time(RETENTION - timedelta(hours=1))
        assert await process.count(EtatEnvoi.ENVOYE) == 1
        process.pass_time(timedelta(hours=2))
        await eventually(lambda: gone(process), DEADLINE_S, "the ended mail is erased")
    assert [mail.id for mail in await process.mails()] == [waiting]
    assert await rows(process, Tentative) == []


async def gone(process: Replica) -> bool:
    return await process.count(EtatEnvoi.ENVOYE) == 0


async def test_what_copies_tell_of_closed_persons_goes_but_for_numbers_and_who_opened_the_account(
    process: Replica,
) -> None:
    closed = state(UserClosed, "u1", cloture=date(2025, 3, 6), generation=4)
    reopened = state(UserReopened, "u2", reopened_by="a1")
    await process.know(state(UserCreated, "u1"), closed)
    await process.know(
        state(UserCreated, "u2"), state(UserClosed, "u2", cloture=date(2025, 3, 6)), reopened
    )
    await process.know(state(UserCreated, "u3"))
    flagged = {"_id": "u1", "mail": "u1@commune.example"}
    await process.store.collection(Adresse.COLLECTION).insert_one(flagged)
    assert await erase_people(process.store, NOW - timedelta(days=1)) == 0
    async with in_background(erase_for_ever(process, RETENTION_DAYS)):
        process.pass_time(RETENTION)
        await eventually(lambda: known(process, {"u2", "u3"}), DEADLINE_S, "u1 is forgotten")
    assert await rows(process, Adresse) == []
    (left,) = [row for row in await rows(process, Destinataire) if row["_id"] == "u1"]
    assert left == {
        "_id": "u1",
        "seq": 2,
        "created_by": "a1",
        "etat": "cloture",
        "personnalisee": 4,
    }
    assert await erase_people(process.store, later(24)) == 0
    await process.know(state(UserReopened, "u1", reopened_by="a1"), after=2)
    assert await known(process, {"u1", "u2", "u3"})


async def known(process: Replica, ids: set[str]) -> bool:
    return {row["_id"] for row in await rows(process, Destinataire) if "mail" in row} == ids


async def test_erasing_goes_by_sets(process: Replica) -> None:
    ended = [{"_id": f"m{n}", "attempts": 0, "ended_at": NOW} for n in range(SET + 10)]
    await process.store.collection(Envoi.COLLECTION).insert_many(ended)
    assert await erase_mails(process.store, later(1)) == SET
    assert await erase_mails(process.store, later(1)) == 10
    assert await erase_mails(process.store, later(1)) == 0


async def test_what_is_old_is_found_by_an_index(process: Replica) -> None:
    for collection, field in ((Envoi.COLLECTION, "ended_at"), (Destinataire.COLLECTION, "clos_le")):
        found = process.store.collection(collection).find({field: {"$type": "date", "$lt": NOW}})
        plan = str((await found.explain())["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan
        assert "COLLSCAN" not in plan
