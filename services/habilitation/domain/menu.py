"""The menu of the portal: what each person sees in it [seed 001][seed 003][seed 004]."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.contracts.comptes import Fonction
from shared.contracts.conventions import CodeService, NatureGroupe


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """What a person's menu depends on."""

    fonctions: frozenset[str] | None = None
    """Of an internal account; None for anybody else."""
    bailleur: bool = False
    """Whether it is the account of a private landlord."""
    gere: bool = False
    """Whether he manages habilitations: administrateur, responsable, agent for that; who is in
    AFAS-HABILITER manages the members of AFAS-DECLARER there (assumed)."""
    services: frozenset[CodeService] = frozenset()
    """Those that his groups open to him today."""
    natures: frozenset[NatureGroupe] = frozenset()
    """Of the open groups that he belongs to."""


Shown = Callable[[Portrait], bool]


@dataclass(frozen=True)
class Entree:
    """An entry, under what condition it shows, what it holds."""

    code: str
    libelle: str
    shown: Shown
    sous_entrees: "tuple[Entree, ...]" = ()


def _always(_: Portrait) -> bool:
    return True


def _gere(portrait: Portrait) -> bool:
    return portrait.gere


def _agent(portrait: Portrait) -> bool:
    return portrait.fonctions is not None


def _for_caf(portrait: Portrait) -> bool:
    return _gere(portrait) and _agent(portrait)


def _bailleur(portrait: Portrait) -> bool:
    return portrait.bailleur or _agent(portrait) or CodeService.BAILLEUR in portrait.services


def _fonction(fonction: Fonction) -> Shown:
    return lambda portrait: fonction in (portrait.fonctions or ())


def _service(service: CodeService) -> Shown:
    return lambda portrait: service in portrait.services


def _nature(nature: NatureGroupe) -> Shown:
    return lambda portrait: nature in portrait.natures


_GESTION = (
    Entree("mes_organismes", "Mes organismes", _gere),
    Entree("mes_conventions", "Mes conventions", _gere),
    Entree("mes_utilisateurs_internes", "Mes utilisateurs en internes", _for_caf),
    Entree("mes_bailleurs_physiques", "Mes bailleurs physiques", _for_caf),
    Entree("types_de_partenaires", "Les types de partenaires", _for_caf),
    Entree("mes_tableaux_de_bord", "Mes tableaux de bord", _gere),
)
"""Which of them a partner sees is assumed (domain.md § 1.2); he has a dashboard of his own."""

_AFAS = (
    Entree("accueil_afas", "Accueil AFAS", _always),
    Entree("mes_declarations", "Mes déclarations", _nature(NatureGroupe.AFAS_DECLARER)),
    Entree(
        "administration_des_profils",
        "Administration des profils",
        _nature(NatureGroupe.AFAS_HABILITER),
    ),
)
"""By which of the two AFAS groups each shows [seed 001]."""

ENTREES = (
    Entree("bienvenue", "Bienvenue", _always),
    Entree("gestion_des_habilitations", "Gestion des habilitations", _gere, _GESTION),
    Entree("consulter_dossier", "Consulter dossier", _service(CodeService.CDAP)),
    Entree(
        "supervision_consulter_dossier",
        "Supervision Consulter dossier",
        _fonction(Fonction.SUPERVISION_CDAP),
    ),
    Entree("espace_bailleur", "Espace Bailleur", _bailleur),
    Entree("afas", "Aide financière d’action sociale", _service(CodeService.AFAS), _AFAS),
    Entree("adonis", "Adonis", _service(CodeService.ADONIS)),
    Entree("dgfip", "Offre DGFIP", _service(CodeService.DGFIP)),
    Entree("supervision_dgfip", "Supervision DGFIP", _fonction(Fonction.SUPERVISION_DGFIP)),
    Entree("regles_usage", "Règles d’usage", _always),
    Entree("mon_profil", "Mon profil", _always),
)
"""The left column, in its order (domain.md § 1.2)."""


def menu(portrait: Portrait) -> tuple[Entree, ...]:
    """The entries that show, each with those of its own that do."""
    return _shown(ENTREES, portrait)


def _shown(entrees: tuple[Entree, ...], portrait: Portrait) -> tuple[Entree, ...]:
    return tuple(
        Entree(each.code, each.libelle, each.shown, _shown(each.sous_entrees, portrait))
        for each in entrees
        if each.shown(portrait)
    )
