"""The lists of accounts on a real mongod: what an actor sees, filtered, paged, by an index."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from services.identity import annuaire as lists
from services.identity.annuaire import Annuaire, Filtres, Page
from services.identity.domain.compte import Compte
from services.identity.domain.copies import Appartenance
from services.identity.domain.errors import (
    ConventionUnknown,
    GroupeUnknown,
    NotPermitted,
    UserUnknown,
)
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte, Fonction, GenreCompte
from shared.contracts.conventions import NatureGroupe
from shared.contracts.identity import SERVICE, CommandRefused
from shared.errors import Refusal
from shared.mongo.client import Store
from shared.mongo.documents import to_row
from shared.mongo.unit_of_work import UnitOfWork
from shared.path.decision import Document
from shared.path.group import House
from shared.security.principal import ActorKind, Principal
from tests.identity.builders import (
    AGENT,
    ITSELF,
    NOW,
    agent,
    compte,
    convention,
    groupe,
    membre,
    partner,
)

DAY = day_of(NOW)
YESTERDAY, TOMORROW = date(2025, 3, 5), date(2025, 3, 7)
AUDITOR = Principal(ActorKind.AGENT_CAF, "agent-3")


def person(user_id: str, nom: str, prenom: str, place: int, **own: Any) -> Compte:
    identifiant = f"AAA2222AA{place:02}"
    mail = f"{user_id}@commune.example"
    return compte(user_id, nom=nom, prenom=prenom, identifiant=identifiant, mail=mail, **own)


PEOPLE: tuple[Document, ...] = (
    convention(administrateurs=("admin",)),
    convention("19_300"),
    convention("20_7", caf="831", administrateurs=("leur-admin",)),
    groupe("g1", "resp"),
    groupe("g2", "admin"),
    groupe("g8", "resp", cloture=YESTERDAY),
    groupe("g9", "leur-admin", convention_id="20_7"),
    groupe("h", "admin", nature=NatureGroupe.AFAS_HABILITER),
    groupe("d", "admin", nature=NatureGroupe.AFAS_DECLARER),
    membre("p1", "g1"),
    membre("p2", "g1", "g2"),
    membre("p3", "g2", "g8"),
    membre("afas", "h"),
    membre("p4", "d"),
    membre("leur", "g9", convention_id="20_7"),
    agent(version=1),
    agent("agent-2", caf="831", identifiant="AGT2345AB24"),
    agent("agent-3", fonctions=(Fonction.ACTION_SOCIALE,), identifiant="AGT2345AB25"),
    person("admin", "Zola", "Émile", 1),
    person("resp", "Martin", "Luc", 2),
    person("afas", "Œuvrard", "Jean", 3),
    person("p1", "Été-Durand", "Zoé", 4),
    person("p2", "ete durand", "Alice", 5),
    person("p3", "d'Été", "Ève", 6, cloture=DAY, etat=EtatCompte.OUVERT),
    person("p4", "Éthan", "Bob", 7, ouverture=TOMORROW, etat=EtatCompte.A_OUVRIR),
    person("p5", "Noël", "Guy", 8, convention_id="19_300", cloture=TOMORROW),
    person("leur-admin", "Arnaud", "Paul", 9, convention_id="20_7"),
    person("leur", "Arnaud", "Anne", 10, convention_id="20_7"),
    person("b1", "Roux", "Paul", 11, genre=GenreCompte.BAILLEUR, convention_id=None, caf="931"),
    person("b2", "Roux", "Rose", 12, genre=GenreCompte.BAILLEUR, convention_id=None, caf="831"),
)
OURS = ["p3", "p2", "p1", "p4", "resp", "afas", "admin"]
"""Those of 19_214 by name: d'Été, ete durand Alice, Été-Durand Zoé, Éthan, Martin, Œuvrard…"""


@pytest.fixture
async def annuaire(store: Store) -> Annuaire:
    for each in PEOPLE:
        await store.collection(each.COLLECTION).insert_one(to_row(each))
    return Annuaire(store, UnitOfWork(store, House(SERVICE, "test", CommandRefused), 5.0))


def ids(page: Page) -> list[str]:
    return [each.id for each in page.comptes]


async def listed(annuaire: Annuaire, principal: Principal, **filtres: Any) -> list[str]:
    return ids(await annuaire.users(principal, Filtres(**filtres), DAY))


SEEN: list[tuple[Principal, list[str]]] = [
    (AGENT, [*OURS[:5], "p5", "afas", "b1", "admin"]),
    (Principal(ActorKind.AGENT_CAF, "agent-2"), ["leur", "leur-admin", "b2"]),
    (partner("admin"), OURS),
    (partner("resp"), ["p2", "p1", "resp"]),
    (partner("afas"), ["p4", "afas"]),
    (partner("p1"), ["p1"]),
    (partner("leur-admin"), ["leur", "leur-admin"]),
    (partner("b1"), ["b1"]),
]


