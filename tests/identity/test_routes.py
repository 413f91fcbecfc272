"""The HTTP door of identity, as a process: from the first agent to the tokens of commands."""

import json
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest

from deploy.local.servers import Servers
from shared.contracts.identity import SERVICE
from shared.contracts.identity_commands import COMMANDS, ModifyUser
from shared.contracts.topics import CREDENTIALS, USER_LIFECYCLE, refusals_topic
from shared.ids import draw_id
from shared.security.tokens import http_audience
from tests.harness.polling import eventually
from tests.harness.topics import Record
from tests.identity.builders import AGENT, CAF, PASSWORD
from tests.identity.running import AGENT_SESSION, DEADLINE_S, Running, form, running

pytestmark = [pytest.mark.connected, pytest.mark.timeout(120)]

OTHER_PASSWORD = "Autre-2026"


@pytest.fixture
async def identity_ahead(servers: Servers) -> AsyncIterator[Running]:
    """In a process of its own, whose clock moves."""
    async with running(servers) as process:
        yield process


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document that an answer must be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert (document["code"], document["status"]) == (code, status)
    assert document["detail"].endswith(".") or document["detail"].endswith(")")
    return document


def of(user_id: str, name: str) -> Callable[[Record], bool]:
    """Tells a fact of an account from the others."""

    def matches(record: Record) -> bool:
        wanted = record.header("ce_type") == f"mcp.identity.{name}.v1"
        return wanted and record.key == user_id.encode()

    return matches


def refusal_of(command_id: str) -> Callable[[Record], bool]:
    """Tells the refusal of a command from the others."""
    return lambda record: bool(record.json()["command_id"] == command_id)


def sign_in_form(identifiant: str, password: str) -> dict[str, str]:
    return {"identifiant": identifiant, "mot_de_passe": password}


async def test_from_the_first_agent_to_the_first_partner(identity: Running) -> None:
    names = ("--nom", "Martin", "--prenom", "Luc", "--mail", "luc@caf.example", "--caf", CAF)
    done = await identity.platform.run_command(SERVICE, "bootstrap", *names)
    assert done.exit_code == 0, done.stderr
    lifecycle = await identity.follow(USER_LIFECYCLE)
    created = await lifecycle.wait_for(
        lambda record: (record.json() or {}).get("mail") == "luc@caf.example", DEADLINE_S
    )
    user_id = created.json()["user_id"]
    identifiant, temporary = await identity.credentials(user_id)
    again = await identity.platform.run_command(SERVICE, "bootstrap", *names)
    assert again.exit_code == 1

    opened = await identity.ask("POST", "/sessions", sign_in_form(identifiant, temporary))
    assert opened.status_code == 201, opened.text
    assert opened.json()["must_change_password"] is True
    narrow = opened.json()["token"]
    for method, path, body in [
        ("POST", "/users", form()),
        ("PATCH", f"/users/{user_id}", {"nom": "Autre"}),
        ("GET", f"/users/{user_id}", None),
        ("POST", "/tokens", {"audience": COMMANDS}),
    ]:
        refused = await identity.ask(method, path, body, session=narrow)
        problem(refused, 403, "mot_de_passe_a_personnaliser")
    used = await identity.ask("POST", "/sessions", sign_in_form(identifiant, temporary))
    problem(used, 401, "connexion_refusee")

    weak = {"nouveau_mot_de_passe": "court"}
    refused = await identity.ask("POST", "/password", weak, session=narrow)
    assert problem(refused, 422, "mot_de_passe_trop_court")["field"] == "nouveau_mot_de_passe"
    chosen = {"nouveau_mot_de_passe": PASSWORD}
    for _ in range(2):  # the session has ended by the second time, the answer stays the same
        answer = await identity.ask("POST", "/password", chosen, session=narrow, key="chosen")
        assert (answer.status_code, answer.content) == (204, b"")
    ended = await identity.ask("POST", "/password", chosen, session=narrow)
    problem(ended, 401, "session_requise")
    await lifecycle.wait_for(of(user_id, "password_changed"), DEADLINE_S)

    token = await identity.client.sign_in(f" {identifiant.lower()} ", PASSWORD)
    answer = await identity.ask("POST", "/users", form("personne-1"), session=token)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == "/users/personne-1"
    partner = await lifecycle.wait_for(of("personne-1", "user_created"), DEADLINE_S)
    assert partner.json()["created_by"] == user_id


