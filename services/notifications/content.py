"""What a mail says and to whom it goes: in memory only, while it is built.

A secret says itself to whom it goes; anything else is completed, when it is sent, by what identity
told of the person last.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from services.notifications.domain.destinataire import Connus, Destinataire
from services.notifications.domain.envoi import Envoi
from services.notifications.domain.errors import ValeursInvalid
from services.notifications.domain.modele import A_LA_CAF, SECRETS, Modele
from shared.security.sealing import Opener, SealBroken

Secret = Annotated[str, Field(min_length=1, repr=False)]
"""Text that no log, trace or error may show."""
Libelle = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""What somebody called something; its size is assumed."""
Exercice = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
"""The year that a declaration is about."""
CodeGroupe = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,32}$")]
"""Code of a group (`shared.contracts.conventions`), or nothing where none is known."""


class RecipientUnknown(Exception):
    """Nothing is known yet of somebody whom the mail concerns."""


class Contenu(BaseModel):
    """What a mail says."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @property
    def dernier_jour(self) -> date | None:
        """The last day on which it is worth saying, where there is one."""
        return None

    @property
    def sujet(self) -> str | None:
        """The subject that its reader asks for, instead of that of all mails of its kind."""
        return None


class ContenuPersonne(Contenu):
    """What every mail to a person says."""

    prenom: Secret
    nom: Secret


class ContenuScelle(ContenuPersonne):
    """What is sealed with a secret, which mail it belongs to included.

    `genre`: whom it is for, where identity tells it: the copy may not know yet.
    `issued_at`: absent from what was sealed before identity told it.
    """

    user_id: str
    generation: int
    issued_at: AwareDatetime | None = None
    expires_at: AwareDatetime
    to: Secret
    genre: str | None = None


class ContenuIdentifiant(ContenuScelle):
    """The mail of the identifiant."""

    identifiant: Secret


class ContenuMotDePasse(ContenuScelle):
    """The mail of the temporary password.

    `motif`: why there is one, where identity tells it (MotifTirage).
    """

    mot_de_passe: Secret
    motif: str | None = None


class ContenuDate(ContenuPersonne):
    """What happened to an account, and when."""

    le: AwareDatetime


class ContenuMotDePasseModifie(ContenuDate):
    """A password was chosen: at first, or instead of another (`comment`)."""

    comment: str


class ContenuConnexionRalentie(ContenuDate):
    """Passwords are not looked at for a while."""

    jusqu_a: AwareDatetime


class ContenuIncidentRecu(ContenuDate):
    """What a person reported was told to the Caf."""

    nature: str
    reference: str


class ContenuSujet(ContenuDate):
    """What happened to the account of somebody else."""

    sujet_prenom: Secret
    sujet_nom: Secret


class ContenuCompteRefuse(ContenuDate):
    """Somebody designated (`titre`) got no account, for that reason."""

    convention: str
    titre: str
    motif: str


class ContenuAppartenanceRefusee(ContenuSujet):
    """Somebody whose account was opened is not in a group asked for (`groupe`: its code)."""

    groupe: CodeGroupe
    motif: str


class ContenuRelance(ContenuPersonne):
    """A declaration is awaited."""

    activite: Libelle
    exercice: Exercice
    echeance: date

    @property
    def dernier_jour(self) -> date | None:
        """The day by which the declaration is awaited."""
        return self.echeance


class ContenuCaf(Contenu):
    """What every mail to a Caf says: about whom, of which convention."""

    le: AwareDatetime
    convention: str
    sujet_prenom: Secret
    sujet_nom: Secret
    sujet_mail: Secret


class ContenuIncidentSignale(ContenuCaf):
    """A security incident, in the words of who reports it."""

    nature: str
    reference: str
    organisme: str
    description: Secret


class ContenuSollicitation(ContenuCaf):
    """An administrateur calls on his Caf, in his own words; `intitule` is composed."""

    demande: str
    service: str
    reference: str
    organisme: str
    intitule: str
    description: Secret

    @property
    def sujet(self) -> str:
        """Service, number of the convention, name: what the Caf sorts by [seed 002]."""
        return self.intitule


CONTENUS: dict[Modele, type[Contenu]] = {
    Modele.IDENTIFIANT: ContenuIdentifiant,
    Modele.MOT_DE_PASSE_PROVISOIRE: ContenuMotDePasse,
    Modele.MOT_DE_PASSE_MODIFIE: ContenuMotDePasseModifie,
    Modele.MOT_DE_PASSE_EXPIRE: ContenuPersonne,
    Modele.CONNEXION_RALENTIE: ContenuConnexionRalentie,
    Modele.ADRESSE_QUITTEE: ContenuDate,
    Modele.ADRESSE_MODIFIEE: ContenuDate,
    Modele.ADRESSE_ADMINISTRATEUR: ContenuCaf,
    Modele.COMPTE_CLOTURE: ContenuDate,
    Modele.COMPTE_ROUVERT: ContenuDate,
    Modele.INCIDENT_SIGNALE: ContenuIncidentSignale,
    Modele.INCIDENT_RECU: ContenuIncidentRecu,
    Modele.MOT_DE_PASSE_NON_REMIS: ContenuSujet,
    Modele.ADRESSE_SIGNALEE: ContenuSujet,
    Modele.COMPTE_REFUSE: ContenuCompteRefuse,
    Modele.APPARTENANCE_REFUSEE: ContenuAppartenanceRefusee,
    Modele.SOLLICITATION: ContenuSollicitation,
    Modele.RELANCE: ContenuRelance,
}
_OF_THE_PERSON = frozenset(ContenuPersonne.model_fields)


def check_valeurs(modele: Modele, valeurs: Mapping[str, str]) -> Contenu:
    """Whether these are the values that the mail needs beside its person; returns what it says.

    Raises:  ValeursInvalid
    """
    model = CONTENUS[modele]
    if valeurs.keys() != model.model_fields.keys() - _OF_THE_PERSON:
        raise ValeursInvalid
    try:
        return model.model_validate({**valeurs, **dict.fromkeys(_OF_THE_PERSON, "-")})
    except ValidationError:
        raise ValeursInvalid from None


def content_of(opener: Opener, envoi: Envoi, connus: Connus) -> Contenu:
    """What a mail says.

    Raises:  RecipientUnknown; UnknownSealingKey; SealBroken when what is sealed was altered, or
             belongs to another mail
    """
    if envoi.modele in SECRETS:
        return _open_secret(opener, envoi)
    values: dict[str, Any] = {**(envoi.valeurs or {}), **_people(envoi, connus)}
    if envoi.sealed is None:
        return CONTENUS[envoi.modele].model_validate(values)
    return _read(CONTENUS[envoi.modele], {**values, **_open_beside(opener, envoi, values)})


def recipient_of(content: Contenu, envoi: Envoi, connus: Connus, contact: str | None) -> str:
    """The address that a mail goes to; `contact` is that of the Caf it is for, if it is known.

    Raises:  RecipientUnknown
    """
    known = connus.destinataire
    if envoi.adresse is not None:
        return envoi.adresse
    if envoi.modele in A_LA_CAF:
        address = contact
    elif isinstance(content, ContenuScelle):
        address = _in_use(content, content.issued_at or envoi.created_at, known)
    else:
        address = None if known is None else known.mail
    if not address:
        raise RecipientUnknown
    return address


def _in_use(content: ContenuScelle, issued_at: datetime, known: Destinataire | None) -> str:
    """The address that a secret was sealed to, unless another came into use since it was issued.

    A copy that lags behind knows an older one, which counts for nothing.
    """
    if known is None or known.mail is None or known.mail_depuis is None:
        return content.to
    return known.mail if known.mail_depuis > issued_at else content.to


def _open_secret(opener: Opener, envoi: Envoi) -> ContenuScelle:
    payload = opener.open(envoi.key_id or "", envoi.sealed or "")
    content = _read(CONTENUS[envoi.modele], payload)
    assert isinstance(content, ContenuScelle)  # noqa: S101 (the table above)
    sealed_for = (content.user_id, content.generation, _milliseconds(content.expires_at))
    if sealed_for != (envoi.user_id, envoi.generation, _milliseconds(envoi.expires_at)):
        raise SealBroken
    return content


def _open_beside(opener: Opener, envoi: Envoi, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a person wrote, sealed for the mail of this incident and no other."""
    payload = opener.open(envoi.key_id or "", envoi.sealed or "")
    sealed_for = (payload.get("user_id"), payload.get("incident_id"))
    if sealed_for != (envoi.user_id, values["reference"]):
        raise SealBroken
    return {"description": payload.get("description")}


def _people(envoi: Envoi, connus: Connus) -> Mapping[str, str | None]:
    """The names that the mail needs, as told last. Raises RecipientUnknown"""
    people: dict[str, str | None] = {}
    if envoi.modele not in A_LA_CAF:
        known = _known(connus.destinataire)
        people |= {"prenom": known.prenom, "nom": known.nom}
    if envoi.sujet_id is not None:
        known = _known(connus.sujet)
        people |= {
            "sujet_prenom": known.prenom,
            "sujet_nom": known.nom,
            "sujet_mail": known.mail,
        }
    return people


def _known(person: Destinataire | None) -> Destinataire:
    if person is None or not (person.mail and person.nom and person.prenom):
        raise RecipientUnknown
    return person


def _read(model: type[Contenu], payload: dict[str, Any]) -> Contenu:
    try:
        return model.model_validate(payload)
    except ValidationError:
        raise SealBroken from None  # names the fields of a secret


def _milliseconds(at: datetime) -> int:
    """The store keeps milliseconds, the sealed JSON may keep more."""
    return int(at.timestamp() * 1000)
