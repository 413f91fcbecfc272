"""The key of a SIRET."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.habilitation.domain.errors_contrat import SiretInvalid
from services.habilitation.domain.siret import check_siret
from tests.habilitation.signing import SIRET

LA_POSTE_SIEGE, LA_POSTE_BUREAU = "35600000000048", "35600000049837"
"""The siège has a usual key, an office the rule of La Poste."""


@pytest.mark.parametrize("siret", [SIRET, "73282932000074", LA_POSTE_SIEGE, LA_POSTE_BUREAU])
def test_right_keys(siret: str) -> None:
    assert check_siret(siret) == siret


def test_the_rule_of_la_poste_is_its_own() -> None:
    wrong = LA_POSTE_BUREAU[:-1] + "6"
    other = "1" + LA_POSTE_BUREAU[1:]
    for siret in (wrong, other):
        with pytest.raises(SiretInvalid):
            check_siret(siret)


@given(place=st.integers(0, 13), more=st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(place: int, more: int) -> None:
    digit = (int(SIRET[place]) + more) % 10
    with pytest.raises(SiretInvalid):
        check_siret(f"{SIRET[:place]}{digit}{SIRET[place + 1 :]}")
