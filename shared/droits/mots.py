"""The French of a chain: how services, days and roles are said on screens."""

from collections.abc import Mapping
from datetime import date

from shared.contracts.conventions import CodeService
from shared.droits.dossier import Groupe, Role

SERVICES: Mapping[str, str] = {
    CodeService.CDAP: "Consulter dossier (CDAP)",
    CodeService.AFAS: "Aide financière d’action sociale (AFAS)",
    CodeService.ADONIS: "Adonis",
    CodeService.BAILLEUR: "Espace Bailleur",
    CodeService.DGFIP: "Offre DGFIP",
}
"""The entries of the menu (domain.md § 1.2 [seed 001][seed 002][seed 003])."""
MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
    "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def say_service(service: str) -> str:
    """The name of a service, in quotation marks."""
    return f"«\u00a0{SERVICES.get(service, service)}\u00a0»"


def say_groupe(groupe: Groupe) -> str:
    """A group by its libellé: « T1 Assistants sociaux »."""
    return f"«\u00a0{groupe.libelle}\u00a0»"


def say_role(role: Role) -> str:
    """A role: « Consulter dossier (CDAP) », profil T1."""
    profil = "" if role.profil is None else f", profil {role.profil}"
    return f"{say_service(role.service)}{profil}"


def say_day(day: date) -> str:
    """A day: 1er mars 2026."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MOIS[day.month - 1]} {day.year}"


def say_par(who: str | None, noms: Mapping[str, str]) -> str:
    """By whom, where the reader may know it."""
    return f" par {noms[who]}" if who is not None and who in noms else ""
