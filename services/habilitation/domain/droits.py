"""Who may do what: one table, decided on the convention, the group and who asks.

The rights are those of domain.md § 2.2 [seed 000][seed 001][seed 002]. What an actor may not even
see is answered as what does not exist; what he sees and may not touch, as not permitted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.errors import (
    ConventionNotOpen,
    ConventionOver,
    ConventionUnknown,
    GroupeUnknown,
    NotDelegated,
    NotPermitted,
)
from services.habilitation.domain.groupe import Groupe
from services.habilitation.domain.personne import Personne
from shared.contracts.comptes import Fonction
from shared.contracts.conventions import EtatConvention, NatureGroupe
from shared.security.principal import ActorKind, Principal


class Operation(StrEnum):
    """What may be done with a convention, its groups, their members."""

    CONSULTER = "consulter"
    CONTRACTER = "contracter"
    """Everything that is signed with the Caf, and who is administrateur."""
    SOLLICITER = "solliciter"
    CREER_UTILISATEUR = "creer_utilisateur"
    """Have an account made for no group; for a group, who manages its members may."""
    CREER_GROUPE = "creer_groupe"
    CREER_SOUS_GROUPE = "creer_sous_groupe"
    MODIFIER_GROUPE = "modifier_groupe"
    NOMMER_RESPONSABLE = "nommer_responsable"
    CLOTURER_GROUPE = "cloturer_groupe"
    SUPPRIMER_GROUPE = "supprimer_groupe"
    ATTRIBUER_ROLE = "attribuer_role"
    GERER_MEMBRES = "gerer_membres"


class Titre(StrEnum):
    """By what an actor may do something."""

    AGENT = "agent"
    """Caf agent with the function Habilitations, on a convention whose Caf pivot is his."""
    AGENT_GESTIONNAIRE = "agent_gestionnaire"
    """The same, where the Caf keeps the management to itself: it does it all."""
    ADMINISTRATEUR = "administrateur"
    """Administrateur partenaire, on his own convention."""
    RESPONSABLE = "responsable"
    """Responsable d'habilitations of that group."""
    HABILITEUR = "habiliteur"
    """Member of AFAS-HABILITER, on AFAS-DECLARER."""


class Cible(StrEnum):
    """What something is done to."""

    CONVENTION = "convention"
    GROUPE = "groupe"
    """One that the partner made."""
    AFAS_HABILITER = "afas_habiliter"
    AFAS_DECLARER = "afas_declarer"


_OF_GROUPE = frozenset(
    {
        Operation.CONSULTER,
        Operation.CREER_SOUS_GROUPE,
        Operation.MODIFIER_GROUPE,
        Operation.NOMMER_RESPONSABLE,
        Operation.CLOTURER_GROUPE,
        Operation.SUPPRIMER_GROUPE,
        Operation.ATTRIBUER_ROLE,
        Operation.GERER_MEMBRES,
    }
)
_OF_RESPONSABLE = _OF_GROUPE - {Operation.CLOTURER_GROUPE, Operation.SUPPRIMER_GROUPE}
_AFAS_OF_CAF = frozenset(
    {Operation.CONSULTER, Operation.NOMMER_RESPONSABLE, Operation.GERER_MEMBRES}
)
_SEEN = frozenset({Operation.CONSULTER})
_MEMBERS = frozenset({Operation.CONSULTER, Operation.GERER_MEMBRES})
_CONTRACT = frozenset({Operation.CONSULTER, Operation.CONTRACTER, Operation.CREER_UTILISATEUR})

DROITS: Mapping[tuple[Titre, Cible], frozenset[Operation]] = {
    (Titre.AGENT, Cible.CONVENTION): _CONTRACT,
    (Titre.AGENT, Cible.GROUPE): _SEEN,
    (Titre.AGENT, Cible.AFAS_HABILITER): _AFAS_OF_CAF,
    (Titre.AGENT, Cible.AFAS_DECLARER): _AFAS_OF_CAF,
    (Titre.AGENT_GESTIONNAIRE, Cible.CONVENTION): _CONTRACT | {Operation.CREER_GROUPE},
    (Titre.AGENT_GESTIONNAIRE, Cible.GROUPE): _OF_GROUPE,
    (Titre.AGENT_GESTIONNAIRE, Cible.AFAS_HABILITER): _AFAS_OF_CAF,
    (Titre.AGENT_GESTIONNAIRE, Cible.AFAS_DECLARER): _AFAS_OF_CAF,
    (Titre.ADMINISTRATEUR, Cible.CONVENTION): _SEEN
    | {Operation.SOLLICITER, Operation.CREER_UTILISATEUR, Operation.CREER_GROUPE},
    (Titre.ADMINISTRATEUR, Cible.GROUPE): _OF_GROUPE,
    (Titre.ADMINISTRATEUR, Cible.AFAS_HABILITER): _SEEN,
    (Titre.ADMINISTRATEUR, Cible.AFAS_DECLARER): _MEMBERS,
    (Titre.RESPONSABLE, Cible.GROUPE): _OF_RESPONSABLE,
    (Titre.RESPONSABLE, Cible.AFAS_HABILITER): _SEEN,
    (Titre.RESPONSABLE, Cible.AFAS_DECLARER): _MEMBERS,
    (Titre.HABILITEUR, Cible.AFAS_DECLARER): _MEMBERS,
}
"""Everything else is refused. Assumed: a responsable renames his groups, closes and deletes none;
the members of AFAS-HABILITER are the Caf's affair, those of AFAS-DECLARER the partner's; the Caf
manages the partner's own groups only where the management is not delegated."""

