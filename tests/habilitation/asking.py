"""One request of each command that is accepted, and what its ids name: for tests of all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from services.habilitation.domain.convention import Administrateur
from shared.contracts import habilitation_commands as commands
from shared.contracts.conventions import (
    CodeService,
    EtatConvention,
    EtatService,
    ObjetSollicitation,
    ProfilDemande,
    Rang,
)
from shared.contracts.habilitation_commands import ConventionCommand
from shared.path.decision import Document
from shared.security.principal import Principal
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    CONVENTION,
    OTHER_CONVENTION,
    SIGNED,
    TODAY,
    cdap,
    convention,
    groupe,
    nouvelle,
)
from tests.harness.readings import is_id

OTHERS = {"convention": OTHER_CONVENTION, "groupe": "g9", "personne": "leur-simple"}
"""Ids of another convention."""
UNKNOWN = {"convention": "99_999", "groupe": "inconnu", "personne": "inconnu"}
"""Ids of nothing."""
_KINDS = {
    "convention_id": "convention",
    "groupe_id": "groupe",
    "parent_id": "groupe",
    "vers_id": "groupe",
    "groupe": "groupe",
    "user_id": "personne",
    "responsable_id": "personne",
    "ancien_id": "personne",
    "utilisateur": "personne",
}
MADE = {
    (commands.RegisterConvention, "convention_id"),
    (commands.OpenGroupe, "groupe_id"),
    (commands.RequestAccount, "user_id"),
    (commands.SolliciterCaf, "sollicitation_id"),
}
"""Ids of what a command makes: they name nothing yet. By HTTP, those of groups are drawn."""


@dataclass(frozen=True)
class Asking:
    """Who asks what, with what else has to be there for it to be accepted."""

    by: Principal
    fields: Mapping[str, Any] = field(default_factory=dict)
    documents: tuple[Document, ...] = ()

    def message(self, command: type[ConventionCommand], **other: Any) -> ConventionCommand:
        """The command, with other values for some of its fields."""
        return command(**{"convention_id": CONVENTION, **self.fields, **other})


def kind_of(name: str) -> str:
    """What an id of that name is the id of."""
    return _KINDS[name]


def ids_of(model: type[BaseModel]) -> list[str]:
    """The fields of a message that are ids."""
    properties = model.model_json_schema()["properties"]
    return [name for name, schema in properties.items() if is_id(schema)]


_ALONE = (Administrateur(user_id="admin", rang=Rang.PRINCIPAL, depuis=SIGNED),)
_CDAP, _G1 = {"service": CodeService.CDAP}, {"groupe_id": "g1"}
_MOTIF = {"motif": "Contrôle en cours"}
_PROFIL = ProfilDemande(
    profil="T2",
    missions="Accompagnement social",
    finalite="Instruction des aides",
    fondement="Convention d’accès",
    destinataires="Travailleurs sociaux",
)
_SUPPLEANT = {"rang": Rang.SUPPLEANT, "user_id": "simple"}

ASKED: Mapping[type[ConventionCommand], Asking] = {
    commands.RegisterConvention: Asking(
        AGENT,
        {
            "convention_id": "24_17",
            "siret": "21930001000028",
            "organisme": "Mairie de Montclair",
            "type_organisme": "commune",
            "departements": ("93",),
        },
    ),
    commands.ModifyConvention: Asking(AGENT, {"organisme": "Ville de Valfleury"}),
    commands.PresentConvention: Asking(
        AGENT, documents=(convention(etat=EtatConvention.BROUILLON, validee=False),)
    ),
    commands.ValidateConvention: Asking(
        AGENT, documents=(convention(etat=EtatConvention.A_SIGNER, validee=False),)
    ),
    commands.SuspendConvention: Asking(AGENT, _MOTIF),
    commands.ResumeConvention: Asking(
        AGENT, documents=(convention(etat=EtatConvention.SUSPENDUE),)
    ),
    commands.CloseConvention: Asking(AGENT),
    commands.SignContrat: Asking(AGENT, {"gestion_deleguee": False}),
    commands.SignBulletin: Asking(
        AGENT,
        {"service": CodeService.AFAS, "responsable_id": "simple"},
        (convention(services=(cdap(),)),),
    ),
    commands.TerminateBulletin: Asking(AGENT, _CDAP),
    commands.ConfirmCondition: Asking(AGENT, {"profil": "T9"}),
    commands.RecordEligibilite: Asking(
        AGENT, _CDAP, (convention(services=(cdap(eligibilite=None),)),)
    ),
    commands.SuspendService: Asking(AGENT, _CDAP | _MOTIF),
    commands.ResumeService: Asking(
        AGENT, _CDAP, (convention(services=(cdap(etat=EtatService.SUSPENDU),)),)
    ),
    commands.DesignateAdministrateur: Asking(
        AGENT, _SUPPLEANT, (convention(administrateurs=_ALONE),)
    ),
    commands.ReplaceAdministrateur: Asking(AGENT, {"ancien_id": "suppleant", "user_id": "simple"}),
    commands.RelieveAdministrateur: Asking(AGENT, {"user_id": "suppleant"}),
    commands.OpenGroupe: Asking(
        ADMIN,
        {
            "groupe_id": "nouveau",
            "code": "N1",
            "libelle": "Nouveau",
            "responsable_id": "simple",
            "parent_id": "g1",
        },
    ),
    commands.ModifyGroupe: Asking(ADMIN, _G1 | {"responsable_id": "simple"}),
    commands.CloseGroupe: Asking(ADMIN, _G1),
    commands.ReopenGroupe: Asking(ADMIN, _G1, (groupe("g1", cloture=TODAY),)),
    commands.DeleteGroupe: Asking(ADMIN, {"groupe_id": "g2"}),
    commands.AssignRole: Asking(ADMIN, {"groupe_id": "g2", "profil": "T2"} | _CDAP),
    commands.WithdrawRole: Asking(ADMIN, _G1),
    commands.AddAppartenance: Asking(ADMIN, _G1 | {"user_id": "simple"}),
    commands.EndAppartenance: Asking(ADMIN, _G1 | {"user_id": "membre"}),
    commands.MoveAppartenance: Asking(ADMIN, _G1 | {"user_id": "membre", "vers_id": "g2"}),
    commands.RequestAccount: Asking(
        ADMIN, {"user_id": "nouvelle", "personne": nouvelle(), "groupes": ("g1",)}
    ),
    commands.SolliciterCaf: Asking(
        ADMIN,
        {
            "sollicitation_id": "s1",
            "objet": ObjetSollicitation.AVENANT,
            "message": "Il nous faut un avenant.",
        },
    ),
}
"""One of every command of a screen, accepted where there is what the builders say."""
