"""The French of a chain: how services, groups, days and roles are said to whoever reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Lecteur:
    """Who reads an explanation, by what he may learn of it; without more, all but people's names.

    A right may come by a group that he does not see: he is told that it is another one, not which.
    """

    noms: Mapping[str, str] = field(default_factory=dict)
    """The names of people that he may see, by their id."""
    groupes: frozenset[str] | None = None
    """The groups that he may see, by their id; None: every one."""

    def may_see(self, groupe: Groupe) -> bool:
        """Whether he may be told which group it is."""
        return self.groupes is None or groupe.id in self.groupes


def say_service(service: str) -> str:
    """The name of a service, in quotation marks."""
    return f"«\u00a0{SERVICES.get(service, service)}\u00a0»"


def say_groupe(groupe: Groupe, lecteur: Lecteur) -> str:
    """A group by its libellé: le groupe « T1 Assistants sociaux »."""
    if not lecteur.may_see(groupe):
        return "un autre groupe"
    return f"le groupe «\u00a0{groupe.libelle}\u00a0»"


def say_au_groupe(groupe: Groupe, lecteur: Lecteur) -> str:
    """The same after « à »: au groupe « T1 Assistants sociaux »."""
    said = say_groupe(groupe, lecteur)
    return f"au{said.removeprefix('le')}" if lecteur.may_see(groupe) else f"à {said}"


def as_sentence(text: str) -> str:
    """With its first letter as a capital."""
    return text[:1].upper() + text[1:]


def say_role(role: Role) -> str:
    """A role: « Consulter dossier (CDAP) », profil T1."""
    profil = "" if role.profil is None else f", profil {role.profil}"
    return f"{say_service(role.service)}{profil}"


def say_day(day: date) -> str:
    """A day: 1er mars 2026."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MOIS[day.month - 1]} {day.year}"


def say_par(who: str | None, lecteur: Lecteur) -> str:
    """By whom, where the reader may know it."""
    return f" par {lecteur.noms[who]}" if who is not None and who in lecteur.noms else ""