DELEGATED = frozenset(Operation) - {Operation.CONSULTER, Operation.CONTRACTER, Operation.SOLLICITER}
"""What a partner does only while the management is delegated to it [seed 001]."""


@dataclass(frozen=True)
class Demandeur:
    """Who asks: his account as far as identity told of it, the open groups that he belongs to."""

    principal: Principal
    personne: Personne | None = None
    groupes: tuple[Groupe, ...] = ()

    def is_agent(self, day: date) -> bool:
        """Whether he is an agent of a Caf who manages habilitations [seed 001]."""
        personne = self.personne
        return (
            self.principal.kind is ActorKind.AGENT_CAF
            and personne is not None
            and personne.is_agent
            and personne.is_open(day)
            and Fonction.HABILITATIONS in personne.fonctions
        )

    def is_partner(self, day: date) -> bool:
        """Whether he is a person of a partner, whose account is open."""
        personne = self.personne
        return (
            self.principal.kind is ActorKind.PARTENAIRE
            and personne is not None
            and personne.convention_id is not None
            and personne.is_open(day)
        )


def titres(
    demandeur: Demandeur, convention: Convention, groupe: Groupe | None, day: date
) -> frozenset[Titre]:
    """By what he may do something in this convention, to this group if one is meant."""
    personne = demandeur.personne
    if personne is None:
        return frozenset()
    if demandeur.is_agent(day):
        if personne.caf != convention.caf:
            return frozenset()
        kept = not convention.gestion_deleguee
        return frozenset({Titre.AGENT_GESTIONNAIRE if kept else Titre.AGENT})
    if not demandeur.is_partner(day) or personne.convention_id != convention.id:
        return frozenset()
    held = set()
    if convention.is_administrateur(personne.id):
        held.add(Titre.ADMINISTRATEUR)
    if groupe is not None and groupe.convention_id == convention.id and groupe.goes_on(day):
        if groupe.responsable_id == personne.id:
            held.add(Titre.RESPONSABLE)
        if groupe.nature is NatureGroupe.AFAS_DECLARER and _habilite(demandeur, convention):
            held.add(Titre.HABILITEUR)
    return frozenset(held)


def check_convention(
    demandeur: Demandeur, operation: Operation, convention: Convention | None, day: date
) -> Convention:
    """The convention, if he may do that to it.

    Raises: ConventionUnknown where it is not his, NotPermitted, ConventionNotOpen, NotDelegated,
    ConventionOver
    """
    if not (demandeur.is_agent(day) or demandeur.is_partner(day)):
        raise NotPermitted
    if convention is None or not _is_his(demandeur, convention):
        raise ConventionUnknown
    held = titres(demandeur, convention, None, day)
    _check_held(held, operation, Cible.CONVENTION, demandeur, convention, day)
    return convention


def check_groupe(
    demandeur: Demandeur,
    operation: Operation,
    convention: Convention | None,
    groupe: Groupe | None,
    day: date,
) -> tuple[Convention, Groupe]:
    """The convention and its group, if he may do that to it.

    Raises: ConventionUnknown, GroupeUnknown where he may not see it, NotPermitted,
    ConventionNotOpen, NotDelegated, ConventionOver
    """
    if not (demandeur.is_agent(day) or demandeur.is_partner(day)):
        raise NotPermitted
    if convention is None or not _is_his(demandeur, convention):
        raise ConventionUnknown
    if groupe is None or groupe.convention_id != convention.id or groupe.supprime:
        raise GroupeUnknown
    held = titres(demandeur, convention, groupe, day)
    if Operation.CONSULTER not in operations(held, cible_of(groupe)):
        raise GroupeUnknown
    _check_held(held, operation, cible_of(groupe), demandeur, convention, day)
    return convention, groupe


def operations(held: frozenset[Titre], cible: Cible) -> frozenset[Operation]:
    """All that these titles allow on a target."""
    nothing: frozenset[Operation] = frozenset()
    return nothing.union(*(DROITS.get((titre, cible), nothing) for titre in held))


def cible_of(groupe: Groupe) -> Cible:
    """What kind of target a group is."""
    if groupe.nature is NatureGroupe.AFAS_HABILITER:
        return Cible.AFAS_HABILITER
    if groupe.nature is NatureGroupe.AFAS_DECLARER:
        return Cible.AFAS_DECLARER
    return Cible.GROUPE


def _check_held(
    held: frozenset[Titre],
    operation: Operation,
    cible: Cible,
    demandeur: Demandeur,
    convention: Convention,
    day: date,
) -> None:
    if operation is not Operation.CONSULTER:
        if demandeur.is_partner(day):
            if not convention.is_open(day):
                raise ConventionNotOpen
            if operation in DELEGATED and not convention.gestion_deleguee:
                raise NotDelegated
        elif convention.etat_at(day) is EtatConvention.CLOTUREE:
            raise ConventionOver
    if operation not in operations(held, cible):
        raise NotPermitted


def _habilite(demandeur: Demandeur, convention: Convention) -> bool:
    return any(
        each.nature is NatureGroupe.AFAS_HABILITER and each.convention_id == convention.id
        for each in demandeur.groupes
    )


def _is_his(demandeur: Demandeur, convention: Convention) -> bool:
    personne = demandeur.personne
    if personne is None:
        return False
    if demandeur.principal.kind is ActorKind.AGENT_CAF:
        return personne.caf == convention.caf
    return personne.convention_id == convention.id
