"""The account of a person: who, which credentials, what its life has been."""

from datetime import date, datetime
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, computed_field

from services.identity.domain.copies import Convention
from services.identity.domain.errors import UserUnknown
from services.identity.domain.historique import Acte, NatureActe, noted
from shared.calendrier import Jour
from shared.contracts.comptes import (
    EtatCompte,
    Fonction,
    GenreCompte,
    MotifEchec,
    MotifMotDePasse,
    Poste,
)
from shared.contracts.envelope import CodeCaf, Fact
from shared.contracts.identity import (
    GroupesRequested,
    PasswordChanged,
    ReglesUsageAccepted,
    SignedIn,
    SignedOut,
    SignInFailed,
    TemporaryPasswordExpired,
    UserClosed,
    UserCreated,
    UserLocked,
    UserMailChanged,
    UserOpened,
    UserReopened,
    UserSnapshot,
    UserUpdated,
)
from shared.path.decision import Document, State, Told
from shared.recherche import searchable


class Provisoire(BaseModel):
    """A temporary password: its hash, which one it is, until when it opens."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    hash: str
    generation: int
    expires_at: datetime


class Compte(Document):
    """An account. It belongs to one person; a partner's belongs to one convention for ever."""

    COLLECTION: ClassVar[str] = "comptes"

    genre: GenreCompte
    convention_id: str | None = None
    identifiant: str
    nom: str
    prenom: str
    mail: str
    telephone: str | None = None
    poste: Poste = Poste.SEDENTAIRE
    etat: EtatCompte = EtatCompte.OUVERT
    """The state last told; `etat_at` says what it is by the calendar."""
    ouverture: Jour
    cloture: Jour | None = None
    caf: CodeCaf | None = None
    """Of an agent, or of a private landlord; of a partner the Caf pivot of the convention, as it
    was when last looked at."""
    fonctions: tuple[Fonction, ...] = ()
    groupes_demandes: tuple[str, ...] = ()
    """The groups that the account was asked for: they count until habilitation tells of the
    person."""
    created_by: str | None = None
    emission: int = 0
    """How often the identifiant was written to the person."""
    mot_de_passe: str | None = None
    provisoire: Provisoire | None = None
    generation: int = 0
    epoque: int = 0
    """Sessions of an earlier epoch have ended."""
    signed_in_at: datetime | None = None
    bloque_jusqua: datetime | None = None
    """The end of the last delay after wrong passwords that was told."""
    regles: str | None = None
    """The version of the règles d'usage that the person accepted last."""
    reinitialisations: tuple[datetime, ...] = ()
    """When new temporary passwords were drawn lately."""
    renvois: tuple[datetime, ...] = ()
    """When the identifiant was written again lately."""
    changements_adresse: tuple[datetime, ...] = ()
    """When the person changed his own address lately."""
    incidents: tuple[datetime, ...] = ()
    """When the person reported incidents lately."""
    actes: tuple[Acte, ...] = ()
    """What was done with the account, the newest last."""

    @computed_field  # type: ignore[prop-decorator] # pydantic's own way
    @property
    def nom_cherche(self) -> str:
        """The last name as lists search and order it."""
        return searchable(self.nom)

    @computed_field  # type: ignore[prop-decorator] # pydantic's own way
    @property
    def prenom_cherche(self) -> str:
        """The first name as lists search and order it."""
        return searchable(self.prenom)

    def etat_at(self, day: date) -> EtatCompte:
        """The state by the calendar: open from `ouverture` on, closed from `cloture` on."""
        return etat_at(self.ouverture, self.cloture, day)

    def of_caf(self, convention: Convention | None) -> Self:
        """The same account, with the Caf pivot of its convention where that is known."""
        if convention is None or convention.caf == self.caf:
            return self
        return self.changed(caf=convention.caf)

    def noted(self, nature: NatureActe, *, par: str, at: datetime) -> Self:
        """The same account, with what was just done in its history."""
        return self.changed(actes=noted(self.actes, Acte(at=at, acte=nature, par=par)))

    def told(self, fact: Fact) -> Told:
        """A fact of this account's life."""
        return Told(self, fact)


class Acteur(Document):
    """An account as the one who acts: read beside the decision, which moves nothing of it.

    Many decide by one agent's account at once; were it written, each would wait for the others.
    What closes it ends his sessions first, and his command tokens live five minutes.
    """

    COLLECTION: ClassVar[str] = "comptes"
    FOREIGN: ClassVar[bool] = True

    genre: GenreCompte
    convention_id: str | None = None
    caf: CodeCaf | None = None
    fonctions: tuple[Fonction, ...] = ()
    ouverture: Jour
    cloture: Jour | None = None

    def etat_at(self, day: date) -> EtatCompte:
        """The state by the calendar."""
        return etat_at(self.ouverture, self.cloture, day)


class IdentifiantReserve(Document):
    """The reservation of an identifiant: one account for ever."""

    COLLECTION: ClassVar[str] = "identifiants"

    user_id: str


