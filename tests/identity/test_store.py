"""What identity reads of its store, on a real mongod."""

from datetime import timedelta

import pytest

from services.identity.domain.session import Session
from services.identity.store import due_expiries, note_seen, snapshots, use_assertion
from shared.contracts.identity import ExpireTemporaryPassword, UserSnapshot
from shared.mongo.client import Store, is_duplicate_key
from shared.mongo.documents import to_document, to_row
from tests.identity.builders import DAY, IDENTIFIANT, NOW, compte, session, temporary

MILLISECOND = timedelta(milliseconds=1)


async def test_due_expiries_are_the_unused_passwords_of_24_hours(store: Store) -> None:
    due = temporary(3, NOW)
    later = temporary(1, NOW + MILLISECOND)
    people = [
        compte("u1", identifiant="AAA2222AA22", provisoire=due),
        compte("u2", identifiant="BBB2222BB22", provisoire=later),
        compte("u3", identifiant="CCC2222CC22"),
    ]
    await store.collection("comptes").insert_many([to_row(each) for each in people])
    (found,) = [each async for each in due_expiries(store, NOW)]
    assert found.command == ExpireTemporaryPassword(user_id="u1", generation=3)
    assert "u1/3" in found
    assert NOW in found
    assert len([each async for each in due_expiries(store, NOW + DAY)]) == 2
    assert [each async for each in due_expiries(store, NOW - MILLISECOND)] == []


async def test_due_expiries_are_found_by_their_index(store: Store) -> None:
    query = {"provisoire.expires_at": {"$lte": NOW}}
    plan = await store.collection("comptes").find(query).explain()
    assert "IXSCAN" in str(plan["queryPlanner"]["winningPlan"])


async def test_snapshots_tell_every_account_in_order(store: Store) -> None:
    people = [compte(f"u{n}", identifiant=f"AAA2222AA2{n}", generation=n) for n in (3, 1, 2)]
    await store.collection("comptes").insert_many([to_row(each) for each in people])
    told = [(document.id, fact) async for document, fact in snapshots(store)]
    assert [id for id, _ in told] == ["u1", "u2", "u3"]
    for id, fact in told:
        assert isinstance(fact, UserSnapshot)
        assert (fact.user_id, fact.generation) == (id, int(id[1:]))
        assert b"hash" not in fact.to_json()


async def test_activity_is_noted_once_a_minute_and_never_goes_back(store: Store) -> None:
    sessions = store.collection("sessions")
    await sessions.insert_one(to_row(session(version=1)))

    async def seen() -> Session:
        row = await sessions.find_one({"_id": session().id})
        assert row is not None
        return to_document(row, Session)

    await note_seen(store, session(), NOW + timedelta(seconds=59))
    assert (await seen()).seen_at == NOW
    late, later = NOW + timedelta(minutes=2), NOW + timedelta(minutes=5)
    await note_seen(store, session(), later)
    await note_seen(store, session(), late)
    assert (await seen()).seen_at == later
    assert (await seen()).version == 1


async def test_activity_of_a_session_that_is_gone_makes_none(store: Store) -> None:
    await note_seen(store, session(), NOW + timedelta(minutes=5))
    assert await store.collection("sessions").count_documents({}) == 0


async def test_assertion_is_used_once(store: Store) -> None:
    assert await use_assertion(store, "system/1", NOW)
    assert not await use_assertion(store, "system/1", NOW + DAY)
    assert await use_assertion(store, "other/1", NOW)


async def test_two_accounts_never_have_one_identifiant(store: Store) -> None:
    comptes = store.collection("comptes")
    await comptes.insert_one(to_row(compte("u1", identifiant=IDENTIFIANT)))
    with pytest.raises(Exception, match="E11000") as raised:
        await comptes.insert_one(to_row(compte("u2", identifiant=IDENTIFIANT)))
    assert is_duplicate_key(raised.value)


async def test_account_comes_back_as_it_was_stored(store: Store) -> None:
    before = compte(provisoire=temporary(), signed_in_at=NOW)
    await store.collection("comptes").insert_one(to_row(before))
    row = await store.collection("comptes").find_one({"_id": "u1"})
    assert row is not None
    assert to_document(row, type(before)) == before