async def test_list_is_of_whom_the_actor_may_see(annuaire: Annuaire) -> None:
    for principal, seen in SEEN:
        found = await listed(annuaire, principal)
        assert sorted(found) == sorted(seen), principal
        assert found == [each for each in by_name() if each in seen]


async def test_responsable_lists_whom_he_just_made_and_closed(
    annuaire: Annuaire, store: Store
) -> None:
    opens = {"etat": EtatCompte.A_OUVRIR, "ouverture": TOMORROW}
    ended = Appartenance(groupe_id="g1", debut=date(2025, 1, 6), fin=YESTERDAY)
    before = Appartenance(groupe_id="g1", debut=TOMORROW)
    for each in (
        person("n1", "Nouveau", "Un", 21, groupes_demandes=("g1",), **opens),
        person("n2", "Nouveau", "Deux", 22, **opens),
        membre("n2", appartenances=(before,)),
        person("n3", "Parti", "Trois", 23, cloture=YESTERDAY, etat=EtatCompte.CLOTURE),
        membre("n3", appartenances=(ended,)),
        person("n4", "Muté", "Quatre", 24, groupes_demandes=("g1",)),
        membre("n4", "g2"),
    ):
        await store.collection(each.COLLECTION).insert_one(to_row(each))
    assert {*await listed(annuaire, partner("resp"))} == {"p1", "p2", "resp", "n1", "n2", "n3"}
    found = await listed(annuaire, partner("resp"), groupe="g1", etat=EtatCompte.A_OUVRIR)
    assert found == ["n2", "n1"]
    for user_id in ("n1", "n2", "n3"):
        await annuaire.personne(partner("resp"), user_id, DAY)
    with pytest.raises(UserUnknown):
        await annuaire.personne(partner("resp"), "n4", DAY)


def by_name() -> list[str]:
    people = [each for each in PEOPLE if isinstance(each, Compte)]
    ordered = sorted(people, key=lambda each: (each.nom_cherche, each.prenom_cherche, each.id))
    return [each.id for each in ordered]


async def test_list_and_detail_say_the_same(annuaire: Annuaire) -> None:
    """Who is listed is shown, who is not is unknown: for every actor, every account."""
    people = [each for each in PEOPLE if isinstance(each, Compte)]
    for actor in people:
        genre = GenreCompte.AGENT_CAF
        kind = ActorKind.AGENT_CAF if actor.genre is genre else ActorKind.PARTENAIRE
        principal = Principal(kind, actor.id)
        if principal in {AUDITOR, partner("p3"), partner("p4")}:  # may nothing, closed, to come
            continue
        seen = set(await listed(annuaire, principal))
        if kind is ActorKind.AGENT_CAF:
            seen |= set(ids(await annuaire.agents(principal, Filtres(), DAY)))
        shown = {each.id for each in people if await may_see(annuaire, principal, each.id)}
        assert shown == seen, actor.id


async def may_see(annuaire: Annuaire, principal: Principal, user_id: str) -> bool:
    try:
        await annuaire.personne(principal, user_id, DAY)
    except UserUnknown:
        return False
    return True


async def test_who_may_nothing_gets_no_list(annuaire: Annuaire) -> None:
    for principal in (AUDITOR, ITSELF, partner("p3"), partner("p4"), partner("z")):
        with pytest.raises(NotPermitted):
            await listed(annuaire, principal)
        with pytest.raises(NotPermitted):
            await annuaire.agents(principal, Filtres(), DAY)


FILTERED: list[tuple[dict[str, Any], list[str]]] = [
    ({"nom": "ETE"}, ["p2", "p1"]),
    ({"nom": "été-d"}, ["p2", "p1"]),
    ({"nom": "eth"}, ["p4"]),
    ({"nom": "oe"}, ["afas"]),
    ({"nom": "ete", "prenom": "zo"}, ["p1"]),
    ({"nom": "'"}, OURS),
    ({"nom": "$gt"}, []),
    ({"nom": ".*"}, OURS),
    ({"identifiant": "aaa 2222 aa04"}, ["p1"]),
    ({"identifiant": "AAA2222"}, OURS),
    ({"identifiant": "Z"}, []),
    ({"groupe": "g1"}, ["p2", "p1"]),
    ({"groupe": "g8"}, ["p3"]),
    ({"groupe": "g1", "nom": "ete", "prenom": "a"}, ["p2"]),
    ({"etat": EtatCompte.CLOTURE}, ["p3"]),
    ({"etat": EtatCompte.A_OUVRIR}, ["p4"]),
    ({"etat": EtatCompte.OUVERT}, ["p2", "p1", "resp", "afas", "admin"]),
    ({"convention_id": "19_214"}, OURS),
]


