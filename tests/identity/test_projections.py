"""What identity keeps of habilitation's facts: the last state told, of what it decides by."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from services.identity.domain.copies import Convention, Groupe, Membre
from services.identity.domain.lecture import groupes_of
from services.identity.projections import PROJECTIONS
from shared.calendrier import day_of
from shared.contracts import habilitation
from shared.contracts.catalogue import example_of
from shared.contracts.conventions import Appartenance
from shared.contracts.envelope import Fact
from shared.contracts.habilitation import TOLD
from shared.contracts.topics import CONVENTIONS, ROLE_ASSIGNMENTS
from shared.mongo.client import Store
from shared.mongo.documents import to_document
from shared.mongo.projection import apply
from shared.path.decision import D, Key
from tests.identity.builders import NOW, compte

pytestmark = [pytest.mark.connected]

TODAY = day_of(NOW)
FOLLOWED = {fact.TYPE for each in PROJECTIONS for fact in each.facts}
SAY_NOTHING = {
    "service_opened",
    "service_updated",
    "service_suspended",
    "service_resumed",
    "service_closed",
    "role_assigned",
    "role_withdrawn",
}
"""Facts of services and roles: no right on an account hangs on them."""


def test_every_other_fact_about_rights_is_followed() -> None:
    told = {fact.TYPE for fact in TOLD if fact.TOPIC in {CONVENTIONS, ROLE_ASSIGNMENTS}}
    assert {each.split(".")[2] for each in told - FOLLOWED} == SAY_NOTHING


class Copy:
    """The copies in a real store, and facts that go on from each other."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._told = 0

    async def know(self, fact: Fact) -> None:
        """Take in one more fact."""
        self._told += 1
        for each in PROJECTIONS:
            if fact.TYPE in each.table:
                await apply(each, self._store.collection(each.collection), [(fact, self._told)])

    async def get(self, key: Key[D]) -> D:
        """What is kept."""
        row = await self._store.collection(key.model.COLLECTION).find_one({"_id": key.id})
        assert row is not None
        return to_document(row, key.model)


@pytest.fixture
def copy(store: Store) -> Copy:
    return Copy(store)


def told(model: type[Fact], **own: Any) -> Any:
    """The published example of a fact, some of it otherwise."""
    fact = model.model_validate_json(json.dumps(example_of(model)))
    return fact.model_copy(update=own)


async def test_convention_is_known_before_it_opens_anything(copy: Copy) -> None:
    key = Convention.key_of("19_214")
    for model, etat in (
        (habilitation.ConventionRegistered, "brouillon"),
        (habilitation.ConventionPresented, "a_signer"),
    ):
        await copy.know(told(model, convention_id="19_214", etat=etat, cloture=None))
        assert not (await copy.get(key)).is_open(TODAY)
    await copy.know(
        told(habilitation.ConventionOpened, convention_id="19_214", etat="ouverte", cloture=None)
    )
    assert (await copy.get(key)).is_open(TODAY)


async def test_convention_ends_on_its_day_told_or_not(copy: Copy) -> None:
    key, tomorrow = Convention.key_of("19_214"), TODAY + timedelta(days=1)
    updated = told(
        habilitation.ConventionUpdated, convention_id="19_214", etat="ouverte", cloture=tomorrow
    )
    await copy.know(updated)
    kept = await copy.get(key)
    assert (kept.is_open(TODAY), kept.is_over(TODAY)) == (True, False)
    assert (kept.is_open(tomorrow), kept.is_over(tomorrow)) == (False, True)


async def test_group_closed_reopened_deleted_is_right_in_the_copy(copy: Copy) -> None:
    key = Groupe.key_for("g1")
    begun = date(2025, 1, 6)
    steps: list[tuple[type[Fact], date | None, bool]] = [
        (habilitation.GroupeOpened, None, True),
        (habilitation.GroupeClosed, TODAY, False),
        (habilitation.GroupeReopened, None, True),
        (habilitation.GroupeStarted, None, True),
        (habilitation.GroupeDeleted, TODAY, False),
    ]
    for model, cloture, goes_on in steps:
        await copy.know(told(model, groupe_id="g1", ouverture=begun, cloture=cloture))
        kept = await copy.get(key)
        assert (kept.goes_on(TODAY), kept.is_open(TODAY)) == (goes_on, goes_on), model.__name__


async def test_memberships_are_those_told_last(copy: Copy) -> None:
    steps: list[tuple[type[Fact], tuple[str, ...]]] = [
        (habilitation.AppartenanceAdded, ("g1",)),
        (habilitation.AppartenanceMoved, ("g2",)),
        (habilitation.AppartenanceStarted, ("g2", "g3")),
        (habilitation.AppartenanceLapsed, ("g3",)),
        (habilitation.AppartenanceEnded, ()),
    ]
    for model, groupes in steps:
        belongs = tuple(Appartenance(groupe_id=each, debut=TODAY) for each in groupes)
        await copy.know(told(model, user_id="u1", appartenances=belongs))
        assert (await copy.get(Membre.key_for("u1"))).groupes(TODAY) == groupes


async def test_group_refused_at_a_creation_counts_no_more(copy: Copy) -> None:
    """Until habilitation tells of a person, the groups asked for count."""
    asked = compte("u1", groupes_demandes=("g1",))
    assert groupes_of(asked, None, TODAY) == ("g1",)
    await copy.know(told(habilitation.AppartenanceRefused, user_id="u1", appartenances=()))
    membre = await copy.get(Membre.key_for("u1"))
    assert groupes_of(asked, membre, TODAY) == ()
