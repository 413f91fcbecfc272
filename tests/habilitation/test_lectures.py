"""What each actor reads of conventions, groups and people: the screens' columns and filters."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from services.habilitation.annuaire.pages import PAGE
from services.habilitation.store import COLLECTIONS
from shared.contracts.comptes import EtatCompte, GenreCompte
from shared.contracts.conventions import EtatConvention
from shared.contracts.habilitation import SERVICE
from shared.security.principal import ActorKind, Principal
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    AUDITOR,
    CAF,
    CONVENTION,
    HABILITEUR,
    ITSELF,
    MEMBRE,
    OTHER_AGENT,
    OTHER_CONVENTION,
    RESPONSABLE,
    SIMPLE,
    THEIR_ADMIN,
    appartenance,
    convention,
    groupe,
    membre,
    partner,
    personne,
    role,
)
from tests.habilitation.running import Running

pytestmark = [pytest.mark.connected, pytest.mark.timeout(120)]

OURS = f"/conventions/{CONVENTION}"
THEIRS = f"/conventions/{OTHER_CONVENTION}"
PAST, FUTURE = date(2025, 2, 1), date.today() + timedelta(days=90)  # noqa: DTZ011 - a test's own day
LANDLORD = Principal(ActorKind.PARTENAIRE, "bailleur")
CLOSED = partner("parti")
UNKNOWN = partner("inconnu")


def ids(page: dict[str, Any], name: str, field: str) -> list[str]:
    return [each[field] for each in page[name]]


def conventions(page: dict[str, Any]) -> list[str]:
    return ids(page, "conventions", "convention_id")


def groupes(page: dict[str, Any]) -> list[str]:
    return ids(page, "groupes", "groupe_id")


def people(page: dict[str, Any]) -> list[str]:
    return ids(page, "utilisateurs", "user_id")


async def refused(habilitation: Running, path: str, by: Principal, /, **params: str) -> str:
    """The code with which a reading is refused."""
    answer = await habilitation.ask("GET", path, by=by, key=None, params=params)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    code: str = answer.json()["code"]
    return code


async def test_who_sees_which_conventions(habilitation: Running) -> None:
    habilitation.put(
        personne("parti", etat=EtatCompte.CLOTURE),
        personne("bailleur", genre=GenreCompte.BAILLEUR, convention_id=None),
    )
    for by, seen in ((AGENT, CONVENTION), (ADMIN, CONVENTION), (OTHER_AGENT, OTHER_CONVENTION)):
        assert conventions(await habilitation.read("/conventions", by)) == [seen]
        other = THEIRS if seen == CONVENTION else OURS
        assert await refused(habilitation, other, by) == "convention_inconnue"
        assert await refused(habilitation, "/conventions/99_9", by) == "convention_inconnue"
    for by in (RESPONSABLE, HABILITEUR):  # the way to his groups
        assert conventions(await habilitation.read("/conventions", by)) == [CONVENTION]
        assert await refused(habilitation, OURS, by) == "non_permis", by
        assert await refused(habilitation, THEIRS, by) == "convention_inconnue", by
    for by in (MEMBRE, SIMPLE, AUDITOR, CLOSED, LANDLORD, UNKNOWN, ITSELF):
        for path in ("/conventions", OURS):
            assert await refused(habilitation, path, by) == "non_permis", by
    for path in ("/conventions", OURS, f"{OURS}/groupes", f"{OURS}/utilisateurs"):
        answer = await habilitation.ask("GET", path, by=None)
        assert (answer.status_code, answer.json()["code"]) == (401, "jeton_absent")


async def test_conventions_are_listed_with_their_columns(habilitation: Running) -> None:
    habilitation.put(
        convention("21_1", organisme="Âge d’or", siret="21930001900011", type_organisme="asso"),
        convention("21_2", organisme="École bleue", etat=EtatConvention.SUSPENDUE),
        convention("21_3", organisme="Zénith", cloture=PAST),
        convention("21_4", organisme="Crèche", etat=EtatConvention.A_SIGNER, ouverture=PAST),
        convention(
            "21_5", organisme="Foyer", etat=EtatConvention.A_SIGNER, validee=False, ouverture=PAST
        ),
    )
    page = await habilitation.read("/conventions", AGENT)
    assert conventions(page) == ["21_1", "21_4", "21_2", "21_5", CONVENTION, "21_3"]
    assert page["conventions"][0] == {
        "convention_id": "21_1",
        "libelle": "21_1 Âge d’or",
        "caf": CAF,
        "partenaire": "Âge d’or",
        "siret": "21930001900011",
        "type_organisme": "asso",
        "ouverture": "2025-01-06",
        "cloture": None,
        "etat": "ouverte",
        "validee": True,
    }
    for params, found in (
        ({"libelle": "21_"}, ["21_1", "21_4", "21_2", "21_5", "21_3"]),
        ({"type_organisme": "asso"}, ["21_1"]),
        ({"statut": "ouverte"}, ["21_1", "21_4", CONVENTION]),
        ({"statut": "suspendue"}, ["21_2"]),
        ({"statut": "cloturee"}, ["21_3"]),
        ({"statut": "a_signer"}, ["21_5"]),
        ({"statut": "brouillon"}, []),
        ({"partenaire": "ecole"}, ["21_2"]),
        ({"partenaire": "21930001900011"}, ["21_1"]),
        ({"partenaire": "e", "statut": "ouverte"}, []),
    ):
        assert conventions(await habilitation.read("/conventions", AGENT, **params)) == found


async def test_lists_come_page_by_page(habilitation: Running) -> None:
    many = [f"30_{number}" for number in range(PAGE + 3)]
    habilitation.put(
        *(convention(each, organisme="Même nom") for each in many),
        *(groupe(f"p{each}", code=f"P{each}") for each in many),
        *(personne(f"u{each}", nom="Même", prenom="Nom") for each in many),
        *(membre(f"u{each}", "p30_0") for each in many),
    )
    for path, name, id, params in (
        ("/conventions", "conventions", "convention_id", {"partenaire": "meme"}),
        (f"{OURS}/groupes", "groupes", "groupe_id", {"code": "p"}),
        (f"{OURS}/utilisateurs", "utilisateurs", "user_id", {"nom": "même"}),
        (f"{OURS}/groupes/p30_0/membres", "utilisateurs", "user_id", {}),
    ):
        first = await habilitation.read(path, AGENT, **params)
        assert len(first[name]) == PAGE
        second = await habilitation.read(path, AGENT, **params, apres=first["suivant"])
        assert second["suivant"] is None
        found = ids(first, name, id) + ids(second, name, id)
        assert len(found) == len(set(found)) == PAGE + 3
        assert found == sorted(found)
        other = "30_999" if name == "conventions" else "leur-simple"
        assert await refused(habilitation, path, AGENT, **params, apres=other) == "page_inconnue"


async def test_convention_in_detail(habilitation: Running) -> None:
    shown = await habilitation.read(OURS)
    assert shown["gestion_deleguee"] is True
    assert [each["user_id"] for each in shown["administrateurs"]] == ["admin", "suppleant"]
    assert shown["administrateurs"][0]["nom"] == "Admin"
    cdap = shown["services"][0]
    assert (cdap["service"], cdap["ouvert"], len(cdap["profils"])) == ("cdap", True, 3)
    assert cdap["profils"][2]["condition_confirmee"] is False
    habilitation.put(
        convention("21_1", etat=EtatConvention.SUSPENDUE), convention("21_2", contrat=None)
    )
    for number in ("21_1", "21_2"):
        shown = await habilitation.read(f"/conventions/{number}", AGENT)
        assert {each["ouvert"] for each in shown["services"]} == {False}


async def test_who_sees_which_groups(habilitation: Running) -> None:
    whole = ["declarer", "habiliter", "g1", "g2"]
    for by, seen in (
        (AGENT, whole),
        (ADMIN, whole),
        (RESPONSABLE, ["g1"]),
        (HABILITEUR, ["declarer"]),
        (partner("autre-resp"), ["g2"]),
    ):
        assert groupes(await habilitation.read(f"{OURS}/groupes", by)) == seen
        for each in whole:
            path = f"{OURS}/groupes/{each}"
            if each in seen:
                assert (await habilitation.read(path, by))["groupe_id"] == each
            else:
                assert await refused(habilitation, path, by) == "groupe_inconnu"
    for by in (MEMBRE, SIMPLE, AUDITOR, UNKNOWN):
        assert await refused(habilitation, f"{OURS}/groupes", by) == "non_permis"
    for by in (OTHER_AGENT, THEIR_ADMIN):
        for path in ("groupes", "groupes/g1", "groupes/g1/membres", "utilisateurs"):
            assert await refused(habilitation, f"{OURS}/{path}", by) == "convention_inconnue"
    for each in ("g9", "inconnu"):  # a group of others is none
        assert await refused(habilitation, f"{OURS}/groupes/{each}", ADMIN) == "groupe_inconnu"


async def test_groups_are_listed_with_their_columns(habilitation: Running) -> None:
    habilitation.put(
        groupe("clos", cloture=PAST),
        groupe("futur", ouverture=FUTURE),
        groupe("supprime", supprime=True, cloture=PAST),
        groupe("sous", code="T1-SOUS", parent_id="g1", niveau=2, role=role("T1")),
        membre("simple", appartenance("sous", FUTURE), appartenance("g2", fin=PAST)),
    )
    lines = await habilitation.read(f"{OURS}/groupes")
    assert groupes(lines) == ["declarer", "habiliter", "clos", "futur", "g1", "g2", "sous"]
    line = next(each for each in lines["groupes"] if each["groupe_id"] == "sous")
    actions = line.pop("actions")
    assert line == {
        "groupe_id": "sous",
        "code": "T1-SOUS",
        "libelle": "Groupe sous",
        "niveau": 2,
        "nature": "partenaire",
        "ouverture": "2025-01-06",
        "cloture": None,
        "statut": "ouvert",
        "role": {"service": "cdap", "profil": "T1"},
        "responsable_id": "resp",
    }
    assert {"gerer_membres", "attribuer_role", "supprimer_groupe"} < set(actions)
    for params, found in (
        ({"code": "t1-"}, ["sous"]),
        ({"libelle": "t1 assis"}, ["g1"]),
        ({"statut": "cloture"}, ["clos"]),
        ({"statut": "a_venir"}, ["futur"]),
        ({"statut": "ouvert", "code": "g"}, ["g1", "g2"]),
        ({"utilisateur": "membre"}, ["g1"]),
        ({"utilisateur": "simple"}, ["sous"]),
        ({"utilisateur": "admin"}, []),
    ):
        assert groupes(await habilitation.read(f"{OURS}/groupes", **params)) == found, params
    for user_id, by in (("leur-simple", ADMIN), ("inconnu", ADMIN), ("habiliteur", RESPONSABLE)):
        path = f"{OURS}/groupes"
        assert await refused(habilitation, path, by, utilisateur=user_id) == "compte_inconnu"
    detail = await habilitation.read(f"{OURS}/groupes/sous")
    assert detail["parent"]["groupe_id"] == "g1"
    assert detail["responsable"] == {"user_id": "resp", "nom": "Resp", "prenom": "Zoé"}
    habilitation.put(groupe("sien", "autre-resp", parent_id="g1", niveau=2))
    shown = await habilitation.read(f"{OURS}/groupes/sien", partner("autre-resp"))
    assert (shown["niveau"], shown["parent"]) == (2, None)  # that of another responsable


async def test_screens_offer_what_the_rights_allow(habilitation: Running) -> None:
    """The icons that users should not see: on the Caf's groups, for a responsable, for an agent."""
    by_group: dict[str, dict[str, set[str]]] = {}
    for by in (ADMIN, RESPONSABLE, HABILITEUR, AGENT):
        page = await habilitation.read(f"{OURS}/groupes", by)
        by_group[by.id] = {each["groupe_id"]: set(each["actions"]) for each in page["groupes"]}
    assert by_group["admin"]["habiliter"] == {"consulter"}
    assert by_group["admin"]["declarer"] == {"consulter", "gerer_membres"}
    assert not by_group["resp"]["g1"] & {"supprimer_groupe", "cloturer_groupe"}
    assert by_group["habiliteur"]["declarer"] == {"consulter", "gerer_membres"}
    assert by_group["agent"]["g1"] == {"consulter"}
    assert "nommer_responsable" in by_group["agent"]["habiliter"]


