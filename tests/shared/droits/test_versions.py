"""The versions of what a decision was made of, as text and back."""

import pytest

from shared.droits.versions import MOST_GROUPES, Versions

KNOWN = Versions(3, 5, (("g1", 2), ("g2", 9)))


@pytest.mark.parametrize(
    ("seen", "covered"),
    [
        (Versions(), True),
        (KNOWN, True),
        (Versions(3, 5, (("g1", 1),)), True),
        (Versions(4, 5), False),
        (Versions(3, 6), False),
        (Versions(3, 5, (("g1", 3),)), False),
        (Versions(3, 5, (("g3", 1),)), False),
        (Versions(3, 4, (("g3", 1),)), True),
        (Versions(3, 4, (("g2", 10),)), False),
    ],
)
def test_what_was_seen_is_known_or_not(seen: Versions, covered: bool):
    assert KNOWN.covers(seen) is covered


def test_a_version_travels_as_text():
    assert KNOWN.text() == "c3.m5/g1=2/g2=9"
    assert Versions.parse(KNOWN.text()) == KNOWN
    assert Versions.parse("c0.m0") == Versions()
    of_any_id = Versions(3, 5, (("g.1", 2), ("m:2.x_y-z", 9)))
    assert Versions.parse(of_any_id.text()) == of_any_id


def test_that_of_somebody_with_all_the_memberships_that_may_be_travels_too():
    most = Versions(1, 2, tuple((f"{n:032x}", n) for n in range(MOST_GROUPES)))
    assert Versions.parse(most.text()) == most
    with pytest.raises(ValueError, match="no version"):
        Versions.parse(f"{most.text()}/g=1")


@pytest.mark.parametrize(
    "text", ["", "c1", "c1.m", "c-1.m1", "c1.m1/g1", "c1.m1/g1=x", "c1.m1.g1=1", "c1.m1 "]
)
def test_anything_else_is_no_version(text: str):
    with pytest.raises(ValueError, match="no version"):
        Versions.parse(text)
