"""Rights recomputed from what was told, and from nothing else (G-34).

Written from domain.md § 1.1 and § 2 alone; it shares no line with what decides. Facts are read as
they are published: JSON bodies, days as ISO texts, which compare as days do.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Fact = Mapping[str, Any]
Droit = tuple[str, str, str | None, str]
"""Who, which service, which profile, by which group."""
MARKS = {
    "appartenances": "user_id",
    "responsable_id": "groupe_id",
    "siret": "convention_id",
    "genre": "user_id",
}
"""What only the facts about memberships, groups, conventions, accounts hold; whose they are."""


def recompute(told: Iterable[Fact], day: str) -> set[Droit]:
    """The rights of everybody on a day, by the last thing told of each."""
    last: dict[tuple[str, str], Fact] = {}
    for fact in told:
        last |= {(mark, fact[id]): fact for mark, id in MARKS.items() if mark in fact}
    membres = [fact for (mark, _), fact in last.items() if mark == "appartenances"]
    return {droit for membre in membres for droit in _droits(membre, last, day)}


def _droits(membre: Fact, last: Mapping[tuple[str, str], Fact], day: str) -> Iterator[Droit]:
    user, number = membre["user_id"], membre["convention_id"]
    compte, convention = last["genre", user], last["siret", number]
    is_open = compte["etat"] != "cloture" and _is_open(convention, day)
    is_his = compte["convention_id"] == number
    if not (is_open and is_his and _on(day, compte) and _on(day, convention, "contrat")):
        return
    services = {each["service"]: each for each in convention["services"]}
    for each in membre["appartenances"]:
        groupe = last["responsable_id", each["groupe_id"]]
        role = groupe.get("role", {})
        service = services.get(role.get("service")) if groupe["convention_id"] == number else None
        goes_on = _on(day, each, "debut", "fin") and _on(day, groupe)
        if service and goes_on and _is_granted(service, role.get("profil"), day):
            yield user, role["service"], role.get("profil"), each["groupe_id"]


def _is_open(convention: Fact, day: str) -> bool:
    """Told to be open; or signed by all, its day having come before anybody told."""
    waits = convention["etat"] == "a_signer" and convention.get("validee", False)
    return convention["etat"] == "ouverte" or bool(waits and _on(day, convention))


def _is_granted(service: Fact, profil: str | None, day: str) -> bool:
    code, profils = service["service"], {each["profil"]: each for each in service["profils"]}
    asked = profils.get(profil or "", {"condition": "not granted"})
    confirmed = "condition" not in asked or asked.get("condition_confirmee", False)
    eligible = code not in {"cdap", "afas"} or service.get("eligibilite", "9999") <= day
    signed = service["etat"] == "signe" and service["bulletin"] <= day
    return bool(signed and eligible and (code != "cdap" or confirmed))


def _on(day: str, fact: Fact, first: str = "ouverture", over: str = "cloture") -> bool:
    return bool(fact.get(first, "9999") <= day < fact.get(over, "9999"))
