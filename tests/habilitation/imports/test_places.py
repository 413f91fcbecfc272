"""A few imports at once in a process, one of each convention: what is given back is free again."""

from contextlib import ExitStack

import pytest

from services.habilitation.imports.places import (
    MOST_AT_ONCE,
    ImportUnderWay,
    Places,
    TooManyImports,
)


def test_one_import_of_a_convention_at_once() -> None:
    places = Places()
    with places.taken("19_214"):
        with pytest.raises(ImportUnderWay), places.taken("19_214"):
            pass
        with places.taken("20_7"):
            pass
    with places.taken("19_214"):
        pass


def test_a_few_of_all_conventions_at_once() -> None:
    places = Places()
    with ExitStack() as held:
        for number in range(MOST_AT_ONCE):
            held.enter_context(places.taken(f"20_{number}"))
        with pytest.raises(TooManyImports), places.taken("20_99"):
            pass
    with places.taken("20_99"):
        pass


def test_a_place_is_given_back_whatever_becomes_of_the_import() -> None:
    places = Places()
    with pytest.raises(ZeroDivisionError), places.taken("19_214"):
        raise ZeroDivisionError
    with places.taken("19_214"):
        pass
