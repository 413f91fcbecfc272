"""Every command by HTTP, in the order in which a partner lives: from the first convention on."""

from typing import Any

import httpx
import pytest

from services.habilitation.routes.table import COMMANDES
from services.habilitation.use_cases import BY_TOPIC
from shared.contracts.habilitation import SERVICE
from shared.contracts.habilitation_commands import (
    ApplyAppartenanceDates,
    ApplyConventionDates,
    ApplyGroupeDates,
)
from shared.security.principal import Principal
from tests.habilitation.builders import ADMIN, AGENT, CAF, CONVENTION, partner, personne
from tests.habilitation.running import Running

NUMBER = "24_17"
OURS = f"/conventions/{NUMBER}"
BY_SCHEDULER = {ApplyConventionDates, ApplyGroupeDates, ApplyAppartenanceDates}
"""What only the scheduler asks: no screen does."""
REGISTERED = {
    "convention_id": NUMBER,
    "siret": "21930001000028",
    "organisme": "Mairie de Montclair",
    "type_organisme": "commune",
    "departements": ["93"],
}
PROFIL = {
    "missions": "Accompagnement social",
    "finalite": "Instruction des aides",
    "fondement": "Convention d’accès",
    "destinataires": "Travailleurs sociaux",
}


def created(prenom: str) -> dict[str, str]:
    """Somebody whose account is to be made."""
    mail = f"{prenom.lower()}@montclair.example"
    return {"nom": "Benali", "prenom": prenom, "mail": mail, "mail_confirmation": mail}


class Screen:
    """What somebody does on the screens of the new convention; what was asked is counted."""

    def __init__(self, habilitation: Running, done: set[tuple[str, str]], by: Principal) -> None:
        self._habilitation, self._done, self._by = habilitation, done, by

    async def do(
        self, method: str, path: str, form: Any = None, *, status: int = 200
    ) -> dict[str, Any]:
        """Ask once, and again with the same key: the answer is the same, nothing is done twice."""
        key = f"{method} {path} {len(self._done)} {self._by.id}".replace(" ", "-")
        answers = [
            await self._habilitation.ask(method, path, form, by=self._by, key=key) for _ in range(2)
        ]
        for answer in answers:
            assert answer.status_code == status, answer.text
        first, again = (each.json() for each in answers)
        assert first == again
        assert answers[0].headers.get("location") == answers[1].headers.get("location")
        self._done.add((method, path))
        told: dict[str, Any] = first
        return told


def test_every_command_of_a_screen_has_its_route() -> None:
    asked = [each.command for each in COMMANDES]
    assert len(asked) == len(set(asked))
    assert {*asked} | BY_SCHEDULER == {each.message for each in BY_TOPIC}


@pytest.mark.connected
@pytest.mark.timeout(120)
async def test_life_of_a_partner(habilitation: Running) -> None:
    done: set[tuple[str, str]] = set()
    caf = Screen(habilitation, done, AGENT)
    admin = await sign_everything(habilitation, caf)
    await manage_groups(habilitation, Screen(habilitation, done, admin), admin)
    await end_it(habilitation, caf, admin)
    assert len(done) == len(COMMANDES)


async def sign_everything(habilitation: Running, caf: Screen) -> Principal:
    """The Caf's side: convention, contrat, administrateurs, bulletins."""
    assert await caf.do("POST", "/conventions", REGISTERED, status=201) == {"convention_id": NUMBER}
    await caf.do("PATCH", OURS, {"organisme": "Ville de Montclair"})
    await caf.do("PUT", f"{OURS}/contrat", {"gestion_deleguee": True})
    await caf.do("POST", f"{OURS}/presentation")
    await caf.do("POST", f"{OURS}/validation")
    form = {"rang": "principal", "personne": created("Amina")}
    named = await caf.do("POST", f"{OURS}/administrateurs", form, status=201)
    habilitation.put(personne(named["user_id"], convention_id=NUMBER))
    cdap = f"{OURS}/bulletins/cdap"
    await caf.do("PUT", cdap, {"profils": [{"profil": each} | PROFIL for each in ("T1", "T2")]})
    await caf.do("PUT", f"{cdap}/eligibilite")
    await caf.do("PUT", f"{OURS}/profils/T1/condition")
    await caf.do("POST", f"{cdap}/suspension", {"motif": "Contrôle en cours"})
    await caf.do("POST", f"{cdap}/resumption")
    shown = await habilitation.read(OURS, AGENT)
    assert (shown["etat"], shown["partenaire"], shown["caf"]) == (
        "ouverte",
        "Ville de Montclair",
        CAF,
    )
    assert [each["ouvert"] for each in shown["services"]] == [True]
    return partner(named["user_id"])


async def manage_groups(habilitation: Running, screen: Screen, admin: Principal) -> None:
    """The partner's side: groups, roles, members, a call on the Caf."""
    groupes = f"{OURS}/groupes"
    await screen.do("POST", f"{OURS}/utilisateurs", {"personne": created("Inès")}, status=202)
    form = {"code": "T1AS", "libelle": "Assistants sociaux", "responsable": created("Rémi")}
    first = await screen.do("POST", groupes, form, status=201)
    habilitation.put(
        personne(first["responsable_id"], convention_id=NUMBER),
        personne("lea", convention_id=NUMBER),
    )
    t1 = f"{groupes}/{first['groupe_id']}"
    told = await screen.do("PUT", f"{t1}/role", {"service": "cdap", "profil": "T1"})
    assert told["avertissement"]
    await screen.do("PATCH", t1, {"libelle": "T1 Assistants sociaux"})
    asked = await habilitation.ask(
        "POST",
        groupes,
        {"code": "T1B", "libelle": "T1 Bis", "responsable_id": first["responsable_id"]},
        by=admin,
    )
    assert asked.headers["location"] == f"{groupes}/{asked.json()['groupe_id']}"
    other = asked.json()["groupe_id"]
    await screen.do("POST", f"{t1}/membres", {"user_id": "lea"}, status=201)
    moved = await screen.do("POST", f"{t1}/membres/lea/move", {"vers_id": other})
    assert moved["groupe_id"] == other
    await screen.do("POST", f"{groupes}/{other}/membres/lea/ending", {})
    await screen.do("DELETE", f"{t1}/role")
    await screen.do("POST", f"{t1}/closing", {})
    await screen.do("POST", f"{t1}/reopening")
    await screen.do("DELETE", t1)
    assert [each["groupe_id"] for each in (await habilitation.read(groupes, admin))["groupes"]] == [
        other
    ]
    form = {"objet": "avenant", "service": "cdap", "message": "Il nous faut un avenant."}
    await screen.do("POST", f"{OURS}/sollicitations", form, status=202)


