"""The lists of the trade: complete, sourced, in the words of the contracts."""

import json
import re

from pydantic import TypeAdapter

from services.habilitation.domain.referentiel import (
    DATA,
    caf,
    cafs,
    cafs_of,
    profils,
    types_organisme,
)
from shared.contracts.conventions import CAF_SEVERAL_DEPARTEMENTS, CodeProfil, Departement
from shared.contracts.envelope import Code, CodeCaf


def test_there_are_101_caf_one_of_them_seen() -> None:
    assert len({each.code for each in cafs()}) == len(cafs()) == 101
    for each in cafs():
        TypeAdapter(CodeCaf).validate_python(each.code)
        TypeAdapter(Departement).validate_python(each.departement)
    assert [each.code for each in cafs() if each.statut != "assumed"] == ["831"]
    assert caf(CAF_SEVERAL_DEPARTEMENTS) is not None
    assert caf("999") is None
    assert [each.code for each in cafs_of("64")] == ["641", "642"]
    assert cafs_of("98") == ()


def test_there_are_16_profils_three_of_them_with_a_condition_of_their_own() -> None:
    assert len(profils()) == 16
    for code, each in profils().items():
        TypeAdapter(CodeProfil).validate_python(code)
        assert each.population
        assert re.search(r"\[seed 00\d\]", each.source)
    assert {code for code, each in profils().items() if each.condition} == {"T1", "T4", "T9"}


def test_types_of_organismes_are_codes_with_a_name() -> None:
    for code, each in types_organisme().items():
        TypeAdapter(Code).validate_python(code)
        assert each.libelle[0].isupper()


def test_every_list_says_where_it_comes_from() -> None:
    for path in DATA.glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["source"], path.name