async def test_who_sees_which_people(habilitation: Running) -> None:
    habilitation.put(membre("simple", appartenance("g1", FUTURE), appartenance("g2", fin=PAST)))
    ours = ["admin", "autre-resp", "habiliteur", "membre", "resp", "simple", "suppleant"]
    for by, seen in (
        (AGENT, ours),
        (ADMIN, ours),
        (RESPONSABLE, ["membre", "resp", "simple"]),
        (partner("autre-resp"), ["autre-resp"]),
        (MEMBRE, ["membre"]),
    ):
        assert sorted(people(await habilitation.read(f"{OURS}/utilisateurs", by))) == seen
        for each in (*ours, "leur-simple", "inconnu"):
            path = f"/utilisateurs/{each}"
            if each in seen:
                assert (await habilitation.read(path, by))["user_id"] == each
            else:
                assert await refused(habilitation, path, by) == "compte_inconnu"
    for each in ("membre", "inconnu"):
        assert await refused(habilitation, f"/utilisateurs/{each}", AUDITOR) == "non_permis"


async def test_people_are_listed_with_their_groups(habilitation: Running) -> None:
    habilitation.put(
        membre("simple", appartenance("g1", FUTURE), appartenance("g2", fin=PAST)),
        personne("leon", nom="Légér", prenom="Léon"),
        membre("leon", "g1", "g2"),
    )
    path = f"{OURS}/utilisateurs"
    for params, found in (
        ({"nom": "leg"}, ["leon"]),
        ({"prenom": "LÉO"}, ["leon"]),
        ({"groupe": "g1"}, ["leon", "membre", "simple"]),
        ({"groupe": "g2"}, ["leon"]),
    ):
        assert people(await habilitation.read(path, **params)) == found
    assert people(await habilitation.read(f"{OURS}/groupes/g1/membres")) == [
        "leon",
        "membre",
        "simple",
    ]
    for by, groupe_id in ((ADMIN, "g9"), (ADMIN, "inconnu"), (RESPONSABLE, "g2")):
        assert await refused(habilitation, path, by, groupe=groupe_id) == "groupe_inconnu"
    # a responsable learns of no other group
    page = await habilitation.read(path, RESPONSABLE, nom="leg")
    told = page["utilisateurs"][0]["appartenances"]
    assert [each["groupe"]["groupe_id"] for each in told] == ["g1"]
    shown = await habilitation.read("/utilisateurs/simple", SIMPLE)
    assert [(each["groupe"]["code"], each["etat"]) for each in shown["appartenances"]] == [
        ("G1", "a_venir"),
        ("G2", "finie"),
    ]


