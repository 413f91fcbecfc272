"""The life of accounts through both doors: made, modified, closed, reopened, seen by who may."""

import json
from typing import Any

import httpx
import pytest

from shared.clock import Clock
from shared.contracts.identity import SERVICE
from shared.contracts.identity_commands import (
    CloseUser,
    CreateAgent,
    CreateUser,
    InjectBailleur,
    ModifyUser,
)
from shared.contracts.topics import USER_LIFECYCLE, refusals_topic
from shared.security.principal import ActorKind, Principal
from shared.security.tokens import TokenIssuer
from tests.harness.polling import eventually
from tests.harness.topics import Record
from tests.identity.builders import AGENT, CAF
from tests.identity.people import People
from tests.identity.running import DEADLINE_S, Running, form

pytestmark = [pytest.mark.connected, pytest.mark.timeout(180)]

ENDED_S = 1.0
"""A closed account's sessions open nothing after a second at most (G-25)."""
JSON = dict[str, Any]


def refused(answer: httpx.Response, status: int, code: str) -> JSON:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    body: JSON = answer.json()
    return body


async def done(identity: Running, method: str, path: str, body: Any = None, **more: Any) -> JSON:
    answer = await identity.ask(method, path, body, **more)
    assert answer.is_success, answer.text
    shown: JSON = answer.json()
    return shown


async def test_account_is_closed_and_reopened_and_nothing_of_it_is_lost(identity: Running) -> None:
    people = People(identity)
    zoe = await people.add("zoe")
    token = await people.token(zoe)
    await done(identity, "POST", "/users/zoe/closing", {})

    async def ended() -> bool:
        answer = await identity.ask("GET", "/users/zoe", session=token)
        return answer.status_code == 401

    await eventually(ended, ENDED_S, "the session of a closed account ends")
    assert (await people.sign_in(zoe)).status_code == 401
    shown = await done(identity, "GET", "/users/zoe")
    assert (shown["mail"], shown["etat"]) == ("Désactivé", "cloture")
    refused(await identity.ask("POST", "/users/zoe/closing", {}), 409, "compte_deja_cloture")
    refused(await identity.ask("POST", "/users/zoe/reset"), 409, "compte_non_ouvert")

    await identity.create_user("autre", mail=zoe.mail)
    reopening = await identity.ask("POST", "/users/zoe/reopening")
    refused(reopening, 409, "adresse_deja_utilisee")
    await done(identity, "POST", "/users/autre/closing", {})
    await done(identity, "POST", "/users/zoe/reopening")
    refused(await identity.ask("POST", "/users/zoe/reopening"), 409, "compte_non_cloture")
    assert (await identity.ask("GET", "/users/zoe", session=token)).status_code == 401
    await people.token(zoe)  # his password is what it was
    shown = await done(identity, "GET", "/users/zoe")
    assert (shown["mail"], shown["etat"], shown["cloture"]) == (zoe.mail, "ouvert", None)
    told = await done(identity, "GET", "/users/zoe/history")
    assert [(each["acte"], each["par"]) for each in told["actes"]] == [
        ("reouverture", AGENT.id),
        ("cloture", AGENT.id),
    ]


async def test_mails_are_written_again_by_who_may(identity: Running) -> None:
    people = People(identity)
    zoe = await people.add("zoe")
    for route in ("identifiant", "reset"):
        answer = await identity.ask("POST", f"/users/zoe/{route}")
        assert answer.status_code == 202, answer.text
        assert answer.json() == {"user_id": "zoe"}
    identifiant, temporary = await identity.credentials("zoe")
    assert identifiant == zoe.identifiant
    await people.token(zoe)  # a reset shuts nobody out
    opened = await people.sign_in(zoe, temporary)
    assert opened.json()["must_change_password"] is True
    acts = (await done(identity, "GET", "/users/zoe/history"))["actes"]
    assert [each["acte"] for each in acts] == ["reinitialisation", "envoi_identifiant"]


async def test_what_was_typed_twice_must_be_the_same(identity: Running) -> None:
    wrong = form("u1") | {"mail_confirmation": "autre@commune.example"}
    body = refused(await identity.ask("POST", "/users", wrong), 422, "adresse_non_confirmee")
    assert body["field"] == "mail_confirmation"
    for confirmation in (None, "01 02 03 04 06"):
        wrong = form("u1", telephone="01 02 03 04 05") | {"telephone_confirmation": confirmation}
        answer = await identity.ask("POST", "/users", wrong)
        refused(answer, 422, "telephone_non_confirme")
    right = form("u1", mail="Zoe@Commune.example", telephone="0102030405") | {
        "mail_confirmation": " zoe@commune.example",
        "telephone_confirmation": "01 02 03 04 05",
    }
    await done(identity, "POST", "/users", right)
    for change in ({"mail": "z@commune.example"}, {"telephone": "0102030406"}):
        answer = await identity.ask("PATCH", "/users/u1", change)
        assert answer.status_code == 422, answer.text
    both = {"mail": "z@commune.example", "mail_confirmation": "z@commune.example"}
    await done(identity, "PATCH", "/users/u1", both)
    assert (await done(identity, "GET", "/users/u1"))["mail"] == "z@commune.example"