async def test_filters(annuaire: Annuaire) -> None:
    for filtres, found in FILTERED:
        assert await listed(annuaire, partner("admin"), **filtres) == found, filtres
        asked = {"convention_id": "19_214"} | filtres
        assert await listed(annuaire, AGENT, **asked) == found, filtres


OF_OTHERS: list[tuple[Principal, dict[str, Any], type[Refusal]]] = [
    (partner("admin"), {"convention_id": "20_7"}, ConventionUnknown),
    (partner("admin"), {"convention_id": "21_9"}, ConventionUnknown),
    (AGENT, {"convention_id": "20_7"}, ConventionUnknown),
    (partner("admin"), {"groupe": "g9"}, GroupeUnknown),
    (partner("admin"), {"groupe": "g99"}, GroupeUnknown),
    (AGENT, {"groupe": "g9"}, GroupeUnknown),
    (partner("resp"), {"groupe": "g2"}, GroupeUnknown),
    (partner("admin"), {"apres": "leur"}, UserUnknown),
    (partner("admin"), {"apres": "personne"}, UserUnknown),
]


async def test_what_is_of_others_is_answered_as_unknown(annuaire: Annuaire) -> None:
    for principal, filtres, refusal in OF_OTHERS:
        with pytest.raises(refusal):
            await listed(annuaire, principal, **filtres)


async def test_pages_follow_one_another_without_hole_or_repeat(
    annuaire: Annuaire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    found: list[str] = []
    after = None
    while True:
        page = await annuaire.users(partner("admin"), Filtres(apres=after), DAY)
        found += ids(page)
        after = page.suivant
        if after is None:
            break
        assert len(page.comptes) == 2
    assert found == OURS


async def test_internal_accounts_are_listed_to_agents_of_their_caf(annuaire: Annuaire) -> None:
    assert ids(await annuaire.agents(AGENT, Filtres(), DAY)) == ["agent-1", "agent-3"]
    assert ids(await annuaire.agents(AGENT, Filtres(nom="x"), DAY)) == []


async def test_lists_are_found_and_ordered_by_an_index(store: Store, annuaire: Annuaire) -> None:
    """Whatever the actor and the name: no scan of the collection, no sort in memory."""
    own = {"convention_id": "19_214"}
    landlords = {"caf": "931", "genre": "bailleur"}
    seen: Iterable[dict[str, Any]] = (
        own,
        {"$or": [{"convention_id": {"$in": ["19_214", "19_300"]}}, landlords]},
        {"caf": "931", "genre": "agent_caf"},
    )
    filters = (Filtres(), Filtres(nom="ete"), Filtres(nom="ete", etat=EtatCompte.OUVERT))
    for condition in seen:
        for filtres in filters:
            query = {"$and": [condition, *lists._filters(filtres, DAY)]}
            plan = await winning_plan(store, "comptes", query)
            assert "COLLSCAN" not in plan
            assert "'SORT'" not in plan or filtres.etat is not None  # then the planner chooses
    resumed = {"$and": [own, lists._after(person("p1", "Été", "Zoé", 4))]}
    plan = await winning_plan(store, "comptes", resumed)
    assert "'SORT'" not in plan
    assert "ete" in plan.partition("indexBounds")[2]


READ: list[tuple[str, dict[str, Any]]] = [
    ("droits", {"responsable_id": "resp"}),
    ("droits", {"convention_id": "19_214", "nature": "afas_declarer"}),
    ("droits", {"appartenances.groupe_id": {"$in": ["g1"]}}),
    ("comptes", {"$or": [{"_id": {"$in": ["p1"]}}, {"groupes_demandes": {"$in": ["g1"]}}]}),
    ("comptes", {"caf": "931"}),
    ("conventions", {"caf": "931"}),
    ("comptes", {"etat": "a_ouvrir", "ouverture": {"$lte": "2025-03-06"}}),
    ("comptes", {"etat": {"$in": ["a_ouvrir", "ouvert"]}, "cloture": {"$lte": "2025-03-06"}}),
]


async def test_what_else_is_read_is_found_by_an_index(store: Store) -> None:
    for collection, query in READ:
        plan = await winning_plan(store, collection, query, ordered=False)
        assert "IXSCAN" in plan, query
        assert "COLLSCAN" not in plan


async def winning_plan(
    store: Store, collection: str, query: dict[str, Any], *, ordered: bool = True
) -> str:
    cursor = store.collection(collection).find(query)
    if ordered:
        cursor = cursor.sort([(name, 1) for name in lists._ORDER]).limit(lists.PAGE + 1)
    return str((await cursor.explain())["queryPlanner"]["winningPlan"])
