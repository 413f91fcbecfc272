"""What a line asks is read by its column; what a column does not take is named."""

import pytest

from services.habilitation.imports.lignes import (
    COLUMNS,
    CellInvalid,
    LigneGroupe,
    LigneUtilisateur,
    read_line,
)

GROUPE = {"objet": "groupe", "code": "T1AS", "libelle": "T1 Assistants sociaux"}
UTILISATEUR = {
    "objet": "Utilisateur",
    "nom": "Delmas",
    "prenom": "Hélène",
    "mail": "helene.delmas@valfleury.example",
}


def cells(line: dict[str, str], **own: str) -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | line | own


def test_group_with_its_role() -> None:
    asked = read_line(cells(GROUPE, service="cdap", profil="T1"))
    assert isinstance(asked, LigneGroupe)
    assert (asked.code, asked.service, asked.profil, asked.responsable) == (
        "T1AS",
        "cdap",
        "T1",
        None,
    )


def test_person_with_her_groups() -> None:
    asked = read_line(cells(UTILISATEUR, groupes=" T1AS | T2PE |", telephone="+33 1 99 00 12 34"))
    assert isinstance(asked, LigneUtilisateur)
    assert asked.groupes == ("T1AS", "T2PE")
    assert asked.personne.telephone == "+33 1 99 00 12 34"


def test_codes_are_read_as_people_type_them() -> None:
    groupe = read_line(cells(GROUPE, service="CDAP", profil="t1"))
    assert isinstance(groupe, LigneGroupe)
    assert (groupe.service, groupe.profil) == ("cdap", "T1")
    for typed, poste in (("Itinérant", "itinerant"), ("SÉDENTAIRE", "sedentaire")):
        asked = read_line(cells(UTILISATEUR, poste=typed))
        assert isinstance(asked, LigneUtilisateur)
        assert asked.poste == poste


@pytest.mark.parametrize(
    ("line", "own", "field"),
    [
        (GROUPE, {"objet": ""}, "objet"),
        (GROUPE, {"objet": "convention"}, "objet"),
        (GROUPE, {"code": ""}, "code"),
        (GROUPE, {"code": "T1 AS"}, "code"),
        (GROUPE, {"libelle": "x" * 201}, "libelle"),
        (GROUPE, {"service": "caisse"}, "service"),
        (GROUPE, {"nom": "Delmas"}, "nom"),
        (UTILISATEUR, {"mail": ""}, "mail"),
        (UTILISATEUR, {"telephone": "=1+1"}, "telephone"),
        (UTILISATEUR, {"poste": "assis"}, "poste"),
        (UTILISATEUR, {"code": "T1AS"}, "code"),
        (UTILISATEUR, {"groupes": "|".join(map(str, range(21)))}, "groupes"),
    ],
)
def test_what_a_column_does_not_take_is_named(
    line: dict[str, str], own: dict[str, str], field: str
) -> None:
    with pytest.raises(CellInvalid) as refused:
        read_line(cells(line, **own))
    assert f"« {field} »" in refused.value.said