async def test_delegation_follows_what_habilitation_tells(identity: Running) -> None:
    people, habilitation = People(identity), identity.platform.habilitation
    resp = await people.add("resp")
    for each in ("zoe", "guy"):
        await people.add(each)
    session = await people.token(resp)
    refused(await identity.ask("POST", "/users", form(), session=session), 403, "non_permis")
    refused(await identity.ask("GET", "/users/zoe", session=session), 404, "compte_inconnu")

    groupe = await habilitation.open_groupe("19_214", "T1AS", responsable="resp")
    await habilitation.add_to_groupe("zoe", groupe)
    await habilitation.known_to(SERVICE)
    listed = await done(identity, "GET", "/users", session=session)
    assert {each["user_id"] for each in listed["users"]} == {"resp", "zoe"}
    await done(identity, "PATCH", "/users/zoe", {"nom": "Durand"}, session=session)
    asked = form("nouveau", groupes=[groupe])
    await done(identity, "POST", "/users", asked, session=session)
    for path in ("/users/guy", "/users/personne"):
        answer = await identity.ask("PATCH", path, {"nom": "X"}, session=session)
        assert refused(answer, 404, "compte_inconnu")["detail"] == "Ce compte n’existe pas."
    answer = await identity.ask("POST", "/users/zoe/reset", session=session)
    refused(answer, 403, "non_permis")
    answer = await identity.ask("POST", "/users/resp/closing", {})
    refused(answer, 409, "responsable_a_remplacer")

    await habilitation.replace_responsable(groupe, "guy")
    await habilitation.known_to(SERVICE)
    answer = await identity.ask("PATCH", "/users/zoe", {"nom": "Y"}, session=session)
    refused(answer, 404, "compte_inconnu")
    await done(identity, "POST", "/users/resp/closing", {})


async def test_suspended_convention_shuts_its_people_out_and_not_the_caf(
    identity: Running,
) -> None:
    people, habilitation = People(identity), identity.platform.habilitation
    token = await people.token(await people.add("admin"))
    await habilitation.designate("19_214", "admin")
    await habilitation.known_to(SERVICE)
    await done(identity, "GET", "/users", session=token)
    await habilitation.suspend_convention("19_214")

    async def ended() -> bool:
        answer = await identity.ask("GET", "/users", session=token)
        return answer.status_code == 401

    await eventually(ended, DEADLINE_S, "the sessions of a suspended convention end")
    await done(identity, "PATCH", "/users/admin", {"nom": "Durand"})


async def test_objects_of_another_caf_are_answered_as_unknown_ones(identity: Running) -> None:
    """Through both doors, word for word."""
    people, habilitation = People(identity), identity.platform.habilitation
    await habilitation.open_convention("20_7", caf="831")
    theirs = await habilitation.open_groupe("20_7", "T1AS", responsable="x")
    await habilitation.known_to(SERVICE)
    await people.add("ailleurs", convention_id="20_7")
    for method, path, body in (
        ("GET", "/users/{}", None),
        ("GET", "/users/{}/history", None),
        ("PATCH", "/users/{}", {"nom": "X"}),
        ("POST", "/users/{}/closing", {}),
        ("POST", "/users/{}/reopening", None),
        ("POST", "/users/{}/identifiant", None),
        ("POST", "/users/{}/reset", None),
    ):
        there = await identity.ask(method, path.format("ailleurs"), body)
        nowhere = await identity.ask(method, path.format("nulle-part"), body)
        assert refused(there, 404, "compte_inconnu") == nowhere.json()
        assert {*there.headers} == {*nowhere.headers}
    for wrong, unknown in (
        ({"convention_id": "20_7"}, {"convention_id": "20_8"}),
        ({"groupes": [theirs]}, {"groupes": ["nul"]}),
    ):
        there = await identity.ask("POST", "/users", form(**wrong))
        nowhere = await identity.ask("POST", "/users", form(**unknown))
        assert there.status_code == 404
        assert there.json() == nowhere.json()

    refusals = await identity.follow(refusals_topic(SERVICE))
    token = await identity.token()
    told: list[JSON] = []
    for user_id in ("ailleurs", "nulle-part"):
        id = await identity.publish(CloseUser(user_id=user_id), token)
        record = await refusals.wait_for(of_command(id), DEADLINE_S)
        body = record.json()
        told.append({name: body.get(name) for name in ("code", "message", "field")})
    assert told[0] == told[1]
    assert told[0]["code"] == "compte_inconnu"


def of_command(id: str) -> Any:
    return lambda record: record.json()["command_id"] == id


