"""What lists ask of the store and show, without one."""

from services.habilitation.annuaire.groupes import Filtres, _filters
from services.habilitation.annuaire.personnes import Fiche
from services.habilitation.domain.etats import EtatGroupe
from services.habilitation.forms.lectures import convention_line, utilisateur_view
from shared.contracts.conventions import EtatConvention
from tests.habilitation.builders import OPENED, TODAY, convention, days, groupe, personne


def test_groups_to_come_are_not_taken_for_deleted_ones() -> None:
    to_come = groupe("g1", ouverture=days(3))
    assert to_come.etat_at(TODAY) is EtatGroupe.A_VENIR
    (asked,) = _filters(Filtres(statut=EtatGroupe.SUPPRIME), TODAY)
    assert asked == {"supprime": True}, "and none of those is shown"


def test_a_convention_that_is_signed_says_so_before_its_day() -> None:
    """Columns statut and état of the seed: « Validée » [seed 001]."""
    waiting = convention(etat=EtatConvention.A_SIGNER, ouverture=days(3))
    for validee in (True, False):
        line = convention_line(waiting.changed(validee=validee), TODAY)
        assert (line.etat, line.validee) == (EtatConvention.A_SIGNER, validee)


def test_the_days_of_an_account_are_columns() -> None:
    shown = utilisateur_view(Fiche(personne("simple", cloture=days(9)), ()), TODAY)
    assert (shown.ouverture, shown.cloture) == (OPENED, days(9))
