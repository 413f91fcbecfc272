"""What habilitation reads of memberships in its store, on a real mongod: what is due, what is."""

from datetime import timedelta

from services.habilitation.domain.membre import Membre
from services.habilitation.store import due, due_membres, snapshots_of_membres
from shared.calendrier import day_of, start_of
from shared.clock import Clock
from shared.contracts.conventions import MOST_APPARTENANCES
from shared.contracts.habilitation import AppartenancesSnapshot
from shared.contracts.habilitation_commands import ApplyAppartenanceDates
from shared.mongo.client import Store
from shared.mongo.documents import to_document, to_row
from shared.operations.schedule import scheduled_id
from tests.habilitation.builders import (
    CONVENTION,
    NOW,
    OPENED,
    TODAY,
    appartenance,
    days,
    membre,
)

DAY = timedelta(days=1)
MILLISECOND = timedelta(milliseconds=1)


async def keep(store: Store, *membres: Membre) -> None:
    await store.collection("membres").insert_many([to_row(each) for each in membres])


async def test_due_are_those_who_come_or_go_that_day_and_of_whom_it_is_not_told(
    store: Store,
) -> None:
    begins = appartenance("g1", TODAY).model_copy(update={"debut_dit": False})
    await keep(
        store,
        membre("u1", begins, seq=4),
        membre("u2", appartenance("g1", days(1))),
        membre("u3", "g2", appartenance("g1", fin=TODAY)),
        membre("u4", appartenance("g1", fin=days(1))),
        membre("u5", appartenance("g1", OPENED, days(-1)).told_at(TODAY), "g2"),
        membre("u6", begins, appartenance("g2", fin=TODAY)),
        membre("u7", "g1", appartenance("g2", days(5), days(9))),
    )
    found = {each.subject: each async for each in due(store, NOW)}
    assert {name: each.command for name, each in found.items()} == {
        name: ApplyAppartenanceDates(convention_id=CONVENTION, user_id=name[:2], day=TODAY)
        for name in ("u1/4", "u3/0", "u6/0")
    }
    assert {each.due_at for each in found.values()} == {start_of(TODAY)}
    yesterday = start_of(TODAY) - MILLISECOND
    assert [each async for each in due_membres(store, yesterday)] == []
    assert len([each async for each in due_membres(store, start_of(days(1)))]) == 5


async def test_what_is_due_is_found_by_its_indexes(store: Store) -> None:
    await keep(store, membre("u1", "g1"))
    came = {"$lte": TODAY.isoformat()}
    query = {
        "$or": [
            {"appartenances": {"$elemMatch": {"debut_dit": False, "debut": came}}},
            {"appartenances": {"$elemMatch": {"fin_dite": False, "fin": came}}},
        ]
    }
    plan = str((await store.collection("membres").find(query).explain())["queryPlanner"])
    assert "COLLSCAN" not in plan.partition("rejectedPlans")[0]


async def test_what_stays_due_is_asked_again_the_next_day(store: Store) -> None:
    await keep(store, membre("u1", appartenance("g1", fin=TODAY)))
    asked = [
        scheduled_id(each)
        for moment in (NOW, NOW, NOW + DAY)
        async for each in due_membres(store, moment)
    ]
    assert asked[0] == asked[1] != asked[2]


async def test_snapshots_tell_everybody_in_order(store: Store) -> None:
    over = appartenance("g3", OPENED, OPENED + DAY)
    people = [membre(f"u{n}", "g1", "g2", over, seq=n) for n in (3, 1, 2)]
    await keep(store, *people, membre("u4", appartenance("g1", debut=days(9))))
    told = [(document.id, fact) async for document, fact in snapshots_of_membres(store, NOW)]
    assert [id for id, _ in told] == ["u1", "u2", "u3", "u4"]
    for id, fact in told:
        assert isinstance(fact, AppartenancesSnapshot)
        assert fact.user_id == id
    _, first = told[0]
    assert isinstance(first, AppartenancesSnapshot)
    assert [each.groupe_id for each in first.appartenances] == ["g1", "g2"]
    assert [each.groupe_id for each in first.passees or ()] == ["g3"]


async def test_snapshots_are_of_the_moment_that_is_asked_for(store: Store) -> None:
    """With a clock ahead, what is over by then is past: it counts no more in the 200 of a fact."""
    change = day_of(Clock.real_now()) + 5 * DAY
    ends = (appartenance(f"a{n}", fin=change) for n in range(MOST_APPARTENANCES))
    begins = (appartenance(f"b{n}", debut=change) for n in range(MOST_APPARTENANCES))
    await keep(store, membre("u1", *ends, *begins))
    ahead = Clock.real_now() + 9 * DAY
    ((_, told),) = [each async for each in snapshots_of_membres(store, ahead)]
    assert isinstance(told, AppartenancesSnapshot)
    assert told.at == ahead
    assert {each.groupe_id[0] for each in told.appartenances} == {"b"}
    assert {each.groupe_id[0] for each in told.passees or ()} == {"a"}


async def test_memberships_are_read_as_they_were_kept(store: Store) -> None:
    begins = appartenance("g1", days(2), days(9))
    kept = membre("u1", begins, appartenance("g2").ended(TODAY, "admin"), accueilli=True)
    await keep(store, kept)
    row = await store.collection("membres").find_one({"_id": "u1"})
    assert row is not None
    assert to_document(row, Membre) == kept
