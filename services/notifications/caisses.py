"""The Caf: their names, how an administrateur partenaire reaches each, whom its mails come from.

All of it is data (`data/caf.json`, or an operator's own file of the same form): contacts are those
of each Caf [seed 000][seed 004], its name and code are of domain § 13, codes assumed.
"""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import structlog
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from services.notifications.addresses import AddressRefused, checked_address
from shared.contracts.comptes import NatureIncident
from shared.contracts.envelope import CodeCaf, ShortText

log = structlog.get_logger(__name__)

NOT_IN_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of Unicode: control characters, halves of characters, ends of lines, of paragraphs."""
DATA = Path(__file__).with_name("data") / "caf.json"


def one_address(address: str) -> str:
    """A setting or a data field that is one plain mail address. Raises ValueError"""
    try:
        return checked_address(address)
    except AddressRefused:
        raise ValueError("one plain mail address is needed") from None


def one_line(text: str) -> str:
    """Words that stand in a header or a line of a mail. Raises ValueError"""
    if any(unicodedata.category(character) in NOT_IN_A_LINE for character in text):
        raise ValueError("control characters and line ends cannot stand there")
    return text


Adresse = Annotated[str, AfterValidator(one_address)]
Ligne = Annotated[ShortText, AfterValidator(one_line)]


class Statut(StrEnum):
    """What a line is worth."""

    VERIFIE = "verifie"
    SUPPOSE = "assumed"
    DEMONSTRATION = "demonstration"


class _Donnee(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Contact(_Donnee):
    """How an administrateur partenaire reaches his Caf; the only one who may [seed 002].

    `donnees` is who answers for personal data there, where that is somebody else.
    """

    statut: Statut
    technique: Adresse
    donnees: Adresse | None = None
    telephone: Ligne | None = None
    jours: Ligne | None = None

    def of_incident(self, nature: str) -> str:
        """Who is written to about a security incident."""
        if nature == NatureIncident.DONNEES_DIVULGUEES:
            return self.donnees or self.technique
        return self.technique


class Expediteur(_Donnee):
    """Whom mails come from."""

    adresse: Adresse
    nom: Ligne


class Caisse(_Donnee):
    """One Caf; `nom` as in a sentence: « Caf de l’Ain »."""

    code: CodeCaf
    nom: Ligne
    statut: Statut
    contact: Contact | None = None
    expediteur: Expediteur | None = None


class Annuaire(_Donnee):
    """The data file."""

    source: ShortText
    caf: tuple[Caisse, ...]


class Caisses:
    """The Caf by code. Made-up contacts are for tests and demonstrations only."""

    def __init__(self, annuaire: Annuaire, *, with_demonstration: bool) -> None:
        self._by_code: Mapping[str, Caisse] = {
            each.code: each if with_demonstration else _real(each) for each in annuaire.caf
        }
        if len(self._by_code) != len(annuaire.caf):
            raise ValueError("a Caf is there twice")
        without = sum(each.contact is None for each in self._by_code.values())
        if without:
            log.warning("caf_without_contact", count=without)

    @classmethod
    def load(cls, file: Path | None, *, with_demonstration: bool) -> "Caisses":
        """Read the operator's file, or ours. Raises ValueError where it has another form"""
        try:
            annuaire = Annuaire.model_validate_json((file or DATA).read_bytes(), strict=False)
        except ValidationError as error:
            where = [".".join(map(str, each["loc"])) for each in error.errors()]
            raise ValueError(f"{file or DATA}: {', '.join(where)}") from None
        return cls(annuaire, with_demonstration=with_demonstration)

    def get(self, code: str | None) -> Caisse | None:
        """One Caf, if it is in the file."""
        return self._by_code.get(code or "")

    def __len__(self) -> int:
        return len(self._by_code)


def _real(caisse: Caisse) -> Caisse:
    made_up = caisse.contact is not None and caisse.contact.statut is Statut.DEMONSTRATION
    return caisse.model_copy(update={"contact": None}) if made_up else caisse
