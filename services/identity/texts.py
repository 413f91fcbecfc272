"""The texts that identity shows, kept as data: règles d'usage, sign-in page, help."""

import json
from functools import cache
from pathlib import Path
from typing import Any, cast

from services.identity.domain.aide import Probleme, RoleDeclare
from services.identity.domain.regles import VERSIONS

DATA = Path(__file__).parent / "data"


@cache
def regles(version: str) -> str:
    """The text of a version of the règles d'usage."""
    if version not in VERSIONS:
        raise KeyError(version)
    return (DATA / "regles_usage" / f"{version}.txt").read_text(encoding="utf-8")


@cache
def connexion() -> dict[str, str]:
    """What the sign-in page says of who may come in."""
    return cast("dict[str, str]", _read("connexion"))


@cache
def aide() -> dict[str, Any]:
    """The questionnaire of « Problème de connexion »: its questions, its answers."""
    return _read("aide_connexion")


def reponse(role: RoleDeclare, probleme: Probleme) -> str:
    """What a person in that role is told of that problem."""
    data = aide()
    answer: str = data["reponses"][probleme]
    return answer.format(a_qui=data["a_qui"][role])


def _read(name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads((DATA / f"{name}.json").read_text(encoding="utf-8")))
