"""The Caf pivot by the départements of an organisme."""

import pytest

from services.habilitation.domain.caf_pivot import caf_pivot
from services.habilitation.domain.errors_contrat import CafNotThere, CafToChoose, DepartementUnknown
from services.habilitation.domain.referentiel import cafs
from shared.contracts.conventions import CAF_SEVERAL_DEPARTEMENTS


@pytest.mark.parametrize(
    ("departements", "caf", "pivot"),
    [
        (("93",), None, "931"),
        (("93",), "931", "931"),
        (("93", "93"), None, "931"),
        (("2A",), None, "201"),
        (("974",), None, "974"),
        (("64",), "642", "642"),
        (("93", "75"), None, CAF_SEVERAL_DEPARTEMENTS),
        (("64", "40"), None, CAF_SEVERAL_DEPARTEMENTS),
        (("78", "75"), "781", CAF_SEVERAL_DEPARTEMENTS),
    ],
)
def test_siege_or_yvelines(departements: tuple[str, ...], caf: str | None, pivot: str) -> None:
    assert caf_pivot(departements, caf) == pivot


@pytest.mark.parametrize(
    ("departements", "caf", "refused"),
    [
        (("98",), None, DepartementUnknown),
        (("93", "98"), None, DepartementUnknown),
        (("64",), None, CafToChoose),
        (("64",), "641x", CafNotThere),
        (("93",), "751", CafNotThere),
        (("93", "75"), "931", CafNotThere),
    ],
)
def test_what_is_refused(
    departements: tuple[str, ...], caf: str | None, refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        caf_pivot(departements, caf)


def test_every_departement_has_one_caf_or_two() -> None:
    for each in cafs():
        assert caf_pivot((each.departement,), each.code) == each.code
