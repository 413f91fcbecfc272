"""A fact carries the whole state of what it is about: a copy needs the last one only."""

import pytest
from pydantic import BaseModel

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.membre import Appartenance
from services.habilitation.domain.recit import convention_fact, groupe_fact, membre_fact
from shared.contracts import conventions as mots
from shared.contracts.habilitation import (
    AppartenancesSnapshot,
    ConventionSnapshot,
    GroupeSnapshot,
)
from tests.habilitation.builders import NOW, convention, groupe, membre

OWN = {"id", "version", "seq"}
KEPT: list[tuple[type[BaseModel], type[BaseModel], set[str]]] = [
    (Convention, ConventionSnapshot, OWN),
    (Groupe, GroupeSnapshot, OWN | {"adhesions", "sous_groupes", "ouverture_dite", "cloture_dite"}),
    (Appartenance, mots.Appartenance, {"debut_dit", "fin_dite"}),
]
"""What is kept, what tells it, what is nobody else's affair: counters, what was told already."""


@pytest.mark.parametrize(("kept", "told", "own"), KEPT)
def test_whatever_is_kept_is_told(
    kept: type[BaseModel], told: type[BaseModel], own: set[str]
) -> None:
    assert kept.model_fields.keys() - own <= told.model_fields.keys()


def test_who_is_the_principal_where_the_organisme_is_and_who_added_whom() -> None:
    told = convention_fact(ConventionSnapshot, convention(), at=NOW)
    assert (told.principal_id, told.departements) == ("admin", ("93",))
    nobody = convention_fact(ConventionSnapshot, convention(administrateurs=()), at=NOW)
    assert nobody.principal_id is None
    memberships = membre_fact(AppartenancesSnapshot, membre("simple", "g1"), at=NOW)
    assert memberships.appartenances[0].par == "admin"


def test_a_deleted_group_told_again_is_not_taken_for_a_closed_one() -> None:
    for supprime in (False, True):
        told = groupe_fact(GroupeSnapshot, groupe("g1", supprime=supprime), at=NOW)
        assert told.supprime is supprime
