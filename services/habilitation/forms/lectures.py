"""What is shown of conventions, of groups, of people: the columns of the seeds' screens."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from services.habilitation.annuaire.conventions import Detail as ConventionDetail
from services.habilitation.annuaire.groupes import Detail as GroupeDetail
from services.habilitation.annuaire.personnes import Fiche
from services.habilitation.annuaire.vue import Vue
from services.habilitation.domain.convention import Convention
from services.habilitation.domain.droits import Operation
from services.habilitation.domain.etats import EtatAppartenance, EtatGroupe
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.personne import Personne
from shared.contracts.comptes import EtatCompte
from shared.contracts.conventions import (
    CodeService,
    EtatConvention,
    EtatService,
    NatureGroupe,
    Portee,
    Rang,
)


class View(BaseModel):
    """What is shown: made from the documents, of which it takes what it names."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class ConventionLine(View):
    """Une ligne de la liste des conventions [seed 001]."""

    convention_id: str
    libelle: str
    caf: str
    partenaire: str
    siret: str
    type_organisme: str
    ouverture: date
    cloture: date | None
    etat: EtatConvention
    validee: bool
    """Signée par tous : elle est ouverte à sa date d’ouverture."""


class ConventionPage(View):
    """Une page de la liste ; `suivant` est à redonner dans `apres` pour avoir la suite."""

    conventions: list[ConventionLine]
    suivant: str | None


class MentionView(View):
    """Quand, et par qui."""

    at: datetime
    par: str


class ProfilView(View):
    """Un profil CDAP accordé ; rien n’est attribué avant que sa condition soit confirmée."""

    profil: str
    missions: str
    finalite: str
    fondement: str
    destinataires: str
    portee: Portee
    cafs: tuple[str, ...]
    condition: str | None
    condition_confirmee: bool
    confirmation: MentionView | None


class ServiceView(View):
    """Un service de la convention : bulletin, éligibilité, suspension, reprise, résiliation.

    `ouvert` : convention ouverte, contrat signé, et tout ce qu’il faut au service lui-même.
    """

    service: CodeService
    etat: EtatService
    ouvert: bool
    bulletin: date
    eligibilite: date | None
    motif: str | None
    suspension: MentionView | None
    reprise: MentionView | None
    resiliation: MentionView | None
    profils: tuple[ProfilView, ...]


class PersonneRef(View):
    """Une personne nommée ; sans nom tant que son compte n’est pas connu."""

    user_id: str
    nom: str | None
    prenom: str | None


class AdministrateurView(PersonneRef):
    """Un administrateur partenaire."""

    rang: Rang
    depuis: datetime


class ConventionView(ConventionLine):
    """Une convention en détail."""

    departements: tuple[str, ...]
    motif: str | None
    suspension: MentionView | None
    reprise: MentionView | None
    contrat: date | None
    gestion_deleguee: bool
    services: tuple[ServiceView, ...]
    administrateurs: tuple[AdministrateurView, ...]


class RoleView(View):
    """Le rôle d’un groupe : un service et, pour CDAP, un profil."""

    service: CodeService
    profil: str | None


class RoleRetireView(View):
    """Le dernier rôle retiré ou changé : lequel, quand, par qui."""

    role: RoleView
    at: datetime
    par: str


class GroupeLine(View):
    """Une ligne de la liste des groupes [seed 004] ; `actions` : ce que l’acteur peut y faire."""

    groupe_id: str
    code: str
    libelle: str
    niveau: int
    nature: NatureGroupe
    ouverture: date
    cloture: date | None
    statut: EtatGroupe
    role: RoleView | None
    responsable_id: str
    actions: tuple[Operation, ...]


class GroupePage(View):
    """Une page de la liste ; `suivant` est à redonner dans `apres` pour avoir la suite."""

    groupes: list[GroupeLine]
    suivant: str | None


class GroupeRefView(View):
    """Un groupe nommé."""

    groupe_id: str
    code: str
    libelle: str


