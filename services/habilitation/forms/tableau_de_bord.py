"""What is shown of a dashboard: lists of which each says how many there are in all."""

from datetime import date, datetime

from services.habilitation.annuaire.tableau_de_bord import SOON, FinAppartenance, TableauDeBord
from services.habilitation.domain.etats import EtatGroupe
from services.habilitation.domain.personne import Personne
from services.habilitation.forms.lectures import (
    GroupeRefView,
    PersonneRef,
    RoleView,
    View,
    groupe_ref,
    named,
)
from shared.contracts.comptes import EtatCompte


class GroupeSuiviView(GroupeRefView):
    """Un groupe, son rôle, et combien de comptes ouverts lui appartiennent aujourd’hui."""

    niveau: int
    role: RoleView | None
    statut: EtatGroupe
    presents: int


class GroupesSuivis(View):
    """Les groupes qui ne sont pas clôturés, par code."""

    total: int
    lignes: list[GroupeSuiviView]


class ResponsableSuiviView(PersonneRef):
    """Un responsable, de combien de groupes, et sa dernière connexion s’il y en a une."""

    etat: EtatCompte | None
    connecte_le: datetime | None
    groupes: int


class ResponsablesSuivis(View):
    """Les responsables ; d’abord qui ne s’est jamais connecté, puis depuis le plus longtemps."""

    total: int
    lignes: list[ResponsableSuiviView]


class FinGroupeView(GroupeRefView):
    """Un groupe qui ferme bientôt."""

    fin: date


class FinsGroupes(View):
    """Les groupes qui ferment bientôt, par jour."""

    total: int
    lignes: list[FinGroupeView]


class FinAppartenanceView(PersonneRef):
    """Une personne qui sort bientôt d’un groupe."""

    groupe: GroupeRefView
    fin: date


class FinsAppartenances(View):
    """Les appartenances qui finissent bientôt, par jour."""

    total: int
    lignes: list[FinAppartenanceView]


class FinCompteView(PersonneRef):
    """Un compte qui sera bientôt clôturé."""

    fin: date


class FinsComptes(View):
    """Les comptes ouverts qui seront bientôt clôturés, par jour."""

    total: int
    lignes: list[FinCompteView]


class FinsProches(View):
    """Ce qui finit d’ici `horizon`, ce jour compris ; `convention` : le jour où elle est close."""

    horizon: date
    convention: date | None
    groupes: FinsGroupes
    appartenances: FinsAppartenances
    comptes: FinsComptes


class CompteSuiviView(PersonneRef):
    """Un compte ouvert, et depuis quand."""

    ouverture: date | None


class ComptesSuivis(View):
    """Des comptes ouverts, par nom."""

    total: int
    lignes: list[CompteSuiviView]


class TableauDeBordView(View):
    """Le tableau de bord d’une convention ; `total` compte aussi les lignes qui n’y tiennent pas.

    Qui n’est pas administrateur n’y voit que les groupes qu’il gère et leurs membres.
    """

    convention_id: str
    jour: date
    groupes: GroupesSuivis
    responsables: ResponsablesSuivis
    fins_proches: FinsProches
    jamais_connectes: ComptesSuivis
    sans_groupe: ComptesSuivis


def tableau_view(tableau: TableauDeBord) -> TableauDeBordView:
    """The dashboard as it is shown."""
    day = tableau.vue.day
    return TableauDeBordView.model_validate(
        {
            "convention_id": tableau.vue.convention.id,
            "jour": day,
            "groupes": {
                "total": tableau.groupes.total,
                "lignes": [
                    {
                        **dict(each.groupe),
                        **groupe_ref(each.groupe),
                        "statut": each.groupe.etat_at(day),
                        "presents": each.presents,
                    }
                    for each in tableau.groupes.lignes
                ],
            },
            "responsables": {
                "total": tableau.responsables.total,
                "lignes": [
                    {
                        **named(each.user_id, each.personne),
                        "etat": None if each.personne is None else each.personne.etat_at(day),
                        "connecte_le": each.connecte_le,
                        "groupes": each.groupes,
                    }
                    for each in tableau.responsables.lignes
                ],
            },
            "fins_proches": _fins(tableau),
            "jamais_connectes": {
                "total": tableau.jamais_connectes.total,
                "lignes": [_compte(each) for each in tableau.jamais_connectes.lignes],
            },
            "sans_groupe": {
                "total": tableau.sans_groupe.total,
                "lignes": [_compte(each) for each in tableau.sans_groupe.lignes],
            },
        }
    )


def _fins(tableau: TableauDeBord) -> dict[str, object]:
    return {
        "horizon": tableau.vue.day + SOON,
        "convention": tableau.fin_convention,
        "groupes": {
            "total": tableau.fins_groupes.total,
            "lignes": [
                {**groupe_ref(each), "fin": each.cloture} for each in tableau.fins_groupes.lignes
            ],
        },
        "appartenances": {
            "total": tableau.fins_appartenances.total,
            "lignes": [_appartenance(each) for each in tableau.fins_appartenances.lignes],
        },
        "comptes": {
            "total": tableau.fins_comptes.total,
            "lignes": [
                {**named(each.id, each), "fin": each.cloture}
                for each in tableau.fins_comptes.lignes
            ],
        },
    }


def _appartenance(each: FinAppartenance) -> dict[str, object]:
    personne = named(each.personne.id, each.personne)
    return {**personne, "groupe": groupe_ref(each.groupe), "fin": each.fin}


def _compte(personne: Personne) -> dict[str, object]:
    return {**named(personne.id, personne), "ouverture": personne.ouverture}
