"""What identity reads of its store, on a real mongod."""

from datetime import date, timedelta

import pytest

from services.identity.domain.session import Session
from services.identity.migrations.v0003_annuaire import V0003
from services.identity.store import (
    due,
    due_dates,
    due_expiries,
    note_seen,
    snapshots,
    use_assertion,
)
from shared.calendrier import day_of, start_of
from shared.contracts.comptes import EtatCompte
from shared.contracts.identity import UserSnapshot
from shared.contracts.identity_commands import ApplyDates, ExpireTemporaryPassword
from shared.mongo.client import Store, is_duplicate_key
from shared.mongo.documents import to_document, to_row
from shared.operations.schedule import scheduled_id
from tests.identity.builders import DAY, IDENTIFIANT, NOW, compte, convention, session, temporary

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


async def test_due_dates_are_those_that_came_and_are_not_told(store: Store) -> None:
    today, tomorrow = date(2025, 3, 6), date(2025, 3, 7)
    coming = {"etat": EtatCompte.A_OUVRIR, "generation": 0}
    people = [
        compte("u1", identifiant="AAA2222AA22", ouverture=today, seq=4, **coming),
        compte("u2", identifiant="AAA2222AA23", ouverture=tomorrow, **coming),
        compte("u3", identifiant="AAA2222AA24", cloture=today),
        compte("u4", identifiant="AAA2222AA25", cloture=tomorrow),
        compte("u5", identifiant="AAA2222AA26", cloture=today, etat=EtatCompte.CLOTURE),
        compte("u6", identifiant="AAA2222AA27"),
    ]
    await store.collection("comptes").insert_many([to_row(each) for each in people])
    found = {each.subject: each async for each in due(store, NOW)}
    assert {name: each.command for name, each in found.items()} == {
        "u1/4": ApplyDates(user_id="u1", day=today),
        "u3/0": ApplyDates(user_id="u3", day=today),
    }
    assert {each.due_at for each in found.values()} == {start_of(today)}
    before = [each async for each in due_dates(store, start_of(today) - MILLISECOND)]
    assert before == []
    assert len([each async for each in due_dates(store, start_of(tomorrow))]) == 4


async def test_accounts_of_before_are_searched_and_written_to_like_others(store: Store) -> None:
    row = to_row(compte(nom="Œuvrard"))
    for name in ("nom_cherche", "prenom_cherche", "emission", "actes"):
        del row[name]
    await store.collection("comptes").insert_one(row)
    await V0003.apply(store)
    after = await store.collection("comptes").find_one({"_id": "u1"})
    assert after is not None
    assert (after["nom_cherche"], after["emission"]) == ("oeuvrard", 1)
    await V0003.apply(store)


async def test_snapshots_tell_every_account_in_order(store: Store) -> None:
    people = [compte(f"u{n}", identifiant=f"AAA2222AA2{n}", generation=n) for n in (3, 1, 2)]
    await store.collection("comptes").insert_many([to_row(each) for each in people])
    told = [(document.id, fact) async for document, fact in snapshots(store, NOW)]
    assert [id for id, _ in told] == ["u1", "u2", "u3"]
    for id, fact in told:
        assert isinstance(fact, UserSnapshot)
        assert (fact.user_id, fact.generation) == (id, int(id[1:]))
        assert b"hash" not in fact.to_json()


async def test_snapshot_of_a_partner_tells_the_caf_of_the_convention(store: Store) -> None:
    await store.collection("conventions").insert_one(to_row(convention(caf="831")))
    await store.collection("comptes").insert_one(to_row(compte(caf=None)))
    ((_, told),) = [each async for each in snapshots(store, NOW)]
    assert isinstance(told, UserSnapshot)
    assert told.caf == "831"


async def test_what_stays_due_is_asked_again_the_next_day(store: Store) -> None:
    today = day_of(NOW)
    await store.collection("comptes").insert_one(to_row(compte(cloture=today)))
    asked = [
        scheduled_id(each)
        for moment in (NOW, NOW, NOW + DAY)
        async for each in due_dates(store, moment)
    ]
    assert asked[0] == asked[1] != asked[2]


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
