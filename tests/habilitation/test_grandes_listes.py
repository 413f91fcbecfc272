"""Pages of large groups: whole, in order, and no dearer than those of small ones."""

from collections.abc import Iterator
from datetime import date

import pytest

from services.habilitation.annuaire import pages, personnes
from services.habilitation.annuaire.pages import PAGE, PageUnknown
from services.habilitation.annuaire.personnes import Filtres, Personnes
from services.habilitation.domain.membre import Membre
from services.habilitation.domain.personne import Personne
from shared.mongo.client import Store
from shared.mongo.documents import to_row
from shared.path.decision import Document
from tests.habilitation.builders import (
    CONVENTION,
    RESPONSABLE,
    TODAY,
    appartenance,
    everywhere,
    groupe,
    membre,
    personne,
)

pytestmark = pytest.mark.connected

PEOPLE, FEW, BATCH = 900, 40, 60
"""People of the large group; of how many all are named; how many are looked at together."""
DAY = date(2025, 3, 6)


def people() -> Iterator[Document]:
    """A convention where two of three are in the group g1, some of the others were."""
    for at in range(PEOPLE + PEOPLE // 2):
        id = f"p{at:04}"
        yield personne(id, nom=f"Nom {at:04}", prenom="Zoé")
        if at % 3 < 2:
            yield membre(id, "g1")
        elif at % 2:
            yield membre(id, appartenance("g1", fin=TODAY))


async def keep(store: Store, *documents: Document) -> None:
    for model in {type(each) for each in documents}:
        rows = [to_row(each) for each in documents if type(each) is model]
        await store.collection(model.COLLECTION).insert_many(rows)


@pytest.fixture
async def large(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(personnes, "FEW", FEW)
    monkeypatch.setattr(pages, "BATCH", BATCH)
    await keep(store, *everywhere(), *people(), groupe("g3"), membre("p0002", "g3"))
    return store


async def all_pages(store: Store, filtres: Filtres) -> list[list[str]]:
    read, found, apres = Personnes(store), [], None
    while True:
        asked = Filtres(nom=filtres.nom, groupe=filtres.groupe, apres=apres)
        fiches, apres = await read.page(RESPONSABLE, CONVENTION, asked, DAY)
        found.append([each.personne.id for each in fiches])
        if apres is None:
            return found


async def test_every_page_of_a_large_group_in_order(large: Store) -> None:
    members = [f"p{at:04}" for at in range(PEOPLE + PEOPLE // 2) if at % 3 < 2]
    shown = await all_pages(large, Filtres(groupe="g1"))
    assert [len(each) for each in shown[:-1]] == [PAGE] * (len(shown) - 1)
    assert [id for page in shown for id in page if id.startswith("p")] == members
    whole = [id for page in await all_pages(large, Filtres()) for id in page]
    assert set(whole) == {*members, "p0002", "membre", RESPONSABLE.id}  # g3 too, and himself
    assert len(whole) == len(set(whole))
    some = await all_pages(large, Filtres(nom="Nom 001"))
    assert some == [["p0010", "p0012", "p0013", "p0015", "p0016", "p0018", "p0019"]]


async def test_nobody_unseen_says_where_a_page_begins(large: Store) -> None:
    for apres in ("p0005", "admin", "leur-simple", "inconnu"):
        with pytest.raises(PageUnknown):
            await Personnes(large).page(RESPONSABLE, CONVENTION, Filtres(apres=apres), DAY)


async def test_a_page_reads_a_few_hundred_documents(large: Store) -> None:
    """Not all of those of the group, whose number is bounded by nothing."""
    database = large.collection(Personne.COLLECTION).database
    await database.command({"profile": 2})
    await Personnes(large).page(RESPONSABLE, CONVENTION, Filtres(groupe="g1"), DAY)
    await database.command({"profile": 0})
    ran = {"ns": {"$in": [f"{database.name}.{each.COLLECTION}" for each in (Personne, Membre)]}}
    read = [row["docsExamined"] async for row in database["system.profile"].find(ran)]
    await database.drop_collection("system.profile")
    assert read
    assert sum(read) < PEOPLE // 2
