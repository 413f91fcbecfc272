"""Every command that a screen asks: its address, its form, its answer."""

from dataclasses import dataclass

from services.habilitation.forms import conventions, groupes
from services.habilitation.forms.form import Answer, Form
from shared.contracts import habilitation_commands as commands
from shared.contracts.habilitation_commands import ConventionCommand

CREATED, ACCEPTED = 201, 202
CONVENTION = "/conventions/{convention_id}"
BULLETIN = f"{CONVENTION}/bulletins/{{service}}"
ADMINISTRATEURS = f"{CONVENTION}/administrateurs"
GROUPES = f"{CONVENTION}/groupes"
GROUPE = f"{GROUPES}/{{groupe_id}}"
MEMBRES = f"{GROUPE}/membres"
MEMBRE = f"{MEMBRES}/{{user_id}}"
UTILISATEURS = f"{CONVENTION}/utilisateurs"


@dataclass(frozen=True)
class Commande:
    """How a command is asked by HTTP: what the address does not say is in the form."""

    command: type[ConventionCommand]
    method: str
    path: str
    says: str
    form: type[Form] | None = None
    answer: type[Answer] = conventions.ConventionRef
    status: int = 200

    @property
    def name(self) -> str:
        """Its name in the published language, such as `add_appartenance`."""
        return self.command.TYPE.split(".")[2]

    @property
    def tag(self) -> str:
        """Under which title the OpenAPI document shows it."""
        if self.path.startswith(UTILISATEURS):
            return "utilisateurs"
        return "groupes" if self.path.startswith(GROUPES) else "conventions"


_OF_CONVENTION = (
    Commande(
        commands.RegisterConvention,
        "POST",
        "/conventions",
        "Enregistrer un organisme partenaire et sa convention, en brouillon.",
        conventions.ConventionForm,
        status=CREATED,
    ),
    Commande(
        commands.ModifyConvention,
        "PATCH",
        CONVENTION,
        "Modifier une convention par avenant.",
        conventions.ConventionChanges,
    ),
    Commande(
        commands.PresentConvention,
        "POST",
        f"{CONVENTION}/presentation",
        "Mettre une convention à la signature.",
    ),
    Commande(
        commands.ValidateConvention,
        "POST",
        f"{CONVENTION}/validation",
        "Valider une convention signée : elle est ouverte à sa date d’ouverture.",
    ),
    Commande(
        commands.SuspendConvention,
        "POST",
        f"{CONVENTION}/suspension",
        "Suspendre une convention : plus personne n’y peut rien.",
        conventions.MotifForm,
    ),
    Commande(
        commands.ResumeConvention,
        "POST",
        f"{CONVENTION}/resumption",
        "Lever la suspension d’une convention.",
    ),
    Commande(
        commands.CloseConvention,
        "POST",
        f"{CONVENTION}/closing",
        "Clôturer une convention, aujourd’hui ou un jour à venir, définitivement.",
        conventions.ClosingForm,
    ),
    Commande(
        commands.SignContrat,
        "PUT",
        f"{CONVENTION}/contrat",
        "Enregistrer le contrat de service, avec gestion déléguée ou non.",
        conventions.ContratForm,
    ),
    Commande(
        commands.SolliciterCaf,
        "POST",
        f"{CONVENTION}/sollicitations",
        "Solliciter sa Caf : avenant, éligibilité, départ d’un administrateur ou gestionnaire.",
        conventions.SollicitationForm,
        conventions.SollicitationRef,
        ACCEPTED,
    ),
)

_OF_BULLETIN = (
    Commande(
        commands.SignBulletin,
        "PUT",
        BULLETIN,
        "Enregistrer le bulletin d’adhésion d’un service, et les profils accordés.",
        conventions.BulletinForm,
        conventions.BulletinRef,
    ),
    Commande(
        commands.TerminateBulletin,
        "POST",
        f"{BULLETIN}/termination",
        "Résilier le bulletin d’adhésion d’un service.",
        answer=conventions.BulletinRef,
    ),
    Commande(
        commands.RecordEligibilite,
        "PUT",
        f"{BULLETIN}/eligibilite",
        "Enregistrer le formulaire d’éligibilité de CDAP ou d’AFAS.",
        answer=conventions.BulletinRef,
    ),
    Commande(
        commands.SuspendService,
        "POST",
        f"{BULLETIN}/suspension",
        "Suspendre un service d’une convention.",
        conventions.MotifForm,
        conventions.BulletinRef,
    ),
    Commande(
        commands.ResumeService,
        "POST",
        f"{BULLETIN}/resumption",
        "Lever la suspension d’un service.",
        answer=conventions.BulletinRef,
    ),
    Commande(
        commands.ConfirmCondition,
        "PUT",
        f"{CONVENTION}/profils/{{profil}}/condition",
        "Confirmer la condition propre à un profil CDAP.",
    ),
)

