"""One's own account over HTTP: seen, changed, its rules accepted, an incident reported."""

import httpx
import pytest

from shared.contracts.topics import USER_LIFECYCLE
from tests.harness.topics import Record
from tests.identity.builders import CONVENTION
from tests.identity.people import WRONG, People, Person
from tests.identity.running import DEADLINE_S, Running

pytestmark = [pytest.mark.connected, pytest.mark.timeout(180)]

WORDS = "Mon ordinateur a été volé dans le train, Mme Untel l’a vu."
NEW_MAIL = "zoe.durand@valfleury.example"


async def fact(identity: Running, name: str) -> Record:
    """The fact of that name, once told."""
    follower = await identity.follow(USER_LIFECYCLE)
    type = f"mcp.identity.{name}.v1"
    return await follower.wait_for(lambda each: each.header("ce_type") == type, DEADLINE_S, name)


async def me(people: People, person: Person, token: str) -> dict[str, object]:
    """His account as he sees it."""
    answer = await people.identity.ask("GET", "/me", session=token)
    assert answer.status_code == httpx.codes.OK, answer.text
    shown: dict[str, object] = answer.json()
    assert shown["identifiant"] == person.identifiant
    return shown


async def test_account_shows_what_is_known_and_no_secret(people: People) -> None:
    person = await people.add("p1")
    shown = await me(people, person, await people.token(person))
    assert (shown["organisme"], shown["caf"]) == ("Mairie de Valfleury", "931")
    assert (shown["convention_id"], shown["etat"]) == (CONVENTION, "ouvert")
    assert not {"mot_de_passe", "provisoire", "epoque", "actes", "version"} & set(shown)


async def test_own_address_changes_with_the_password_and_both_addresses_are_told(
    people: People,
) -> None:
    identity, person = people.identity, await people.add("p1")
    taken = await people.add("p2")
    token = await people.token(person)

    async def change(mail: str, confirmed: str, password: str) -> httpx.Response:
        body = {"mail": mail, "mail_confirmation": confirmed, "mot_de_passe": password}
        return await identity.ask("PUT", "/me/mail", body, session=token)

    for mail, confirmed, password, code in (
        (NEW_MAIL, "autre@valfleury.example", person.password, "adresse_non_confirmee"),
        ("contact@valfleury.example", "contact@valfleury.example", WRONG, "adresse_de_service"),
        (NEW_MAIL, NEW_MAIL, WRONG, "mot_de_passe_refuse"),
        (taken.mail, taken.mail, person.password, "adresse_indisponible"),
    ):
        refused = await change(mail, confirmed, password)
        assert refused.json()["code"] == code
    assert (await change(NEW_MAIL, NEW_MAIL, person.password)).status_code == 204
    assert (await me(people, person, token))["mail"] == NEW_MAIL
    told = (await fact(identity, "user_mail_changed")).json()
    assert (told["ancienne_mail"], told["mail"]) == (person.mail, NEW_MAIL)
    assert (told["caf"], told["administrateur"]) == ("931", False)


async def test_own_phone_is_typed_twice_and_may_go(people: People) -> None:
    person = await people.add("p1")
    token = await people.token(person)
    number = "06 07 08 09 10"
    for body, status, kept in (
        ({"telephone": number, "telephone_confirmation": number}, 204, number),
        ({"telephone": number}, 422, number),
        ({"telephone": number, "telephone_confirmation": "06 07 08 09 11"}, 422, number),
        ({"telephone": None}, 204, None),
    ):
        answer = await people.identity.ask("PUT", "/me/telephone", body, session=token)
        assert answer.status_code == status, answer.text
        assert (await me(people, person, token))["telephone"] == kept


async def test_regles_are_shown_at_sign_in_until_they_are_accepted(people: People) -> None:
    identity, person = people.identity, await people.add("p1")
    opened = (await people.sign_in(person)).json()
    shown = (await identity.ask("GET", "/regles", session=None)).json()
    assert opened["regles_a_accepter"] == shown["version"]
    assert "secret professionnel" in shown["texte"]
    old = await identity.ask("POST", "/me/regles", {"version": "2020-01"}, session=opened["token"])
    assert old.json()["code"] == "regles_pas_en_vigueur"
    version = {"version": shown["version"]}
    accepted = await identity.ask("POST", "/me/regles", version, session=opened["token"])
    assert accepted.status_code == 204
    assert (await people.sign_in(person)).json()["regles_a_accepter"] is None
    assert (await fact(identity, "regles_usage_accepted")).json()["regles"] == shown["version"]


async def test_incident_reaches_notifications_sealed_and_nobody_else(people: People) -> None:
    identity, person = people.identity, await people.add("p1")
    token = await people.token(person)
    body = {"nature": "materiel_perdu_ou_vole", "description": WORDS}
    answers = [
        await identity.ask("POST", "/me/incidents", body, session=token, key="i") for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    record = await fact(identity, "incident_reported")
    told = record.json()
    assert told["incident_id"] == answers[0].json()["incident_id"]
    assert (told["caf"], told["organisme"]) == ("931", "Mairie de Valfleury")
    assert "volé".encode() not in (record.value or b"")
    assert identity.opened(record)["description"] == WORDS
    longest = {"nature": "autre", "description": "é" * 1000}
    answer = await identity.ask("POST", "/me/incidents", longest, session=token)
    assert answer.status_code == 201
    longest["description"] += "é"
    answer = await identity.ask("POST", "/me/incidents", longest, session=token)
    assert answer.status_code == 422


async def test_help_and_sign_in_page_are_for_everybody(people: People) -> None:
    identity = people.identity
    page = await identity.ask("GET", "/connexion", session=None)
    assert "personnes autorisées" in page.json()["acces"]
    questions = (await identity.ask("GET", "/aide/connexion", session=None)).json()
    assert {len(questions["roles"]), len(questions["problemes"])} == {5, 6}
    said = {"role": "administrateur", "probleme": "identifiant_perdu"}
    answer = await identity.ask("POST", "/aide/connexion", said, session=None)
    assert "votre Caf" in answer.json()["reponse"]
    for path in ("/me", "/sessions/current"):
        assert (await identity.ask("GET", path, session=None)).status_code == 401
