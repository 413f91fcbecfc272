"""The lists of the trade, kept as data: Caf, types of organismes, profiles of CDAP.

Read once, when first asked for: they ship with the code and change with it.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

DATA = Path(__file__).parent.parent / "data"


class Caf(NamedTuple):
    """A Caf of the network; `statut` tells how sure its code is (domain.md § 13)."""

    code: str
    departement: str
    nom: str
    statut: str


class TypeOrganisme(NamedTuple):
    """A type of partner [seed 004]; the list is assumed."""

    code: str
    libelle: str
    statut: str


class ProfilCdap(NamedTuple):
    """A profile of CDAP: whose it is, its own condition if it has one [seed 002][seed 003]."""

    code: str
    population: str
    condition: str | None
    source: str


@cache
def cafs() -> tuple[Caf, ...]:
    """The Caf of the network, by code."""
    return tuple(Caf(**each) for each in _read("caf")["cafs"])


@cache
def types_organisme() -> dict[str, TypeOrganisme]:
    """The types of organismes, by code."""
    return {each["code"]: TypeOrganisme(**each) for each in _read("types_organisme")["types"]}


@cache
def profils() -> dict[str, ProfilCdap]:
    """The profiles of CDAP, by code."""
    return {each["code"]: ProfilCdap(**each) for each in _read("profils")["profils"]}


def caf(code: str) -> Caf | None:
    """A Caf by its code."""
    return next((each for each in cafs() if each.code == code), None)


def cafs_of(departement: str) -> tuple[Caf, ...]:
    """The Caf of a département: one, but two in Pyrénées-Atlantiques, none where it is unknown."""
    return tuple(each for each in cafs() if each.departement == departement)


def _read(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
