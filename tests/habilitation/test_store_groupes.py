"""What is due and what is told again of groups, on a real mongod."""

from datetime import timedelta
from typing import Any

from services.habilitation.domain.groupe import Groupe, RoleRetire
from services.habilitation.store import due_groupes, snapshots_of_groupes
from shared.calendrier import start_of
from shared.contracts import conventions as mots
from shared.contracts.habilitation import GroupeSnapshot
from shared.contracts.habilitation_commands import ApplyGroupeDates
from shared.mongo.client import Store
from shared.mongo.documents import to_document, to_row
from shared.operations.schedule import scheduled_id
from tests.habilitation.builders import CONVENTION, NOW, TODAY, days, groupe, role

DAY = timedelta(days=1)


async def keep(store: Store, *groupes: Groupe) -> None:
    await store.collection("groupes").insert_many([to_row(each) for each in groupes])


async def test_due_are_the_days_that_came_and_are_not_told(store: Store) -> None:
    await keep(
        store,
        groupe("opens", ouverture=TODAY, ouverture_dite=False, seq=4),
        groupe("opens-later", ouverture=days(1), ouverture_dite=False),
        groupe("closes", cloture=TODAY, seq=7),
        groupe("closes-later", cloture=days(1)),
        groupe("closed", cloture=TODAY, cloture_dite=True),
        groupe("deleted", cloture=TODAY, cloture_dite=True, supprime=True),
        groupe("goes-on"),
    )
    found = {each.subject: each async for each in due_groupes(store, NOW)}
    assert {name: each.command for name, each in found.items()} == {
        name: ApplyGroupeDates(convention_id=CONVENTION, groupe_id=name.split("/")[0], day=TODAY)
        for name in ("opens/4", "closes/7")
    }
    assert {each.due_at for each in found.values()} == {start_of(TODAY)}
    before = start_of(TODAY) - timedelta(milliseconds=1)
    assert [each async for each in due_groupes(store, before)] == []


async def test_what_is_due_is_asked_once_a_day_and_anew_once_it_changed(store: Store) -> None:
    await keep(store, groupe("closes", cloture=TODAY, seq=7))

    async def asked(moment: Any) -> str:
        (each,) = [each async for each in due_groupes(store, moment)]
        return scheduled_id(each)

    first = await asked(NOW)
    assert await asked(NOW) == first
    assert await asked(NOW + DAY) != first
    await store.collection("groupes").update_one({"_id": "closes"}, {"$inc": {"seq": 1}})
    assert await asked(NOW) != first


async def test_due_days_are_found_by_their_indexes(store: Store) -> None:
    day = TODAY.isoformat()
    for field in ("ouverture", "cloture"):
        query = {f"{field}_dite": False, field: {"$lte": day}}
        plan = await store.collection("groupes").find(query).explain()
        assert "IXSCAN" in str(plan["queryPlanner"]["winningPlan"])


async def test_snapshots_tell_every_group_as_it_is(store: Store) -> None:
    withdrawn = RoleRetire(role=role("T1"), at=NOW, par="admin")
    await keep(
        store,
        groupe("g2", role_retire=withdrawn, parent_id="g1", niveau=2),
        groupe("g1", role=role("T1"), cloture=days(9)),
        groupe("g3", supprime=True, cloture=TODAY),
    )
    told = [(document.id, fact) async for document, fact in snapshots_of_groupes(store, NOW)]
    assert [id for id, _ in told] == ["g1", "g2", "g3"]
    facts = {id: fact for id, fact in told if isinstance(fact, GroupeSnapshot)}
    assert (facts["g1"].role, facts["g1"].cloture) == (
        mots.Role(service="cdap", profil="T1"),
        days(9),
    )
    retired = facts["g2"].role_retire
    assert retired is not None
    assert (facts["g2"].role, retired.at, retired.par) == (None, NOW, "admin")
    assert (facts["g2"].parent_id, facts["g2"].niveau) == ("g1", 2)
    assert facts["g3"].cloture == TODAY


async def test_a_group_comes_back_as_it_was_stored(store: Store) -> None:
    kept = groupe(
        "g1",
        role=role("T1"),
        role_retire=RoleRetire(role=role("T2"), at=NOW, par="admin"),
        cloture=days(9),
        sous_groupes=2,
        adhesions=3,
    )
    await keep(store, kept)
    row = await store.collection("groupes").find_one({"_id": "g1"})
    assert row is not None
    assert to_document(row, Groupe) == kept