async def test_secret_is_nowhere_in_clear(identity: Running) -> None:
    await identity.create_user("u1")
    identifiant, temporary = await identity.credentials("u1")
    token = await identity.client.sign_in(identifiant, temporary)
    database = identity.platform.database(SERVICE)
    stored = "".join(
        str(row) for name in database.list_collection_names() for row in database[name].find()
    )
    log = json.dumps(identity.platform.replica(SERVICE).log_lines())
    published = b"".join(
        record.value or b"" for record in await identity.platform.read(CREDENTIALS)
    )
    for secret in (temporary, token):
        assert secret not in stored
        assert secret not in log
        assert secret.encode() not in published
    assert identifiant.encode() not in published
    assert identifiant not in log


async def test_same_key_gets_the_same_answer_and_another_body_none(identity: Running) -> None:
    key, body = draw_id(), form()
    answers = [await identity.ask("POST", "/users", body, key=key) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["user_id"] for answer in answers}) == 1
    assert len({answer.headers["location"] for answer in answers}) == 1
    other = await identity.ask("POST", "/users", form(), key=key)
    problem(other, 422, "cle_idempotence_reprise")
    for missing in (None, b"", "é".encode(), b"a b", b"x" * 129):
        answer = await identity.ask_raw("/users", json.dumps(form()).encode(), key=missing)
        problem(answer, 400, "cle_idempotence_absente")
    assert identity.platform.database(SERVICE)["comptes"].count_documents({}) == 2


async def test_refusal_is_the_same_when_asked_again(identity: Running) -> None:
    await identity.create_user("u1", mail="a@commune.example")
    key, body = draw_id(), form("u2", mail="A@commune.example")
    for _ in range(2):
        refused = await identity.ask("POST", "/users", body, key=key)
        assert problem(refused, 409, "adresse_deja_utilisee")["field"] == "mail"
    forged = form("u3", nom="=?utf-8?q?x?=")
    problem(await identity.ask("POST", "/users", forged), 422, "nom_invalide")


async def test_accounts_are_shown_and_modified_by_agents_and_seen_by_their_person(
    identity: Running,
) -> None:
    await identity.create_user("u1", telephone="01 02 03 04 05")
    await identity.create_user("u2")
    token = await personalised(identity, "u1")
    own = await identity.ask("GET", "/users/u1", session=token)
    assert own.status_code == 200
    assert own.json()["telephone"] == "01 02 03 04 05"
    assert not {"mot_de_passe", "provisoire", "epoque"} & set(own.json())
    problem(await identity.ask("GET", "/users/u2", session=token), 404, "compte_inconnu")
    problem(await identity.ask("GET", "/users/u9"), 404, "compte_inconnu")
    problem(await identity.ask("GET", "/users/u1", session=None), 401, "session_requise")

    answer = await identity.ask("PATCH", "/users/u1", {"nom": "Durand"})
    assert answer.status_code == 200, answer.text
    seen = (await identity.ask("GET", "/users/u1")).json()
    assert (seen["nom"], seen["prenom"]) == ("Durand", "Aïcha")
    assert seen["telephone"] == "01 02 03 04 05"
    for method, path, body in [
        ("PATCH", "/users/u1", {"nom": "Moi"}),
        ("POST", "/users", form()),
    ]:
        refused = await identity.ask(method, path, body, session=token)
        problem(refused, 403, "non_permis")
    problem(await identity.ask("PATCH", "/users/u9", {"nom": "A"}), 404, "compte_inconnu")


async def test_form_that_is_not_one_is_refused(identity: Running) -> None:
    for wrong in (
        {"convention_id": "x"},
        {"nom": ""},
        {"nom": "\ud800"},
        {"user_id": "é"},
        {"role": "administrateur"},
        {"poste": "directeur"},
    ):
        (field,) = wrong
        answer = await identity.ask_raw("/users", json.dumps(form() | wrong).encode(), key=b"k")
        assert problem(answer, 422, "champ_invalide")["field"] == field
    for content in (b"", b"[]", b"null"):
        problem(await identity.ask_raw("/users", content, key=b"k"), 422, "champ_invalide")
    problem(await identity.ask_raw("/users", b"{", key=b"k"), 422, "json_invalide")
    problem(await identity.ask_raw("/users", b"\xff", key=b"k"), 400, "demande_refusee")