async def test_refused_alike_by_topic_and_by_http(identity: Running) -> None:
    people = People(identity)
    session = await people.token(await people.add("simple"))
    token = await identity.token(session=session)
    refusals = await identity.follow(refusals_topic(SERVICE))
    asked = CreateUser(
        user_id="u2", convention_id="19_214", nom="A", prenom="B", mail="a.b@commune.example"
    )
    by_http = await identity.ask("POST", "/users", form("u2"), session=session)
    id = await identity.publish(asked, token)
    by_topic = (await refusals.wait_for(of_command(id), DEADLINE_S)).json()
    assert by_topic["code"] == refused(by_http, 403, "non_permis")["code"]
    assert by_topic["message"] == by_http.json()["detail"]


async def test_internal_accounts_are_made_and_listed_in_their_caf(identity: Running) -> None:
    asked = {
        "user_id": "anne",
        "caf": CAF,
        "fonctions": ["action_sociale"],
        "nom": "Petit",
        "prenom": "Anne",
        "mail": "anne.petit@caf.example",
        "mail_confirmation": "anne.petit@caf.example",
    }
    await done(identity, "POST", "/agents", asked)
    elsewhere = await identity.ask("POST", "/agents", asked | {"user_id": "b", "caf": "831"})
    refused(elsewhere, 404, "caf_inconnue")
    listed = await done(identity, "GET", "/agents?nom=pet")
    assert [(each["user_id"], each["fonctions"]) for each in listed["agents"]] == [
        ("anne", ["action_sociale"])
    ]
    await done(identity, "PATCH", "/users/anne", {"fonctions": ["habilitations"]})
    await done(identity, "POST", "/users/anne/closing", {})
    people = People(identity)
    session = await people.token(await people.add("simple"))
    answer = await identity.ask("GET", "/agents", session=session)
    refused(answer, 403, "non_permis")


async def test_private_landlord_is_injected_by_a_system(identity: Running) -> None:
    issuer = TokenIssuer(json.dumps(identity.platform.settings.keys.signing))
    system = Principal(ActorKind.SERVICE, "logement")
    token = issuer.issue(system, audience=CreateAgent.TOPIC, now=Clock.real_now())
    asked = InjectBailleur(
        user_id="b1", caf=CAF, nom="Roux", prenom="Paul", mail="paul.roux@maison.example"
    )
    await identity.publish(asked, token)
    lifecycle = await identity.follow(USER_LIFECYCLE)
    created = await lifecycle.wait_for(lambda record: record.key == b"b1", DEADLINE_S)
    assert (created.json()["genre"], created.json()["created_by"]) == ("bailleur", "logement")
    identifiant, temporary = await identity.credentials("b1")
    narrow = await identity.client.sign_in(identifiant, temporary)
    chosen = {"nouveau_mot_de_passe": "Hortensia-7-bleu"}
    answer = await identity.ask("POST", "/password", chosen, session=narrow)
    assert answer.status_code == 204, answer.text
    session = await identity.client.sign_in(identifiant, "Hortensia-7-bleu")
    shown = await done(identity, "GET", "/users/b1", session=session)
    assert (shown["genre"], shown["convention_id"]) == ("bailleur", None)
    refusal = await identity.ask("GET", "/users/b1", session="rien")
    refused(refusal, 401, "session_requise")


async def test_machine_that_folds_the_topic_knows_every_account(identity: Running) -> None:
    """A consumer asks nobody: the last fact of each account is its state in the store."""
    for user_id in ("u1", "u2", "u3"):
        await identity.create_user(user_id)
    token = await identity.token()
    await identity.publish(ModifyUser(user_id="u1", nom="Durand", telephone="0102030405"), token)
    both = {"mail": "u2.b@commune.example", "mail_confirmation": "u2.b@commune.example"}
    await done(identity, "PATCH", "/users/u2", both)
    await done(identity, "POST", "/users/u3/closing", {})
    await done(identity, "POST", "/users/u2/closing", {"cloture": "2099-12-31"})
    await done(identity, "POST", "/users/u2/reopening")
    await done(identity, "POST", "/users/u1/reset")
    accounts = identity.platform.database(SERVICE)["comptes"]
    lifecycle = await identity.follow(USER_LIFECYCLE)

    async def same() -> bool:
        folded = fold(lifecycle.records)
        stored = {
            row["_id"]: {name: row[name] or None for name in STATE}
            for row in accounts.find({"_id": {"$in": list(folded)}})
        }
        return {"u1", "u2", "u3"} <= set(folded) and folded == stored

    await eventually(same, DEADLINE_S, "what was told is what is stored")


STATE = (
    "convention_id", "genre", "nom", "prenom", "mail", "telephone", "poste", "etat", "ouverture",
    "cloture", "caf", "fonctions",
)  # fmt: skip


def fold(records: list[Record]) -> dict[str, JSON]:
    """The last state that was told of each account."""
    known: dict[str, JSON] = {}
    for record in sorted(records, key=lambda each: each.header("ce_sequence") or ""):
        body = record.json()
        if "genre" in body:
            known[body["user_id"]] = {name: body.get(name) for name in STATE}
    return known
