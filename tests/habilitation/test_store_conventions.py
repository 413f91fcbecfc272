"""What is due and what is told again of conventions, on a real mongod."""

from datetime import timedelta
from typing import Any

from services.habilitation.domain.convention import Convention
from services.habilitation.store import due_conventions, snapshots_of_conventions
from shared.calendrier import start_of
from shared.contracts.conventions import EtatConvention
from shared.contracts.habilitation import ConventionSnapshot
from shared.contracts.habilitation_commands import ApplyConventionDates
from shared.mongo.client import Store
from shared.mongo.documents import to_document, to_row
from shared.operations.schedule import scheduled_id
from tests.habilitation.builders import NOW, TODAY, convention, days, their_convention
from tests.habilitation.signing import TOMORROW

WAITS: dict[str, Any] = {"etat": EtatConvention.A_SIGNER, "validee": True}


async def keep(store: Store, *conventions: Convention) -> None:
    await store.collection("conventions").insert_many([to_row(each) for each in conventions])


async def test_due_are_the_days_that_came_and_are_not_told(store: Store) -> None:
    await keep(
        store,
        convention("20_1", **WAITS, ouverture=TODAY, seq=4),
        convention("20_2", **WAITS, ouverture=days(1)),
        convention("20_3", etat=EtatConvention.A_SIGNER, validee=False, ouverture=TODAY),
        convention("20_4", etat=EtatConvention.BROUILLON, ouverture=TODAY),
        convention("20_5", cloture=TODAY, seq=7),
        convention("20_6", etat=EtatConvention.SUSPENDUE, cloture=days(-3)),
        convention("20_7", etat=EtatConvention.BROUILLON, cloture=TODAY),
        convention("20_8", cloture=days(1)),
        convention("20_9", etat=EtatConvention.CLOTUREE, cloture=TODAY),
        convention("20_10"),
    )
    found = {each.subject: each async for each in due_conventions(store, NOW)}
    assert set(found) == {"20_1/4", "20_5/7", "20_6/0", "20_7/0"}
    assert found["20_1/4"].command == ApplyConventionDates(convention_id="20_1", day=TODAY)
    assert {each.due_at for each in found.values()} == {start_of(TODAY)}
    before = start_of(TODAY) - timedelta(milliseconds=1)
    assert [each.subject async for each in due_conventions(store, before)] == ["20_6/0"]


async def test_what_is_due_is_asked_once_a_day_and_anew_once_it_changed(store: Store) -> None:
    await keep(store, convention("20_1", **WAITS, ouverture=TODAY, seq=4))

    async def asked(moment: Any) -> str:
        (each,) = [each async for each in due_conventions(store, moment)]
        return scheduled_id(each)

    first = await asked(NOW)
    assert await asked(NOW) == first
    assert await asked(TOMORROW) != first
    await store.collection("conventions").update_one({"_id": "20_1"}, {"$inc": {"seq": 1}})
    assert await asked(NOW) != first


async def test_due_days_are_found_by_their_indexes(store: Store) -> None:
    conventions, day = store.collection("conventions"), TODAY.isoformat()
    for query in (
        {"etat": EtatConvention.A_SIGNER, "validee": True, "ouverture": {"$lte": day}},
        {"etat": {"$in": [EtatConvention.OUVERTE]}, "cloture": {"$lte": day}},
    ):
        plan = await conventions.find(query).explain()
        assert "IXSCAN" in str(plan["queryPlanner"]["winningPlan"])


async def test_snapshots_tell_every_convention_as_it_is(store: Store) -> None:
    await keep(store, their_convention(), convention())
    told = [(document.id, fact) async for document, fact in snapshots_of_conventions(store, NOW)]
    assert [id for id, _ in told] == ["19_214", "20_7"]
    for id, fact in told:
        assert isinstance(fact, ConventionSnapshot)
        assert fact.convention_id == id
        assert fact.etat == EtatConvention.OUVERTE
    assert told[0][1].model_dump()["administrateurs"] == ("admin", "suppleant")


async def test_a_convention_comes_back_as_it_was_stored(store: Store) -> None:
    await keep(store, convention(cloture=days(9)))
    row = await store.collection("conventions").find_one({"_id": "19_214"})
    assert row is not None
    assert to_document(row, Convention) == convention(cloture=days(9))