_OF_ADMINISTRATEUR = (
    Commande(
        commands.DesignateAdministrateur,
        "POST",
        ADMINISTRATEURS,
        "Désigner un administrateur partenaire, principal ou suppléant.",
        conventions.AdministrateurForm,
        conventions.AdministrateurRef,
        CREATED,
    ),
    Commande(
        commands.ReplaceAdministrateur,
        "POST",
        f"{ADMINISTRATEURS}/{{ancien_id}}/replacement",
        "Remplacer un administrateur, par avenant ou annexe 3.",
        conventions.SuccesseurForm,
        conventions.AdministrateurRef,
    ),
    Commande(
        commands.RelieveAdministrateur,
        "DELETE",
        f"{ADMINISTRATEURS}/{{user_id}}",
        "Mettre fin à la désignation d’un administrateur.",
        answer=conventions.AdministrateurRef,
    ),
)

_OF_GROUPE = (
    Commande(
        commands.OpenGroupe,
        "POST",
        GROUPES,
        "Ouvrir un groupe avec son responsable d’habilitations.",
        groupes.GroupeForm,
        groupes.GroupeRef,
        CREATED,
    ),
    Commande(
        commands.ModifyGroupe,
        "PATCH",
        GROUPE,
        "Modifier un groupe : libellé, ouverture, responsable.",
        groupes.GroupeChanges,
        groupes.GroupeRef,
    ),
    Commande(
        commands.CloseGroupe,
        "POST",
        f"{GROUPE}/closing",
        "Clôturer un groupe, aujourd’hui ou un jour à venir.",
        conventions.ClosingForm,
        groupes.GroupeRef,
    ),
    Commande(
        commands.ReopenGroupe,
        "POST",
        f"{GROUPE}/reopening",
        "Rouvrir un groupe : sa date de clôture est retirée.",
        answer=groupes.GroupeRef,
    ),
    Commande(
        commands.DeleteGroupe,
        "DELETE",
        GROUPE,
        "Supprimer un groupe vide créé par le partenaire.",
        answer=groupes.GroupeRef,
    ),
    Commande(
        commands.AssignRole,
        "PUT",
        f"{GROUPE}/role",
        "Attribuer son rôle à un groupe, ou le changer ; ses membres l’ont aussitôt.",
        groupes.RoleForm,
        groupes.GroupeRef,
    ),
    Commande(
        commands.WithdrawRole,
        "DELETE",
        f"{GROUPE}/role",
        "Retirer son rôle à un groupe.",
        answer=groupes.GroupeRef,
    ),
)

_OF_MEMBRE = (
    Commande(
        commands.AddAppartenance,
        "POST",
        MEMBRES,
        "Ajouter un utilisateur à un groupe.",
        groupes.MembreForm,
        groupes.MembreRef,
        CREATED,
    ),
    Commande(
        commands.EndAppartenance,
        "POST",
        f"{MEMBRE}/ending",
        "Retirer un utilisateur d’un groupe, aujourd’hui ou un jour à venir.",
        groupes.EndingForm,
        groupes.MembreRef,
    ),
    Commande(
        commands.MoveAppartenance,
        "POST",
        f"{MEMBRE}/move",
        "Faire passer un utilisateur d’un groupe à un autre, en une fois.",
        groupes.MoveForm,
        groupes.MembreRef,
    ),
)

_OF_UTILISATEUR = (
    Commande(
        commands.RequestAccount,
        "POST",
        UTILISATEURS,
        "Demander le compte d’une personne, pour les groupes qu’elle rejoindra.",
        groupes.UtilisateurForm,
        groupes.UtilisateurRef,
        ACCEPTED,
    ),
)

COMMANDES = (
    *_OF_CONVENTION,
    *_OF_BULLETIN,
    *_OF_ADMINISTRATEUR,
    *_OF_GROUPE,
    *_OF_MEMBRE,
    *_OF_UTILISATEUR,
)
"""All of them; those that only the scheduler asks (dates) have no screen."""
