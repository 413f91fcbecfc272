"""What is shown of accounts: lists, one account, its history."""

from datetime import date, datetime

from pydantic import BaseModel

from services.identity.domain.compte import Compte
from services.identity.domain.droits import Personne
from shared.contracts.comptes import EtatCompte, Fonction, GenreCompte, Poste

DESACTIVE = "Désactivé"
"""Shown for the mail of a closed account [seed 004]."""


class UserLine(BaseModel):
    """Une ligne de la liste des utilisateurs [seed 004]."""

    user_id: str
    identifiant: str
    nom: str
    prenom: str
    mail: str
    telephone: str | None
    convention_id: str | None
    ouverture: date
    cloture: date | None
    etat: EtatCompte


class UserPage(BaseModel):
    """Une page de la liste ; `suivant` est à redonner dans `apres` pour avoir la suite."""

    users: list[UserLine]
    suivant: str | None


class AgentLine(UserLine):
    """Une ligne de la liste des comptes internes."""

    caf: str | None
    fonctions: tuple[Fonction, ...]


class AgentPage(BaseModel):
    """Une page de la liste ; `suivant` est à redonner dans `apres` pour avoir la suite."""

    agents: list[AgentLine]
    suivant: str | None


class UserView(AgentLine):
    """Un compte en détail."""

    genre: GenreCompte
    poste: Poste
    groupes: tuple[str, ...]
    signed_in_at: datetime | None


class ActeView(BaseModel):
    """Un acte : quand, lequel, par qui (un compte, un système, ou « inconnu »), combien de fois.

    Répété, il n’est montré qu’une fois : `at` est la dernière, `depuis` la première.
    """

    at: datetime
    acte: str
    par: str
    fois: int
    depuis: datetime | None


class History(BaseModel):
    """Ce qui a été fait d’un compte, le plus récent d’abord."""

    user_id: str
    actes: list[ActeView]


def shown(compte: Compte, day: date) -> dict[str, object]:
    """An account as it is shown that day."""
    etat = compte.etat_at(day)
    mail = DESACTIVE if etat is EtatCompte.CLOTURE else compte.mail
    return {**dict(compte), "user_id": compte.id, "etat": etat, "mail": mail}


def view(personne: Personne, day: date) -> UserView:
    """An account in detail, with the groups that an actor decides by."""
    groupes = tuple(each.groupe_id for each in personne.groupes if each is not None)
    return UserView.model_validate({**shown(personne.compte, day), "groupes": groupes})


def history(compte: Compte) -> History:
    """The acts of an account."""
    actes = [ActeView.model_validate(dict(each)) for each in compte.actes]
    return History(user_id=compte.id, actes=actes[::-1])