class GroupeView(GroupeLine):
    """Un groupe en détail ; ses membres se lisent page par page à côté."""

    convention_id: str
    responsable: PersonneRef
    parent: GroupeRefView | None
    role_attribue: MentionView | None
    role_retire: RoleRetireView | None


class AppartenanceView(View):
    """Une appartenance : le groupe, ce qu’il donne, de quand à quand (ce jour exclu)."""

    groupe: GroupeRefView
    role: RoleView | None
    debut: date
    fin: date | None
    etat: EtatAppartenance


class UtilisateurView(View):
    """Une personne avec ses groupes."""

    user_id: str
    nom: str
    prenom: str
    convention_id: str | None
    ouverture: date | None
    cloture: date | None
    etat: EtatCompte
    connecte_le: datetime | None
    appartenances: tuple[AppartenanceView, ...]


class UtilisateurPage(View):
    """Une page de la liste ; `suivant` est à redonner dans `apres` pour avoir la suite."""

    utilisateurs: list[UtilisateurView]
    suivant: str | None


def convention_line(convention: Convention, day: date) -> ConventionLine:
    """A convention as a line that day."""
    return ConventionLine.model_validate(_convention(convention, day))


def convention_view(detail: ConventionDetail, day: date) -> ConventionView:
    """A convention in detail that day."""
    convention, contrat = detail.convention, detail.convention.contrat
    return ConventionView.model_validate(
        {
            **_convention(convention, day),
            "contrat": None if contrat is None else contrat.signe_le,
            "gestion_deleguee": convention.gestion_deleguee,
            "services": [
                {**dict(each), "ouvert": convention.opens(each, day)}
                for each in convention.services
            ],
            "administrateurs": [
                {**named(each.user_id, detail.personnes[each.user_id]), **dict(each)}
                for each in convention.administrateurs
            ],
        }
    )


def groupe_line(vue: Vue, groupe: Groupe) -> GroupeLine:
    """A group as a line, with what the actor may do to it."""
    return GroupeLine.model_validate(_groupe_line(vue, groupe))


def groupe_view(detail: GroupeDetail) -> GroupeView:
    """A group in detail."""
    groupe = detail.groupe
    return GroupeView.model_validate(
        {
            **_groupe_line(detail.vue, groupe),
            "responsable": named(groupe.responsable_id, detail.responsable),
            "parent": None if detail.parent is None else groupe_ref(detail.parent),
        }
    )


def utilisateur_view(fiche: Fiche, day: date) -> UtilisateurView:
    """A person with the memberships that are seen."""
    personne = fiche.personne
    appartenances = [
        {
            **dict(each),
            "groupe": groupe_ref(groupe),
            "role": groupe.role,
            "etat": each.etat_at(day),
        }
        for each, groupe in fiche.appartenances
    ]
    told = {"user_id": personne.id, "etat": personne.etat_at(day), "appartenances": appartenances}
    return UtilisateurView.model_validate({**dict(personne), **told})


def _convention(convention: Convention, day: date) -> dict[str, object]:
    return {
        **dict(convention),
        "convention_id": convention.id,
        "libelle": f"{convention.id} {convention.organisme}",
        "partenaire": convention.organisme,
        "etat": convention.etat_at(day),
    }


def _groupe_line(vue: Vue, groupe: Groupe) -> dict[str, object]:
    return {
        **dict(groupe),
        "groupe_id": groupe.id,
        "statut": groupe.etat_at(vue.day),
        "actions": vue.actions(groupe),
    }


def groupe_ref(groupe: Groupe) -> dict[str, str]:
    """A group named."""
    return {"groupe_id": groupe.id, "code": groupe.code, "libelle": groupe.libelle}


def named(user_id: str, personne: Personne | None) -> dict[str, str | None]:
    """A person named, as far as the account is known."""
    if personne is None:
        return {"user_id": user_id, "nom": None, "prenom": None}
    return {"user_id": user_id, "nom": personne.nom, "prenom": personne.prenom}