class AdresseReservee(Document):
    """The reservation of a mail address by an account that is not closed; nobody's once freed."""

    COLLECTION: ClassVar[str] = "adresses"

    user_id: str | None
    libre_depuis: datetime | None = None
    """When it was freed: it is forgotten after a while (ADR-0009)."""


def etat_at(ouverture: date, cloture: date | None, day: date) -> EtatCompte:
    """The state by the calendar: open from `ouverture` on, closed from `cloture` on."""
    if cloture is not None and cloture <= day:
        return EtatCompte.CLOTURE
    return EtatCompte.OUVERT if ouverture <= day else EtatCompte.A_OUVRIR


def find(state: State, user_id: str) -> Compte:
    """An account that must exist. Raises `UserUnknown`."""
    compte = state.get(Compte.key_of(user_id))
    if compte is None:
        raise UserUnknown
    return compte


def created(compte: Compte, *, by: str, at: datetime, groupes: tuple[str, ...] = ()) -> Told:
    """The account was made; habilitation puts the person in the groups asked for."""
    told = UserCreated(**_state(compte), created_by=by, groupes=groupes or None, at=at)
    return compte.told(told)


def asked_for_more(compte: Compte, groupes: tuple[str, ...], *, by: str, at: datetime) -> Told:
    """The account was there already; habilitation puts the person in these groups too."""
    told = GroupesRequested(
        user_id=compte.id,
        convention_id=compte.convention_id,
        groupes=groupes,
        asked_by=by,
        at=at,
    )
    return compte.told(told)


def opened(compte: Compte, *, at: datetime) -> Told:
    """The opening date has come."""
    return compte.told(UserOpened(**_state(compte), at=at))


def mail_changed(
    compte: Compte, ancienne: str, *, convention: Convention | None, by: str, at: datetime
) -> Told:
    """The mail address changed; the Caf keeps the convention, so it is told whose."""
    state = _state(compte)
    if convention is not None:
        state["caf"] = convention.caf
    return compte.told(
        UserMailChanged(
            **state,
            ancienne_mail=ancienne,
            administrateur=convention is not None and compte.id in convention.administrateurs,
            changed_by=by,
            generation=_generation(compte),
            at=at,
        )
    )


def closed(compte: Compte, *, by: str, at: datetime) -> Told:
    """The account is closed."""
    return compte.told(
        UserClosed(**_state(compte), closed_by=by, generation=_generation(compte), at=at)
    )


def reopened(compte: Compte, *, by: str, at: datetime) -> Told:
    """The closing date was taken away."""
    return compte.told(UserReopened(**_state(compte), reopened_by=by, at=at))


def updated(compte: Compte, *, by: str, at: datetime) -> Told:
    """What is known of the person changed."""
    return compte.told(UserUpdated(**_state(compte), updated_by=by, at=at))


def snapshot(compte: Compte, *, at: datetime) -> UserSnapshot:
    """The present state of the account."""
    return UserSnapshot(
        **_state(compte), generation=compte.generation, created_by=compte.created_by, at=at
    )


def password_changed(compte: Compte, motif: MotifMotDePasse, *, at: datetime) -> Told:
    """The person chose a password."""
    whose, generation = _whose(compte), compte.generation
    return compte.told(PasswordChanged(**whose, generation=generation, motif=motif, at=at))


def temporary_password_expired(compte: Compte, generation: int, *, at: datetime) -> Told:
    """A temporary password was not used in time."""
    return compte.told(TemporaryPasswordExpired(**_whose(compte), generation=generation, at=at))


def signed_in(compte: Compte, *, must_change_password: bool, at: datetime) -> Told:
    """The person signed in."""
    return compte.told(SignedIn(**_whose(compte), must_change_password=must_change_password, at=at))


def sign_in_failed(compte: Compte, motif: MotifEchec, *, at: datetime) -> Told:
    """Somebody failed to sign in to this account."""
    return compte.told(SignInFailed(**_whose(compte), motif=motif, at=at))


def signed_out(compte: Compte, *, at: datetime) -> Told:
    """The person ended a session."""
    return compte.told(SignedOut(**_whose(compte), at=at))


def regles_accepted(compte: Compte, version: str, *, at: datetime) -> Told:
    """The person accepted a version of the règles d'usage."""
    return compte.told(ReglesUsageAccepted(**_whose(compte), regles=version, at=at))


def locked(compte: Compte, until: datetime, *, at: datetime) -> Told:
    """Wrong passwords started a delay."""
    return compte.told(UserLocked(**_whose(compte), until=until, at=at))


def _generation(compte: Compte) -> int | None:
    """The newest temporary password, if there ever was one."""
    return compte.generation or None


def _whose(compte: Compte) -> dict[str, Any]:
    return {"user_id": compte.id, "convention_id": compte.convention_id}


def _state(compte: Compte) -> dict[str, Any]:
    return {
        **_whose(compte),
        "genre": compte.genre,
        "nom": compte.nom,
        "prenom": compte.prenom,
        "mail": compte.mail,
        "telephone": compte.telephone,
        "poste": compte.poste,
        "etat": compte.etat,
        "caf": compte.caf,
        "fonctions": compte.fonctions or None,
        "ouverture": compte.ouverture,
        "cloture": compte.cloture,
    }
