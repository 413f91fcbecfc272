"""What a line of an import asks: a group with its role, or the account of somebody."""

from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from shared.contracts.comptes import MOST_GROUPES, Mail, Poste, Telephone, Texte
from shared.contracts.conventions import (
    CodeGroupe,
    CodeProfil,
    CodeService,
    Libelle,
    NouvellePersonne,
)
from shared.errors import Refusal
from shared.recherche import searchable

GROUPE, UTILISATEUR = "groupe", "utilisateur"
COLUMNS = frozenset(
    {
        "objet",
        "code",
        "libelle",
        "service",
        "profil",
        "responsable",
        "nom",
        "prenom",
        "mail",
        "telephone",
        "poste",
        "groupes",
    }
)
"""The columns of a file, all of them: those of groups, then those of people."""
_AS_CODES: Mapping[str, Callable[[str], str]] = {
    "service": str.lower,
    "profil": str.upper,
    "poste": searchable,
}
"""How a column of codes is read, whatever the case: people type CDAP, Itinérant."""
BETWEEN_CODES = "|"
"""What separates the codes of the groups of one person."""


class CellInvalid(Refusal):
    """A cell that holds what its column does not take; `field` names it."""

    code: ClassVar[str] = "cellule_invalide"
    sentence: ClassVar[str] = "La colonne « {field} » de cette ligne est absente ou mal remplie."
    status: ClassVar[int] = 422

    def __init__(self, column: str) -> None:
        super().__init__(field=column)


class _Cells(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class LigneGroupe(_Cells):
    """A group of the partner, by its code; `responsable` is the mail of a person of the file."""

    objet: Literal["groupe"]
    code: CodeGroupe
    libelle: Libelle
    service: CodeService | None = None
    profil: CodeProfil | None = None
    responsable: Mail | None = None

    @property
    def sujet(self) -> str:
        """What the line is about."""
        return self.code


class LigneUtilisateur(_Cells):
    """A person and the codes of the groups to join."""

    objet: Literal["utilisateur"]
    nom: Texte
    prenom: Texte
    mail: Mail
    telephone: Telephone | None = None
    poste: Poste = Poste.SEDENTAIRE
    groupes: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=32)], ...],
        Field(max_length=MOST_GROUPES),
    ] = ()

    @property
    def sujet(self) -> str:
        """What the line is about."""
        return self.mail

    @property
    def personne(self) -> NouvellePersonne:
        """Whose account is to be made."""
        return NouvellePersonne(
            nom=self.nom,
            prenom=self.prenom,
            mail=self.mail,
            telephone=self.telephone,
            poste=self.poste,
        )


def read_line(cells: dict[str, str]) -> LigneGroupe | LigneUtilisateur:
    """What a line asks; an empty cell is not there. Raises CellInvalid."""
    filled: dict[str, object] = {name: cell for name, cell in cells.items() if cell}
    objet = str(filled.get("objet", "")).lower()
    if objet not in (GROUPE, UTILISATEUR):
        raise CellInvalid("objet")
    filled["objet"] = objet
    filled |= {name: read(str(filled[name])) for name, read in _AS_CODES.items() if name in filled}
    if "groupes" in filled:
        codes = str(filled["groupes"]).split(BETWEEN_CODES)
        filled["groupes"] = tuple(each.strip() for each in codes if each.strip())
    try:
        if objet == GROUPE:
            return LigneGroupe.model_validate(filled)
        return LigneUtilisateur.model_validate(filled)
    except ValidationError as error:
        raise CellInvalid(str(error.errors()[0]["loc"][0])) from None
