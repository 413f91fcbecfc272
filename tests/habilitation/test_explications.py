"""Why somebody has a service or not, what a change would make of it, what the menu shows (G-35)."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from services.habilitation.routes.table import COMMANDES
from shared.calendrier import day_of
from shared.clock import Clock
from shared.contracts.comptes import EtatCompte, Fonction, GenreCompte
from shared.contracts.conventions import CodeService, EtatConvention
from shared.droits.mots import say_day
from shared.security.principal import ActorKind, Principal
from tests.habilitation.asking import ASKED, OTHERS, UNKNOWN, kind_of
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    AUDITOR,
    CONVENTION,
    HABILITEUR,
    MEMBRE,
    OTHER_AGENT,
    RESPONSABLE,
    SIMPLE,
    THEIR_ADMIN,
    agent,
    appartenance,
    cdap,
    convention,
    everywhere,
    groupe,
    membre,
    partner,
    personne,
    role,
)
from tests.habilitation.running import Running
from tests.harness.readings import is_id

pytestmark = [pytest.mark.connected, pytest.mark.timeout(120)]

PAST = date(2025, 2, 1)
LANDLORD = Principal(ActorKind.PARTENAIRE, "bailleur")
CHAIN = [
    "compte",
    "convention",
    "contrat",
    "bulletin",
    "eligibilite",
    "service",
    "groupe",
    "role",
    "appartenance",
]


def why(user_id: str, service: str = "cdap") -> str:
    return f"/utilisateurs/{user_id}/services/{service}"


def links(explained: dict[str, Any]) -> list[str]:
    return [each["nom"] for each in explained["maillons"]]


async def test_right_is_explained_link_by_link(habilitation: Running) -> None:
    told = await habilitation.read(why("membre"))
    assert (told["acces"], told["manque"], told["profil"], told["cafs"]) == (
        True,
        None,
        "T1",
        ["931"],
    )
    assert links(told) == CHAIN
    by_name = {each["nom"]: each for each in told["maillons"]}
    for nom, objet in (
        ("convention", CONVENTION),
        ("contrat", CONVENTION),
        ("bulletin", CONVENTION),
        ("groupe", "g1"),
        ("role", "g1"),
        ("appartenance", "membre"),
    ):
        assert (by_name[nom]["objet"], by_name[nom]["version"]) == (objet, 1)
    assert told["versions"] == "c1.m1/g1=1"
    assert by_name["role"]["debut"] == "2025-01-06"
    assert "le rôle" in by_name["role"]["phrase"]
    assert "depuis le 6 janvier 2025" in by_name["role"]["phrase"]
    assert "attribué par Zoé Admin" in by_name["role"]["phrase"]
    shown = await habilitation.read(f"/conventions/{CONVENTION}/groupes/g1")
    assert (shown["role_attribue"]["at"][:10], shown["role_attribue"]["par"]) == (
        "2025-01-06",
        "admin",
    )
    assert "T1 Assistants sociaux" in told["phrase"]
    call = {"objet": "avenant", "message": "Un profil de plus."}
    done = await habilitation.ask("POST", f"/conventions/{CONVENTION}/sollicitations", call)
    assert done.status_code == 202, done.text
    again = await habilitation.read(why("membre"))
    assert again["versions"] == told["versions"]  # what no copy of rights reads has no number there


async def test_since_when_a_service_is_suspended_and_goes_on_again(habilitation: Running) -> None:
    today = day_of(Clock.real_now())
    path = f"/conventions/{CONVENTION}/bulletins/cdap"
    for verb, acces in (("suspension", False), ("resumption", True)):
        form = {"motif": "Contrôle"} if verb == "suspension" else None
        done = await habilitation.ask("POST", f"{path}/{verb}", form, by=AGENT)
        assert done.status_code == 200, done.text
        told = await habilitation.read(why("membre"))
        assert told["acces"] is acces
        (link,) = (each for each in told["maillons"] if each["nom"] == "service")
        dated = link["debut"] if acces else link["fin"]
        assert (dated, link["par"]) == (today.isoformat(), None if acces else "agent")
        assert f"depuis le {say_day(today)}" in link["phrase"]
        (shown, *_) = (await habilitation.read(f"/conventions/{CONVENTION}"))["services"]
        assert (shown["suspension"] is None, shown["reprise"] is None) == (acces, not acces)


async def test_a_group_that_the_asker_does_not_see_is_not_named(habilitation: Running) -> None:
    habilitation.put(membre("membre", "g1", "declarer"))
    told = await habilitation.read(why("membre", "afas"), RESPONSABLE)
    assert told["acces"] is True
    assert "par un autre groupe" in told["phrase"]
    assert told["versions"] == "c1.m1/g1=1"
    assert "declarer" not in str(told).lower()
    assert "déclarer" not in str(told).lower()
    for by in (AGENT, ADMIN, MEMBRE):
        told = await habilitation.read(why("membre", "afas"), by)
        assert "AFAS" in told["phrase"]
        assert "autre groupe" not in told["phrase"]
        assert "declarer=1" in told["versions"]


async def test_each_decision_of_a_run_is_explained(habilitation: Running) -> None:
    """G-35: whatever the service, the answer says which link, its version, since when."""
    habilitation.put(
        groupe("vide"),
        groupe("clos", role=role("T1"), cloture=PAST),
        groupe("t2", role=role("T2")),
        membre("simple", "vide"),
        membre("autre-resp", "clos"),
        membre("resp", appartenance("t2", fin=PAST)),
        membre("admin", "declarer"),
        personne("parti", etat=EtatCompte.CLOTURE),
        membre("parti", "g1"),
    )
    people = ("membre", "simple", "autre-resp", "resp", "admin", "habiliteur", "parti", "suppleant")
    granted = 0
    for user_id, service in product(people, CodeService):
        told = await habilitation.read(why(user_id, service), AGENT)
        *held, last = told["maillons"]
        assert told["phrase"].endswith(".")
        assert all(each["etat"] in {"tenu", "inconnu"} for each in held)
        if told["acces"]:
            granted += 1
            known = [each for each in told["maillons"] if each["etat"] == "tenu"]
            assert {"convention", "contrat", "bulletin", "groupe", "role", "appartenance"} <= {
                each["nom"] for each in known
            }
            assert all(each["objet"] and each["version"] is not None for each in known)
            assert all(each["debut"] for each in known)
        else:
            assert last["etat"] == "manquant"
            assert told["manque"]
            assert last["phrase"] in told["phrase"]
    assert granted == 3  # membre to CDAP, admin and habiliteur to AFAS


async def test_withdrawn_is_told_from_never_given(habilitation: Running) -> None:
    habilitation.put(membre("simple", "g2"))
    never = await habilitation.read(why("simple"))
    assert never["manque"] == "role_jamais_attribue"
    done = await habilitation.ask("DELETE", f"/conventions/{CONVENTION}/groupes/g1/role")
    assert done.status_code == 200, done.text
    told = await habilitation.read(why("membre"), MEMBRE)
    assert (told["manque"], told["recours"]) == ("role_retire", "administrateur_ou_responsable")
    assert "par Zoé Admin" in told["phrase"]
    assert told["maillons"][-1]["par"] == "admin"


async def test_who_may_ask_why(habilitation: Running) -> None:
    habilitation.put(personne("bailleur", genre=GenreCompte.BAILLEUR, convention_id=None))
    for by in (AGENT, ADMIN, RESPONSABLE, MEMBRE):
        assert (await habilitation.read(why("membre"), by))["acces"] is True
    for by, user_id in (
        (OTHER_AGENT, "membre"),
        (THEIR_ADMIN, "membre"),
        (SIMPLE, "membre"),
        (partner("autre-resp"), "membre"),
        (ADMIN, "leur-simple"),
        (ADMIN, "inconnu"),
        (ADMIN, "bailleur"),
        (LANDLORD, "membre"),
    ):
        answer = await habilitation.ask("GET", why(user_id), by=by, key=None)
        assert (answer.status_code, answer.json()["code"]) == (404, "compte_inconnu")
    answer = await habilitation.ask("GET", why("membre"), by=AUDITOR, key=None)
    assert answer.json()["code"] == "non_permis"
    for by in (LANDLORD, AGENT):  # injected: his chain has nothing else
        told = await habilitation.read(why("bailleur", "bailleur"), by)
        assert (told["acces"], links(told)) == (True, ["injection", "compte"])


async def test_what_a_change_would_make(habilitation: Running) -> None:
    before = habilitation.stored()
    path = f"{why('simple')}/hypothese"
    add = {"commande": "add_appartenance", "groupe_id": "g1", "user_id": "simple"}
    told = (await habilitation.ask("POST", path, add, key=None)).json()
    assert (told["avant"]["acces"], told["avant"]["manque"]) == (False, "aucun_groupe")
    assert (told["apres"]["acces"], told["apres"]["profil"]) == (True, "T1")
    later = add | {"debut": (date.today() + timedelta(days=9)).isoformat()}  # noqa: DTZ011
    told = (await habilitation.ask("POST", path, later, key=None)).json()
    assert told["apres"]["manque"] == "appartenance_a_venir"
    suspended = {"commande": "suspend_service", "service": "cdap", "motif": "Contrôle"}
    path = f"{why('membre')}/hypothese"
    told = (await habilitation.ask("POST", path, suspended, by=AGENT, key=None)).json()
    assert (told["avant"]["acces"], told["apres"]["manque"]) == (True, "service_suspendu")
    refused = await habilitation.ask("POST", path, suspended, by=ADMIN, key=None)
    assert (refused.status_code, refused.json()["code"]) == (403, "non_permis")
    assert habilitation.stored() == before


async def test_supposition_is_refused_as_the_command_would_be(habilitation: Running) -> None:
    habilitation.put(groupe("t2", libelle="T2 Petite enfance", role=role("T2")))
    add = {"commande": "add_appartenance", "groupe_id": "t2", "user_id": "membre"}
    path = f"{why('membre')}/hypothese"
    refused = await habilitation.ask("POST", path, add, key=None)
    assert (refused.status_code, refused.json()["code"]) == (409, "autre_profil")
    assert "T1 Assistants sociaux" in refused.json()["detail"]
    done = await habilitation.ask(
        "POST", f"/conventions/{CONVENTION}/groupes/t2/membres", {"user_id": "membre"}
    )
    assert done.json() == refused.json()


async def test_what_is_supposed_of_oneself_is_refused_as_it_would_be(habilitation: Running) -> None:
    add = {"commande": "add_appartenance", "groupe_id": "g1", "user_id": "admin"}
    end = add | {"commande": "end_appartenance"}
    for form, code in ((add, "pas_pour_soi"), (end, "non_membre")):
        refused = await habilitation.ask("POST", f"{why('admin')}/hypothese", form, key=None)
        assert refused.json()["code"] == code


async def test_everything_supposed_is_walled_as_commands_are(habilitation: Running) -> None:
    """G-33 for « what if », from the OpenAPI document: every supposition, every id."""
    document = (await habilitation.client.request("GET", "/openapi.json")).json()
    schemas = document["components"]["schemas"]
    path = "/utilisateurs/{user_id}/services/{service}/hypothese"
    body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    by_name = {each.name: each for each in COMMANDES}
    for name, place in body["discriminator"]["mapping"].items():
        asking, command = ASKED[by_name[name].command], by_name[name].command
        habilitation.put(*everywhere(), *asking.documents)
        properties = schemas[place.rpartition("/")[2]]["properties"]
        message = asking.message(command).model_dump(mode="json", exclude_none=True)
        form = {each: message[each] for each in properties if each in message}
        form |= {"commande": name}
        before = habilitation.stored()
        answer = await habilitation.ask(
            "POST", f"{why('membre')}/hypothese", form, by=asking.by, key=None
        )
        assert answer.status_code == 200, (name, answer.text)
        for field in ("user_id", *(each for each, what in properties.items() if is_id(what))):
            answers = [
                await habilitation.ask(
                    "POST",
                    f"{why('membre')}/hypothese",
                    form | {field: ids[kind_of(field)]},
                    by=asking.by,
                    key=None,
                )
                for ids in (OTHERS, UNKNOWN)
                if field in form
            ]
            assert len({each.text for each in answers}) <= 1, (name, field)
            assert all(each.status_code in {403, 404, 422} for each in answers)
        answers = [
            await habilitation.ask(
                "POST", f"{why(ids['personne'])}/hypothese", form, by=asking.by, key=None
            )
            for ids in (OTHERS, UNKNOWN)
        ]
        assert {(each.status_code, each.json()["code"]) for each in answers} == {
            (404, "compte_inconnu")
        }
        assert habilitation.stored() == before


async def test_menu_of_each(habilitation: Running) -> None:
    habilitation.put(
        membre("admin", "declarer"),
        personne("bailleur", genre=GenreCompte.BAILLEUR, convention_id=None),
        agent("auditeur", fonctions=(Fonction.SUPERVISION_CDAP,)),
    )
    always = {"bienvenue", "regles_usage", "mon_profil"}
    for by, more in (
        (SIMPLE, set()),
        (MEMBRE, {"consulter_dossier"}),
        (RESPONSABLE, {"gestion_des_habilitations"}),
        (ADMIN, {"gestion_des_habilitations", "afas"}),
        (HABILITEUR, {"gestion_des_habilitations", "afas"}),
        (LANDLORD, {"espace_bailleur"}),
        (AGENT, {"gestion_des_habilitations", "espace_bailleur"}),
        (AUDITOR, {"supervision_consulter_dossier", "espace_bailleur"}),
    ):
        told = await habilitation.read("/moi/services", by)
        assert {each["code"] for each in told["entrees"]} == always | more, by
        assert [each["service"] for each in told["services"]] == [*CodeService]
    afas = {
        by.id: next(
            [sub["code"] for sub in each["sous_entrees"]]
            for each in (await habilitation.read("/moi/services", by))["entrees"]
            if each["code"] == "afas"
        )
        for by in (ADMIN, HABILITEUR)
    }
    assert afas == {
        "admin": ["accueil_afas", "mes_declarations"],
        "habiliteur": ["accueil_afas", "administration_des_profils"],
    }
    answer = await habilitation.ask("GET", "/moi/services", by=partner("inconnu"), key=None)
    assert answer.json()["code"] == "non_permis"


async def test_menu_is_empty_of_services_while_the_convention_is_suspended(
    habilitation: Running,
) -> None:
    habilitation.put(convention(etat=EtatConvention.SUSPENDUE, services=(cdap(),)))
    told = await habilitation.read("/moi/services", MEMBRE)
    assert "consulter_dossier" not in {each["code"] for each in told["entrees"]}
    assert {each["manque"] for each in told["services"]} == {"convention_suspendue"}
