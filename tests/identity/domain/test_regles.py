"""The version in force is to be accepted, and only that one can be."""

import pytest

from services.identity import texts
from services.identity.domain.aide import Probleme, RoleDeclare
from services.identity.domain.regles import (
    VERSIONS,
    ReglesNotInForce,
    check_version,
    in_force,
    to_accept,
)


def test_version_in_force_is_to_be_accepted_until_it_is() -> None:
    assert to_accept(None) == to_accept("2020-01") == in_force()
    assert to_accept(in_force()) is None


def test_other_versions_cannot_be_accepted() -> None:
    check_version(in_force())
    for version in (*VERSIONS[:-1], "2020-01", ""):
        with pytest.raises(ReglesNotInForce):
            check_version(version)


@pytest.mark.parametrize("version", VERSIONS)
def test_text_of_every_version_is_kept(version: str) -> None:
    text = texts.regles(version)
    for said in ("professionnel", "mot de passe", "secret professionnel", "incident", "Dialogue"):
        assert said in text


def test_text_of_no_version_is_looked_for_nowhere() -> None:
    with pytest.raises(KeyError):
        texts.regles("../../settings")


@pytest.mark.parametrize("probleme", Probleme)
@pytest.mark.parametrize("role", RoleDeclare)
def test_help_answers_everybody(role: RoleDeclare, probleme: Probleme) -> None:
    answer = texts.reponse(role, probleme)
    assert answer.endswith(".")
    assert "{" not in answer


def test_help_offers_what_it_answers() -> None:
    data = texts.aide()
    assert {each["code"] for each in data["roles"]} == set(RoleDeclare)
    assert {each["code"] for each in data["problemes"]} == set(Probleme)


def test_lost_identifiant_is_asked_of_the_administrateur_and_only_he_asks_the_caf() -> None:
    lost = Probleme.IDENTIFIANT_PERDU
    assert "votre administrateur" in texts.reponse(RoleDeclare.UTILISATEUR, lost)
    assert "Caf" not in texts.reponse(RoleDeclare.UTILISATEUR, lost)
    assert "votre Caf" in texts.reponse(RoleDeclare.ADMINISTRATEUR, lost)


def test_sign_in_page_says_who_may_come_in() -> None:
    said = " ".join(texts.connexion().values())
    for word in ("personnes autorisées", "convention", "frauduleusement"):
        assert word in said
