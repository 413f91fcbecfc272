"""Lists of who has access: page by page the same people as decisions one by one."""

import pytest
import pytest_asyncio

from shared.calendrier import day_of
from shared.clock import Clock
from shared.contracts.conventions import CodeService
from shared.droits import liste
from shared.droits.chaine import decide
from shared.droits.lecture import read
from shared.droits.liste import Habilite, who_has_access
from shared.droits.projection import create_indexes
from shared.mongo.client import Store
from tests.shared.droits.telling import Told

TODAY = day_of(Clock.real_now())
CDAP, BAILLEUR = CodeService.CDAP, CodeService.BAILLEUR


@pytest_asyncio.fixture
async def three(store: Store) -> Told:
    """Three conventions of two Caf, five people each, of whom those of even number have CDAP."""
    await create_indexes(store)
    told = Told(store)
    for number, caf in (("19_1", "931"), ("19_2", "931"), ("20_3", "831")):
        await told.open_convention(number, caf=caf)
        await told.sign(number, CDAP, profils=("T1",))
        await told.sign(number, CodeService.ADONIS)
        groupes = [
            await told.open_groupe(number, code, responsable="u0") for code in ("T1", "AD", "T1B")
        ]
        for each in (groupes[0], groupes[2]):
            await told.assign_role(each, CDAP, "T1")
        await told.assign_role(groupes[1], CodeService.ADONIS)
        for n in range(5):
            user_id = f"{number}-u{n}"
            await told.open_account(user_id, number)
            await told.add_to_groupe(user_id, groupes[n % 2])
            if n == 4:
                await told.add_to_groupe(user_id, groupes[2])
    await told.close_account("19_2-u2", "19_2")
    return told


async def everybody(store: Store, limit: int, **which: str) -> list[Habilite]:
    found: list[Habilite] = []
    after: str | None = None
    while True:
        page = await who_has_access(store, CDAP, TODAY, limit=limit, after=after, **which)
        assert len(page.habilites) <= limit
        found += page.habilites
        after = page.after
        if after is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
async def test_pages_put_together_are_those_who_have_access(
    three: Told, store: Store, limit: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(liste, "CHUNK", 2)
    monkeypatch.setattr(liste, "CONVENTIONS", 2)
    found = await everybody(store, limit)
    everyone = sorted(f"{number}-u{n}" for number in ("19_1", "19_2", "20_3") for n in range(5))
    lu = await read(store, everyone)
    entitled = [id for id in everyone if decide(lu.dossier(id), CDAP, TODAY).is_granted]
    assert [each.user_id for each in found] == entitled
    assert len(entitled) == 8
    assert {each.decision.profil for each in found} == {"T1"}
    assert [each.convention_id for each in found] == [id.split("-")[0] for id in entitled]


async def test_of_one_caf_or_of_one_convention(three: Told, store: Store):
    of_caf = await everybody(store, 2, caf="831")
    assert {each.convention_id for each in of_caf} == {"20_3"}
    of_one = await everybody(store, 2, convention_id="19_2")
    assert [each.user_id for each in of_one] == ["19_2-u0", "19_2-u4"]
    assert await everybody(store, 2, convention_id="19_2", caf="831") == []
    assert await everybody(store, 2, convention_id="99_9") == []


async def test_landlords_are_listed_last(three: Told, store: Store):
    await three.sign("19_1", BAILLEUR)
    organisme = await three.open_groupe("19_1", "HLM", responsable="u0")
    await three.assign_role(organisme, BAILLEUR)
    await three.add_to_groupe("19_1-u0", organisme)
    for n in range(3):
        await three.open_account(f"logeur{n}", None, caf="931")
    first = await who_has_access(store, BAILLEUR, TODAY, limit=2)
    rest = await who_has_access(store, BAILLEUR, TODAY, limit=3, after=first.after)
    ids = [each.user_id for each in (*first.habilites, *rest.habilites)]
    assert ids == ["19_1-u0", "logeur0", "logeur1", "logeur2"]
    assert [each.convention_id for each in first.habilites] == ["19_1", None]
    elsewhere = await who_has_access(store, BAILLEUR, TODAY, caf="831")
    assert elsewhere.habilites == ()


@pytest.mark.parametrize("after", ["", "/", "x", "~", "~/~", "19_1/", "\u0000"])
async def test_a_place_that_nobody_gave_is_a_place(three: Told, store: Store, after: str):
    page = await who_has_access(store, CDAP, TODAY, after=after)
    assert len(page.habilites) in {0, 8}


async def test_a_page_reads_no_further_than_it_has_to(
    three: Told, store: Store, monkeypatch: pytest.MonkeyPatch
):
    """A convention may have ten thousand members; mongod gives 101, then 16 MB, if it may."""
    monkeypatch.setattr(liste, "CHUNK", 2)
    members = {"command.projection": {"convention_id": 1}}
    profile = store.collection("system.profile")
    await store.database.command("profile", 2)
    try:
        page = await who_has_access(store, CDAP, TODAY, limit=1)
    finally:
        await store.database.command("profile", 0)
        given = [row["nreturned"] async for row in profile.find(members)]
        await profile.drop()
    assert len(page.habilites) == 1
    assert given == [2]