async def test_sign_in_never_answers_twice_and_says_nothing(identity: Running) -> None:
    await identity.create_user("u1")
    await personalised(identity, "u1")
    identifiant = (await identity.ask("GET", "/users/u1")).json()["identifiant"]
    key, body = draw_id(), sign_in_form(identifiant, PASSWORD)
    first = await identity.ask("POST", "/sessions", body, key=key, session=None)
    assert first.status_code == 201
    assert first.json()["last_sign_in_at"] is not None
    again = await identity.ask("POST", "/sessions", body, key=key, session=None)
    problem(again, 409, "deja_repondu")
    wrong = await identity.ask("POST", "/sessions", sign_in_form(identifiant, OTHER_PASSWORD))
    unknown = await identity.ask("POST", "/sessions", sign_in_form("ZZZ9999ZZ99", PASSWORD))
    problem(wrong, 401, "connexion_refusee")
    assert wrong.json() == unknown.json()
    for odd in ("\ud800", "\0", "x" * 10_000):
        content = json.dumps(sign_in_form(identifiant, odd)).encode()
        answer = await identity.ask_raw("/sessions", content, key=draw_id().encode())
        problem(answer, 401, "connexion_refusee")
    lifecycle = await identity.follow(USER_LIFECYCLE)
    failed = await lifecycle.wait_for(of("u1", "sign_in_failed"), DEADLINE_S)
    assert failed.json()["motif"] == "mot_de_passe"


async def test_session_ends_after_half_an_hour_and_temporary_password_after_a_day(
    identity_ahead: Running,
) -> None:
    await identity_ahead.create_user("u1")
    identifiant, temporary = await identity_ahead.credentials("u1")
    identity_ahead.platform.set_clock(timedelta(minutes=31))

    async def ended() -> bool:
        answer = await identity_ahead.ask("GET", f"/users/{AGENT.id}")
        return answer.status_code == 401

    # looked at by nobody in between: looking is activity
    await eventually(ended, DEADLINE_S, "the clock moved")
    identity_ahead.platform.set_clock(timedelta(hours=25))
    lifecycle = await identity_ahead.follow(USER_LIFECYCLE)

    async def expired() -> bool:
        body = sign_in_form(identifiant, temporary[::-1])
        await identity_ahead.ask("POST", "/sessions", body, session=None)
        failed = [each for each in lifecycle.records if of("u1", "sign_in_failed")(each)]
        tomorrow = datetime.now(UTC) + timedelta(hours=24)
        return any(datetime.fromisoformat(each.json()["at"]) > tomorrow for each in failed)

    await eventually(expired, DEADLINE_S, "the clock moved again")
    late = await identity_ahead.ask("POST", "/sessions", sign_in_form(identifiant, temporary))
    problem(late, 401, "connexion_refusee")


OTHER = "jeton_autre_destinataire"


async def test_command_token_opens_its_topic_and_nothing_else(identity: Running) -> None:
    await identity.create_user("u1")
    token = await identity.token()
    lifecycle = await identity.follow(USER_LIFECYCLE)
    refusals = await identity.follow(refusals_topic(SERVICE))
    await identity.publish(ModifyUser(user_id="u1", nom="Durand"), token)
    updated = await lifecycle.wait_for(of("u1", "user_updated"), DEADLINE_S)
    assert (updated.json()["nom"], updated.json()["updated_by"]) == ("Durand", AGENT.id)
    problem(await identity.ask("GET", "/users/u1", session=token), 401, "session_requise")

    elsewhere = await identity.token(audience="mcp.notifications.commands")
    door = await identity.token(audience=http_audience(SERVICE))
    wrong = {AGENT_SESSION: "jeton_invalide", **dict.fromkeys((elsewhere, door), OTHER)}
    for refused_token, code in wrong.items():
        id = await identity.publish(ModifyUser(user_id="u1", nom="Autre"), refused_token)
        record = await refusals.wait_for(refusal_of(id), DEADLINE_S)
        assert record.json()["code"] == code
        assert refused_token.encode() not in (record.value or b"")
    assert (await identity.ask("GET", "/users/u1")).json()["nom"] == "Durand"