async def end_it(habilitation: Running, caf: Screen, admin: Principal) -> None:
    """One administrateur for another, none; a service, the convention end."""
    administrateurs = f"{OURS}/administrateurs"
    named = await caf.do(
        "POST", f"{administrateurs}/{admin.id}/replacement", {"personne": created("Inès")}
    )
    await caf.do("DELETE", f"{administrateurs}/{named['user_id']}")
    await caf.do("POST", f"{OURS}/bulletins/cdap/termination")
    await caf.do("POST", f"{OURS}/suspension", {"motif": "Contrôle"})
    await caf.do("POST", f"{OURS}/resumption")
    await caf.do("POST", f"{OURS}/closing", {})
    shown = await habilitation.read(OURS, AGENT)
    assert (shown["etat"], shown["administrateurs"]) == ("cloturee", [])


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document that an answer must be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert (document["code"], document["status"]) == (code, status)
    return document


@pytest.mark.connected
@pytest.mark.timeout(120)
async def test_refusals_are_problem_documents(habilitation: Running) -> None:
    groupes = f"/conventions/{CONVENTION}/groupes"
    add = {"user_id": "simple"}
    before = habilitation.stored()
    refused = await habilitation.ask("POST", f"{groupes}/g9/membres", add)
    assert problem(refused, 404, "groupe_inconnu")["field"] == "groupe_id"
    refused = await habilitation.ask("POST", f"{groupes}/g1/membres", add, by=partner("simple"))
    problem(refused, 404, "groupe_inconnu")
    refused = await habilitation.ask("POST", f"{groupes}/g1/membres", add, by=None)
    problem(refused, 401, "jeton_absent")
    refused = await habilitation.ask("POST", f"{groupes}/g1/membres", add, key=None)
    problem(refused, 400, "cle_idempotence_absente")
    more: list[tuple[dict[str, Any], str]] = [
        (add | {"par": "moi"}, "par"),
        (add | {"convention_id": CONVENTION}, "convention_id"),
        (add | {"debut": 0}, "debut"),
        ({}, "user_id"),
    ]
    for form, field in more:
        refused = await habilitation.ask("POST", f"{groupes}/g1/membres", form)
        assert problem(refused, 422, "champ_invalide")["field"] == field
    amina = created("Amina")
    group = {"code": "N1", "libelle": "Nouveau"}
    other = amina | {"mail_confirmation": "autre@montclair.example"}
    phone = amina | {"telephone": "01 99 00 12 34", "telephone_confirmation": "01 99 00 12 35"}
    both = group | {"responsable_id": "resp", "responsable": amina}
    contradicting: list[tuple[dict[str, Any], str, str]] = [
        (group, "personne_a_choisir", "responsable"),
        (both, "personne_a_choisir", "responsable"),
        (group | {"responsable": other}, "adresse_non_confirmee", "mail_confirmation"),
        (group | {"responsable": phone}, "telephone_non_confirme", "telephone_confirmation"),
    ]
    for form, code, field in contradicting:
        refused = await habilitation.ask("POST", groupes, form)
        assert problem(refused, 422, code)["field"] == field
    assert habilitation.stored() == before


@pytest.mark.connected
@pytest.mark.timeout(120)
async def test_forms_take_nothing_that_is_not_asked(habilitation: Running) -> None:
    """Mass assignment: what belongs to the service is in no form."""
    document = await openapi(habilitation)
    schemas = document["components"]["schemas"]
    forms = {
        content["application/json"]["schema"].get("$ref")
        for path in document["paths"].values()
        for each in path.values()
        if "application/json" in (content := each.get("requestBody", {}).get("content", {}))
    } - {None}
    assert len(forms) > 10
    for each in forms:
        form = schemas[each.rpartition("/")[2]]
        assert form["additionalProperties"] is False, each
        assert not {"etat", "validee", "par", "version", "condition_confirmee"} & {
            *form["properties"]
        }


async def openapi(habilitation: Running) -> dict[str, Any]:
    """The OpenAPI document, as published."""
    answer = await habilitation.client.request("GET", "/openapi.json")
    document: dict[str, Any] = answer.json()
    assert document["info"]["title"].endswith(SERVICE)
    return document


@pytest.mark.connected
@pytest.mark.timeout(120)
async def test_same_key_with_another_form_is_refused(habilitation: Running) -> None:
    path = f"/conventions/{CONVENTION}/groupes/g2/membres"
    first = await habilitation.ask("POST", path, {"user_id": "simple"}, by=ADMIN, key="une-fois")
    assert first.status_code == 201, first.text
    other = await habilitation.ask("POST", path, {"user_id": "membre"}, by=ADMIN, key="une-fois")
    problem(other, 422, "cle_idempotence_reprise")
