"""The rules of memberships alone: days that overlap, an end that comes nearer, what is kept."""

from datetime import date

import pytest

from services.habilitation.domain.appartenances import held_at, join, leave, settled
from services.habilitation.domain.errors import GroupeOver
from services.habilitation.domain.errors_appartenances import (
    AlreadyMember,
    EndsBefore,
    FinPast,
    NotMember,
)
from services.habilitation.domain.etats import EtatAppartenance
from services.habilitation.domain.membre import Appartenance
from shared.contracts.conventions import MOST_PASSEES
from tests.habilitation.builders import OPENED, TODAY, appartenance, days, groupe, membre

SPAN = appartenance("g1", days(2), days(5))


@pytest.mark.parametrize(
    ("debut", "fin", "shared"),
    [
        (days(0), days(2), False),
        (days(0), days(3), True),
        (days(3), days(4), True),
        (days(4), None, True),
        (days(5), None, False),
        (days(0), None, True),
        (days(3), days(3), False),
    ],
)
def test_days_are_shared_or_not_whichever_is_looked_at_first(
    debut: date, fin: date | None, shared: bool
) -> None:
    other = appartenance("g1", debut, fin)
    assert SPAN.overlaps(other) is other.overlaps(SPAN) is shared


def test_a_membership_has_a_state_each_day_and_holds_in_one_of_them() -> None:
    states = {
        1: EtatAppartenance.A_VENIR,
        2: EtatAppartenance.EN_COURS,
        4: EtatAppartenance.EN_COURS,
        5: EtatAppartenance.FINIE,
    }
    for count, etat in states.items():
        assert SPAN.etat_at(days(count)) is etat
        assert SPAN.holds(days(count)) is (etat is EtatAppartenance.EN_COURS)


def test_what_is_due_is_what_came_and_was_not_told() -> None:
    begins = SPAN.model_copy(update={"debut_dit": False})
    assert [begins.is_due(days(each)) for each in (1, 2, 4, 5)] == [False, True, True, True]
    told = begins.told_at(days(2))
    assert [told.is_due(days(each)) for each in (2, 4, 5)] == [False, False, True]
    assert not told.told_at(days(5)).is_due(days(9))


def test_an_end_that_is_changed_is_to_be_told_anew() -> None:
    over = appartenance("g1", fin=TODAY).told_at(TODAY)
    assert over.ended(days(3), "admin").fin_dite is False


def test_nobody_joins_a_group_that_will_be_closed_by_then() -> None:
    closing = groupe("g1", cloture=days(3))
    with pytest.raises(GroupeOver):
        join(membre("simple"), closing, appartenance("g1", days(3)), TODAY)
    joined = join(membre("simple"), closing, appartenance("g1", days(2)), TODAY)
    assert joined.in_groupe("g1", TODAY) is not None


def test_what_is_over_forbids_nothing() -> None:
    before = membre("simple", appartenance("g1", fin=TODAY))
    after = join(before, groupe("g1"), appartenance("g1", TODAY), TODAY)
    assert after.groupes(TODAY) == ("g1",)
    with pytest.raises(AlreadyMember):
        join(after, groupe("g1"), appartenance("g1", days(30)), TODAY)


def test_leaving_touches_one_group_and_says_who_and_when() -> None:
    after = leave(membre("simple", "g1", "g2"), "g1", fin=TODAY, par="admin", day=TODAY)
    assert after.groupes(TODAY) == ("g2",)
    over = next(each for each in after.appartenances if each.groupe_id == "g1")
    assert (over.fin, over.fin_par, over.fin_dite) == (TODAY, "admin", True)


def test_what_began_today_and_ends_today_is_kept_for_whoever_asks_why() -> None:
    before = membre("simple", appartenance("g1", TODAY))
    after = leave(before, "g1", fin=TODAY, par="admin", day=TODAY)
    assert after.groupes(TODAY) == ()
    assert [each.fin_par for each in after.appartenances] == ["admin"]


@pytest.mark.parametrize(
    ("own", "fin", "refusal"),
    [
        (appartenance("g1"), days(-1), FinPast),
        (appartenance("g2"), TODAY, NotMember),
        (appartenance("g1", fin=TODAY), TODAY, NotMember),
        (appartenance("g1", fin=days(2)), days(2), EndsBefore),
    ],
)
def test_what_leaving_refuses(own: Appartenance, fin: date, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        leave(membre("simple", own), "g1", fin=fin, par="admin", day=TODAY)


def test_of_two_memberships_of_a_group_the_one_of_that_day_is_meant() -> None:
    now, later = appartenance("g1", fin=days(2)), appartenance("g1", days(2))
    person = membre("simple", now, later)
    assert held_at(person, "g1", days(1)) == now
    assert held_at(person, "g1", days(2)) == later
    with pytest.raises(NotMember):
        held_at(membre("simple", later), "g1", days(1))


def test_of_what_is_over_the_newest_are_kept_and_nothing_else_is_lost() -> None:
    past = [appartenance(f"n{n}", OPENED, days(-n - 1)) for n in range(MOST_PASSEES + 5)]
    after = settled(membre("simple", *past, "g1", SPAN), TODAY)
    assert len(after.appartenances) == MOST_PASSEES + 2
    assert {each.groupe_id for each in after.appartenances if each.is_over(TODAY)} == {
        f"n{n}" for n in range(MOST_PASSEES)
    }
    assert after.going_on(TODAY) == (appartenance("g1"), SPAN)
