"""Who may do what to whose account: one table, decided on the copies of habilitation's facts.

The rights are those of domain.md § 2.2 [seed 000][seed 002]. What an actor may not even see is
answered as what does not exist; what he sees and may not touch, as not permitted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.identity.domain.compte import Acteur, Compte
from services.identity.domain.copies import Convention, Groupe
from services.identity.domain.errors import (
    CafUnknown,
    ConventionNotOpen,
    ConventionOver,
    ConventionUnknown,
    GroupeOver,
    GroupeUnknown,
    NotDelegated,
    NotPermitted,
    UserUnknown,
)
from shared.contracts.comptes import EtatCompte, Fonction, GenreCompte
from shared.contracts.conventions import NatureGroupe
from shared.security.principal import ActorKind, Principal


class Operation(StrEnum):
    """What may be done with an account."""

    CREER = "creer"
    CONSULTER = "consulter"
    MODIFIER = "modifier"
    CLOTURER = "cloturer"
    ROUVRIR = "rouvrir"
    RENVOYER_IDENTIFIANT = "renvoyer_identifiant"
    REINITIALISER = "reinitialiser"


class Titre(StrEnum):
    """By what an actor may do something to one account."""

    AGENT = "agent"
    """Caf agent with the function Habilitations, on what is of his Caf."""
    ADMINISTRATEUR = "administrateur"
    """Administrateur partenaire, on his own convention."""
    GESTIONNAIRE = "gestionnaire"
    """Of every group of the person: its responsable, or AFAS-HABILITER for AFAS-DECLARER."""
    GESTIONNAIRE_EN_PARTIE = "gestionnaire_en_partie"
    """Of one group of the person at least."""
    SOI = "soi"
    """The person."""
    SYSTEME = "systeme"
    """An information system."""


class Cible(StrEnum):
    """Whose account it is."""

    PERSONNE = "personne"
    ADMINISTRATEUR = "administrateur"
    AGENT = "agent"
    BAILLEUR = "bailleur"


_WHOLE = frozenset(Operation)
_KEPT = _WHOLE - {Operation.CREER}
_DELEGATED = _WHOLE - {Operation.REINITIALISER}
"""Who manages people never deals with their passwords [seed 002]: the Caf may start a reset."""
_SEEN = frozenset({Operation.CONSULTER})

DROITS: Mapping[tuple[Titre, Cible], frozenset[Operation]] = {
    (Titre.AGENT, Cible.PERSONNE): _WHOLE,
    (Titre.AGENT, Cible.ADMINISTRATEUR): _WHOLE,
    (Titre.AGENT, Cible.AGENT): _WHOLE,
    (Titre.AGENT, Cible.BAILLEUR): _KEPT,
    (Titre.ADMINISTRATEUR, Cible.PERSONNE): _DELEGATED,
    (Titre.ADMINISTRATEUR, Cible.ADMINISTRATEUR): _SEEN,
    (Titre.GESTIONNAIRE, Cible.PERSONNE): _DELEGATED,
    (Titre.GESTIONNAIRE, Cible.ADMINISTRATEUR): _SEEN,
    (Titre.GESTIONNAIRE_EN_PARTIE, Cible.PERSONNE): _SEEN,
    (Titre.GESTIONNAIRE_EN_PARTIE, Cible.ADMINISTRATEUR): _SEEN,
    **{(Titre.SOI, cible): _SEEN for cible in Cible},
    (Titre.SYSTEME, Cible.BAILLEUR): frozenset({Operation.CREER}),
}
"""Everything else is refused [seed 000][seed 001][seed 002]. Assumed: what AFAS-HABILITER modifies
and closes, that a responsable closes only whose groups are all his, that reopening goes alike."""


@dataclass(frozen=True)
class Demandeur:
    """Who asks: his account, his own convention, the open groups that he belongs to."""

    principal: Principal
    acteur: Acteur | None = None
    convention: Convention | None = None
    groupes: tuple[Groupe, ...] = ()

    def is_agent(self, day: date) -> bool:
        """Whether he is an agent of a Caf who manages habilitations [seed 001]."""
        return (
            self._acts_as(ActorKind.AGENT_CAF, day)
            and self.acteur is not None
            and self.acteur.genre is GenreCompte.AGENT_CAF
            and Fonction.HABILITATIONS in self.acteur.fonctions
        )

    def is_partner(self, day: date) -> bool:
        """Whether he is a person of a partner, or a landlord."""
        return self._acts_as(ActorKind.PARTENAIRE, day)

    def is_administrateur(self) -> bool:
        """Whether his convention names him."""
        return self.convention is not None and self.principal.id in self.convention.administrateurs

    def manages(self, groupe: Groupe | None, day: date) -> bool:
        """Whether he decides who is in a group: as its responsable, or for AFAS."""
        if groupe is None or not groupe.goes_on(day):
            return False
        if self.acteur is None or groupe.convention_id != self.acteur.convention_id:
            return False
        for_afas = groupe.is_of(NatureGroupe.AFAS_DECLARER) and any(
            each.is_of(NatureGroupe.AFAS_HABILITER) for each in self.groupes
        )
        return groupe.responsable_id == self.principal.id or for_afas

    def _acts_as(self, kind: ActorKind, day: date) -> bool:
        return (
            self.principal.kind is kind
            and self.acteur is not None
            and self.acteur.etat_at(day) is EtatCompte.OUVERT
        )


@dataclass(frozen=True)
class Personne:
    """Whose account is asked about: it, its convention, the groups that it belongs to today.

    A group that habilitation has not told of yet is None: nobody's.
    """

    compte: Compte
    convention: Convention | None = None
    groupes: tuple[Groupe | None, ...] = ()

    @property
    def cible(self) -> Cible:
        """What kind of account it is."""
        if self.compte.genre is GenreCompte.AGENT_CAF:
            return Cible.AGENT
        if self.compte.genre is GenreCompte.BAILLEUR:
            return Cible.BAILLEUR
        named = () if self.convention is None else self.convention.administrateurs
        return Cible.ADMINISTRATEUR if self.compte.id in named else Cible.PERSONNE


def check(
    demandeur: Demandeur, operation: Operation, personne: Personne | None, day: date
) -> Personne:
    """Whose account it is, if the actor may do that to it.

    Raises: UserUnknown where he may not even see it, NotPermitted, ConventionNotOpen, NotDelegated
    """
    itself = personne is not None and personne.compte.id == demandeur.principal.id
    if not (itself or demandeur.is_agent(day) or demandeur.is_partner(day)):
        raise NotPermitted
    if personne is None:
        raise UserUnknown
    allowed = _operations(_titres(demandeur, personne, day), personne.cible)
    if Operation.CONSULTER not in allowed:
        raise UserUnknown
    if operation is Operation.CONSULTER:
        return personne
    if demandeur.is_partner(day):
        _check_delegation(demandeur.convention, day)
    if operation not in allowed:
        raise NotPermitted
    return personne


def check_creation(
    demandeur: Demandeur,
    convention: Convention | None,
    groupes: Iterable[Groupe | None],
    day: date,
) -> None:
    """Let an actor make an account in a convention, for these groups, or refuse.

    Raises: NotPermitted, ConventionUnknown, ConventionNotOpen, ConventionOver, NotDelegated,
    GroupeUnknown, GroupeOver
    """
    if not (demandeur.is_agent(day) or demandeur.is_partner(day)):
        raise NotPermitted
    if convention is None or not _is_his(demandeur, convention):
        raise ConventionUnknown
    if demandeur.is_partner(day):
        _check_delegation(convention, day)
    if convention.is_over(day):
        raise ConventionOver
    asked = tuple(groupes)
    if any(groupe is None or groupe.convention_id != convention.id for groupe in asked):
        raise GroupeUnknown
    titres = _titres_in(demandeur, convention, asked, day)
    if Operation.CREER not in _operations(titres, Cible.PERSONNE):
        raise NotPermitted
    if not all(groupe is not None and groupe.goes_on(day) for groupe in asked):
        raise GroupeOver


def check_agent_creation(demandeur: Demandeur, caf: str, day: date) -> None:
    """Let an agent make an internal account in his own Caf. Raises NotPermitted, CafUnknown."""
    titres = {Titre.AGENT} if demandeur.is_agent(day) else set()
    if Operation.CREER not in _operations(titres, Cible.AGENT):
        raise NotPermitted
    if demandeur.acteur is None or demandeur.acteur.caf != caf:
        raise CafUnknown


def check_bailleur_creation(principal: Principal) -> None:
    """Let an information system inject a private landlord [seed 003]. Raises NotPermitted."""
    titres = {Titre.SYSTEME} if principal.kind is ActorKind.SERVICE else set()
    if Operation.CREER not in _operations(titres, Cible.BAILLEUR):
        raise NotPermitted


def may_know_of(demandeur: Demandeur | None, holder: Compte, day: date) -> bool:
    """Whether he may be told that this account holds an address.

    The agent of its Caf, the administrateur of its convention; who manages some of its groups is
    told nothing, for its groups are not looked at here.
    """
    acteur = None if demandeur is None else demandeur.acteur
    if demandeur is None or acteur is None:
        return False
    if demandeur.is_agent(day):
        return acteur.caf is not None and acteur.caf == holder.caf
    if not demandeur.is_partner(day) or not demandeur.is_administrateur():
        return False
    return holder.convention_id == acteur.convention_id


def _operations(titres: Iterable[Titre], cible: Cible) -> frozenset[Operation]:
    nothing: frozenset[Operation] = frozenset()
    return nothing.union(*(DROITS.get((titre, cible), nothing) for titre in titres))


def _titres(demandeur: Demandeur, personne: Personne, day: date) -> set[Titre]:
    """By what he may do something to this account; himself he only sees."""
    compte = personne.compte
    if compte.id == demandeur.principal.id:
        return {Titre.SOI}
    if personne.convention is not None:
        return _titres_in(demandeur, personne.convention, personne.groupes, day)
    if compte.convention_id is not None:
        return set()  # of a convention that habilitation has not told of
    acteur = demandeur.acteur
    his = acteur is not None and acteur.caf is not None and acteur.caf == compte.caf
    return {Titre.AGENT} if his and demandeur.is_agent(day) else set()


def _titres_in(
    demandeur: Demandeur, convention: Convention, groupes: tuple[Groupe | None, ...], day: date
) -> set[Titre]:
    """By what he may do something to somebody of a convention who is in these groups.

    Who is in no group is nobody's but the administrateur's, and the agent's.
    """
    if not _is_his(demandeur, convention):
        return set()
    if demandeur.is_agent(day):
        return {Titre.AGENT}
    titres = {Titre.ADMINISTRATEUR} if demandeur.is_administrateur() else set()
    managed = [demandeur.manages(groupe, day) for groupe in groupes]
    if any(managed):
        titres.add(Titre.GESTIONNAIRE if all(managed) else Titre.GESTIONNAIRE_EN_PARTIE)
    return titres


def _is_his(demandeur: Demandeur, convention: Convention) -> bool:
    """Whether a convention is his own, or of his Caf."""
    acteur = demandeur.acteur
    if acteur is None:
        return False
    if acteur.genre is GenreCompte.AGENT_CAF:
        return convention.caf == acteur.caf
    return convention.id == acteur.convention_id


def _check_delegation(convention: Convention | None, day: date) -> None:
    if convention is None or not convention.is_open(day):
        raise ConventionNotOpen
    if not convention.gestion_deleguee:
        raise NotDelegated