async def test_no_reading_looks_at_a_whole_collection(habilitation: Running) -> None:
    """Each question is served by an index, whoever asks it."""
    database = habilitation.platform.database(SERVICE)
    asked = (
        "/conventions?partenaire=mairie&statut=ouverte",
        OURS,
        f"{OURS}/groupes?code=g&libelle=t1&utilisateur=membre&apres=g1",
        f"{OURS}/groupes/g1",
        f"{OURS}/groupes/g1/membres",
        f"{OURS}/utilisateurs?nom=m&groupe=g1",
        f"{OURS}/tableau-de-bord",
        "/utilisateurs/membre",
        "/utilisateurs/membre/services/cdap",
        "/moi/services",
    )
    database.command("profile", 2)
    try:
        for by, path in product((AGENT, ADMIN, RESPONSABLE), asked):
            answer = await habilitation.ask("GET", path, by=by, key=None)
            assert answer.status_code < 500, answer.text
    finally:
        database.command("profile", 0)
    documents = {f"{database.name}.{name}" for name in COLLECTIONS}
    seen = [
        (row["ns"], row.get("planSummary", ""))
        for row in database["system.profile"].find({"op": {"$in": ["query", "getmore", "command"]}})
        if row["ns"] in documents
    ]
    assert len(seen) > len(asked)
    assert {each for each in seen if "COLLSCAN" in each[1]} == set()


async def test_screens_have_their_lists(habilitation: Running) -> None:
    told = await habilitation.read("/referentiel", SIMPLE)
    assert {"T1", "T2"} <= {each["code"] for each in told["profils"]}
    assert {"commune", "association"} <= {each["code"] for each in told["types_organisme"]}
    assert CAF in {each["code"] for each in told["cafs"]}


async def test_landlord_sees_himself_only(habilitation: Running) -> None:
    habilitation.put(personne("bailleur", genre=GenreCompte.BAILLEUR, convention_id=None))
    assert (await habilitation.read("/utilisateurs/bailleur", LANDLORD))["appartenances"] == []
    assert (await habilitation.read("/utilisateurs/bailleur", AGENT))["user_id"] == "bailleur"
    for by, user_id in ((LANDLORD, "membre"), (LANDLORD, "x"), (ADMIN, "bailleur")):
        assert await refused(habilitation, f"/utilisateurs/{user_id}", by) == "compte_inconnu"
    assert await refused(habilitation, "/utilisateurs/bailleur", OTHER_AGENT) == "compte_inconnu"