async def test_token_is_for_a_command_topic_or_a_door_and_for_nothing_else(
    identity: Running,
) -> None:
    for service in ("identity", "habilitation", "cdap"):
        token = await identity.token(audience=http_audience(service))
        claims = jwt.decode(token, options={"verify_signature": False})
        assert (claims["aud"], claims["sub"]) == (f"mcp.{service}.http", AGENT.id)
        problem(await identity.ask("GET", "/users", session=token), 401, "session_requise")
    for audience in ("mcp.user-lifecycle", "mcp.habilitation.https", "mcp.x.http ", "http", "*"):
        answer = await identity.ask("POST", "/tokens", {"audience": audience})
        assert answer.status_code == 422, audience


async def test_published_keys_verify_the_tokens(identity: Running) -> None:
    token = await identity.token()
    answer = await identity.ask("GET", "/.well-known/jwks.json", session=None)
    keys = jwt.PyJWKSet.from_dict(answer.json())
    assert all("d" not in key for key in answer.json()["keys"])
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["EdDSA"], audience=COMMANDS, issuer="mcp.identity")
    assert (claims["sub"], claims["kind"]) == (AGENT.id, "agent_caf")
    assert claims["exp"] - claims["iat"] == 300


async def test_service_account_gets_a_token_once_per_assertion(identity: Running) -> None:
    done = await identity.platform.run_command(
        SERVICE, "service-account", "guichet", "--audience", COMMANDS
    )
    assert done.exit_code == 0, done.stderr
    private = json.loads(done.stdout.splitlines()[-1])
    now = time.time()
    claims = {"iss": "guichet", "sub": "guichet", "aud": "mcp.identity", "jti": "1"}
    assertion = jwt.encode(
        claims | {"iat": int(now), "exp": int(now) + 60},
        jwt.PyJWK(private, "EdDSA").key,
        algorithm="EdDSA",
    )
    url = identity.platform.replica(SERVICE).url
    asked = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
        "audience": COMMANDS,
    }
    async with httpx.AsyncClient(base_url=url) as client:
        given = await client.post("/oauth/token", data=asked)
        again = await client.post("/oauth/token", data=asked)
        nothing = await client.post("/oauth/token", content=b"\xff\xfe")
    assert given.status_code == 200, given.text
    assert given.json()["token_type"] == "Bearer"
    payload = jwt.decode(given.json()["access_token"], options={"verify_signature": False})
    assert (payload["sub"], payload["kind"]) == ("guichet", "service")
    problem(again, 401, "client_refuse")
    problem(nothing, 401, "client_refuse")


async def test_openapi_tells_the_problems(identity: Running) -> None:
    document = (await identity.ask("GET", "/openapi.json")).json()
    assert document["info"]["title"].endswith("identity")
    for path, method in [
        ("/sessions", "post"), ("/password", "post"), ("/users", "post"),
        ("/users/{user_id}", "patch"), ("/tokens", "post"),
    ]:  # fmt: skip
        responses = document["paths"][path][method]["responses"]
        assert {"400", "401", "403", "409", "422", "503"} <= set(responses)
        for status in ("401", "422"):
            problem = responses[status]["content"]["application/problem+json"]
            assert problem["schema"]["$ref"] == "#/components/schemas/ProblemDocument"
    assert "ProblemDocument" in document["components"]["schemas"]


async def personalised(identity: Running, user_id: str) -> str:
    """Follow a person to his own password; the token of his full session."""
    identifiant, temporary = await identity.credentials(user_id)
    narrow = await identity.client.sign_in(identifiant, temporary)
    chosen = {"nouveau_mot_de_passe": PASSWORD}
    answer = await identity.ask("POST", "/password", chosen, session=narrow)
    assert answer.status_code == 204, answer.text
    return await identity.client.sign_in(identifiant, PASSWORD)
