"""The memory of decisions: bounded, never older than the copy."""

import pytest

from shared.droits.lecture import Lu, Personne
from shared.droits.memoire import Memoire, weigh
from shared.droits.projection import COMPTES_DROITS, CONVENTIONS_DROITS, HABILITATIONS_DROITS
from shared.mongo.changes import Change
from tests.shared.droits.scene import COMPTE, CONVENTION, PERSONNE, dossier, groupe

WHOLE = dossier(groupe())
LU = Lu(
    {PERSONNE: Personne(COMPTE, WHOLE.membre)},
    {"19_214": CONVENTION},
    {"g1": groupe()},
)


@pytest.fixture
def memoire() -> Memoire:
    memoire = Memoire(2)
    memoire.open()
    return memoire


def keep(memoire: Memoire, lu: Lu = LU) -> None:
    with memoire.reading() as reading:
        memoire.keep(reading, lu)


def test_what_was_read_is_told(memoire: Memoire):
    assert memoire.dossier(PERSONNE) is None
    keep(memoire)
    assert memoire.dossier(PERSONNE) == WHOLE
    assert memoire.octets >= weigh(COMPTE) + weigh(CONVENTION) + weigh(groupe())


@pytest.mark.parametrize(
    "change",
    [
        Change(COMPTES_DROITS, PERSONNE),
        Change(CONVENTIONS_DROITS, "19_214"),
        Change(HABILITATIONS_DROITS, "groupe/g1"),
        Change(HABILITATIONS_DROITS, f"membre/{PERSONNE}"),
        Change(HABILITATIONS_DROITS, None),
    ],
)
def test_what_changed_is_forgotten(memoire: Memoire, change: Change):
    keep(memoire)
    memoire.forget([Change(COMPTES_DROITS, "autre"), change])
    assert memoire.dossier(PERSONNE) is None
    keep(memoire)
    assert memoire.dossier(PERSONNE) == WHOLE


@pytest.mark.parametrize(
    "change",
    [
        Change(COMPTES_DROITS, PERSONNE),
        Change(CONVENTIONS_DROITS, "19_214"),
        Change(HABILITATIONS_DROITS, "groupe/g1"),
        Change(HABILITATIONS_DROITS, f"membre/{PERSONNE}"),
        Change(CONVENTIONS_DROITS, None),
    ],
)
def test_what_changed_while_it_was_read_is_not_kept(memoire: Memoire, change: Change):
    with memoire.reading() as reading:
        memoire.forget([change])
        memoire.keep(reading, LU)
    assert memoire.dossier(PERSONNE) is None
    keep(memoire)
    assert memoire.dossier(PERSONNE) == WHOLE


def test_without_news_nothing_is_kept(memoire: Memoire):
    keep(memoire)
    memoire.close()
    assert memoire.dossier(PERSONNE) is None
    keep(memoire)
    assert memoire.dossier(PERSONNE) is None
    assert memoire.octets == 0


def test_what_was_read_before_the_news_began_again_is_not_kept(memoire: Memoire):
    with memoire.reading() as reading:
        memoire.close()
        memoire.open()
        memoire.keep(reading, LU)
    assert memoire.dossier(PERSONNE) is None


def test_what_the_store_does_not_hold_is_kept_too(memoire: Memoire):
    keep(memoire, Lu({PERSONNE: Personne(COMPTE, WHOLE.membre)}, {"19_214": None}, {"g1": None}))
    assert memoire.dossier(PERSONNE) == dossier(groupe(), convention=None, groupes={})


def test_who_was_asked_for_last_stays(memoire: Memoire):
    people = {id: Personne(None, None) for id in ("a", "b", "c")}
    keep(memoire, Lu({id: people[id] for id in ("a", "b")}))
    octets = memoire.octets
    assert memoire.dossier("a") is not None
    keep(memoire, Lu({"c": people["c"]}))
    assert [memoire.dossier(id) is not None for id in ("a", "b", "c")] == [True, False, True]
    assert (len(memoire), memoire.octets) == (2, octets)
    keep(memoire, Lu(people))
    assert (len(memoire), memoire.octets) == (2, octets)
