"""What lists ask of the store, without one."""

from services.habilitation.annuaire.groupes import Filtres, _filters
from services.habilitation.domain.etats import EtatGroupe
from tests.habilitation.builders import TODAY, days, groupe


def test_groups_to_come_are_not_taken_for_deleted_ones() -> None:
    to_come = groupe("g1", ouverture=days(3))
    assert to_come.etat_at(TODAY) is EtatGroupe.A_VENIR
    (asked,) = _filters(Filtres(statut=EtatGroupe.SUPPRIME), TODAY)
    assert asked == {"supprime": True}, "and none of those is shown"
