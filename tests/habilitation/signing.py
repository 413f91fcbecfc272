"""What an agent of the Caf asks of the contract side, and how it is told."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from services.habilitation.domain.convention import SiretReserve
from shared.contracts import habilitation_commands as commands
from shared.contracts.conventions import CodeService, EtatConvention, Portee, ProfilDemande, Rang
from shared.contracts.habilitation_commands import ConventionCommand
from shared.path.decision import Document
from tests.habilitation.builders import CONVENTION, NOW, convention, personne

TOMORROW = NOW + timedelta(days=1)
SIRET = "21930001900011"
"""Its key is right."""
OURS = SiretReserve(id="21190214300018", convention_id=CONVENTION)
"""The reservation of our convention's SIRET."""

ASKED: dict[type[ConventionCommand], dict[str, Any]] = {
    commands.ModifyConvention: {"organisme": "Ville de Valfleury"},
    commands.PresentConvention: {},
    commands.ValidateConvention: {},
    commands.SuspendConvention: {"motif": "Plan de contrôle"},
    commands.ResumeConvention: {},
    commands.CloseConvention: {},
    commands.SignContrat: {"gestion_deleguee": True},
    commands.SignBulletin: {"service": CodeService.DGFIP},
    commands.TerminateBulletin: {"service": CodeService.ADONIS},
    commands.ConfirmCondition: {"profil": "T9"},
    commands.RecordEligibilite: {"service": CodeService.CDAP},
    commands.SuspendService: {"service": CodeService.CDAP, "motif": "Plan de contrôle"},
    commands.ResumeService: {"service": CodeService.CDAP},
    commands.DesignateAdministrateur: {"user_id": "simple", "rang": Rang.PRINCIPAL},
    commands.ReplaceAdministrateur: {"ancien_id": "admin", "user_id": "simple"},
    commands.RelieveAdministrateur: {"user_id": "admin"},
}
"""Every command on a convention that there is, with what it needs besides."""


def ask(kind: type[ConventionCommand], **own: Any) -> ConventionCommand:
    """A command on our convention; `own` replaces some of it."""
    return kind(**({"convention_id": CONVENTION} | ASKED[kind] | own))


def register(**own: Any) -> commands.RegisterConvention:
    """The registration of a town hall of our Caf; `own` replaces some of it."""
    values: dict[str, Any] = {
        "convention_id": "25_3",
        "siret": SIRET,
        "organisme": " Mairie d’Orval ",
        "type_organisme": "commune",
        "departements": ("93",),
    }
    return commands.RegisterConvention(**(values | own))


def demande(profil: str = "T1", **own: Any) -> ProfilDemande:
    """A profile asked for; `own` replaces some of it."""
    values: dict[str, Any] = {
        "profil": profil,
        "missions": "Accompagnement social",
        "finalite": "Instruire les demandes",
        "fondement": "Code de l’action sociale et des familles",
        "destinataires": "Agents du CCAS",
        "portee": Portee.CAF,
    }
    return ProfilDemande(**(values | own))


def names(facts: Iterable[Any]) -> list[str]:
    """What was told, by name."""
    return [each.TYPE.split(".")[2] for each in facts]


def young(etat: EtatConvention = EtatConvention.BROUILLON, **own: Any) -> Document:
    """Our convention before anything was signed; `own` replaces some of it."""
    values: dict[str, Any] = {
        "etat": etat,
        "validee": False,
        "contrat": None,
        "services": (),
        "administrateurs": (),
    }
    return convention(**(values | own))


def newcomer(**own: Any) -> Document:
    """A person of our convention who is nothing yet; `own` replaces some of it."""
    return personne("nouveau", **own)
