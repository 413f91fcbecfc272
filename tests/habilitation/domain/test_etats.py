"""The tables of transitions: complete, without a state that nothing leads to."""

from enum import StrEnum
from typing import Any

import pytest

from services.habilitation.domain.errors import StateForbids
from services.habilitation.domain.etats import APPARTENANCE, CONVENTION, GROUPE, SERVICE, Cycle
from shared.contracts.conventions import EtatConvention
from shared.contracts.habilitation import SERVICE as HABILITATION
from shared.contracts.habilitation import ConventionResumed, ConventionSuspended

CYCLES = {"convention": CONVENTION, "service": SERVICE, "groupe": GROUPE, "membre": APPARTENANCE}
each_cycle = pytest.mark.parametrize("cycle", CYCLES.values(), ids=CYCLES)


@each_cycle
def test_every_state_is_named_and_led_to_from_the_beginning(cycle: Cycle[Any]) -> None:
    reached = {each.vers for each in cycle.passages if each.depuis is None}
    for _ in cycle.libelles:
        reached |= {each.vers for each in cycle.passages if each.depuis in reached}
    kind: type[StrEnum] = type(next(iter(reached)))
    assert reached == set(cycle.libelles) == set(kind)


@each_cycle
def test_every_transition_is_told_by_habilitation_and_said_once(cycle: Cycle[Any]) -> None:
    assert len(set(cycle.passages)) == len(cycle.passages)
    assert all(each.fait.TYPE.split(".")[1] == HABILITATION for each in cycle.passages)


def test_what_no_arrow_allows_is_refused_in_a_sentence_that_names_the_state() -> None:
    CONVENTION.check(EtatConvention.OUVERTE, ConventionSuspended)
    for etat in set(EtatConvention) - {EtatConvention.SUSPENDUE}:
        with pytest.raises(StateForbids) as refused:
            CONVENTION.check(etat, ConventionResumed)
        assert CONVENTION.libelles[etat] in refused.value.said


def test_a_closed_convention_and_a_deleted_groupe_stay_so() -> None:
    for cycle, last in ((CONVENTION, "cloturee"), (GROUPE, "supprime"), (APPARTENANCE, "finie")):
        assert not [each for each in cycle.passages if each.depuis == last]
