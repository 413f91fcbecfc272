"""What is told of an account: whose it is, its whole state where the contract says so."""

from datetime import date

import pytest

from services.identity.domain import compte as comptes
from services.identity.domain.errors import UserUnknown
from shared.contracts.comptes import GenreCompte, MotifEchec, MotifMotDePasse
from shared.path.decision import State, Told
from tests.identity.builders import CAF, CONVENTION, NOW, PASSWORD, compte, temporary

COMPTE = compte(generation=3, provisoire=temporary(3))
TOLD = [
    comptes.created(COMPTE, by="agent-1", at=NOW),
    comptes.updated(COMPTE, by="agent-1", at=NOW),
    comptes.password_changed(COMPTE, MotifMotDePasse.PERSONNALISATION, at=NOW),
    comptes.locked(COMPTE, NOW, at=NOW),
    comptes.signed_out(COMPTE, at=NOW),
    comptes.regles_accepted(COMPTE, "2026-11", at=NOW),
    comptes.temporary_password_expired(COMPTE, 3, at=NOW),
    comptes.signed_in(COMPTE, must_change_password=True, at=NOW),
    comptes.sign_in_failed(COMPTE, MotifEchec.MOT_DE_PASSE, at=NOW),
]
each_fact = pytest.mark.parametrize("told", TOLD, ids=lambda told: told.fact.TYPE)


@each_fact
def test_every_fact_carries_the_convention_and_is_the_accounts_event(told: Told) -> None:
    body = told.fact.model_dump()
    assert (body["user_id"], body["convention_id"]) == ("u1", CONVENTION)
    assert body["at"] == NOW
    assert told.by is COMPTE
    assert told.fact.key == "u1"


@each_fact
def test_no_fact_tells_a_secret(told: Told) -> None:
    text = told.fact.to_json().decode()
    assert PASSWORD not in text
    assert "hash" not in text
    assert COMPTE.identifiant not in text


def test_account_of_an_agent_has_no_convention() -> None:
    agent = compte("a1", genre=GenreCompte.AGENT_CAF, convention_id=None)
    fact = comptes.signed_in(agent, must_change_password=False, at=NOW).fact
    assert b"convention" not in fact.to_json()


def test_snapshot_is_the_whole_present_state() -> None:
    told = comptes.snapshot(COMPTE, at=NOW)
    assert told.model_dump(exclude={"at"}) == {
        "user_id": "u1",
        "convention_id": CONVENTION,
        "genre": "partenaire",
        "nom": "Été-Durand",
        "prenom": "Zoé",
        "mail": "zoe@commune.example",
        "telephone": "01 02 03 04 05",
        "poste": "sedentaire",
        "etat": "ouvert",
        "caf": CAF,
        "fonctions": None,
        "ouverture": date(2025, 1, 6),
        "cloture": None,
        "generation": 3,
        "created_by": None,
    }


def test_account_is_found_or_unknown() -> None:
    state = State({COMPTE.key: COMPTE, compte("u9").key: None})
    assert comptes.find(state, "u1") is COMPTE
    with pytest.raises(UserUnknown):
        comptes.find(state, "u9")


def test_hash_shows_in_no_error() -> None:
    with pytest.raises(ValueError, match="identifiant") as raised:
        type(COMPTE).model_validate({"id": "u1", "mot_de_passe": "a hash", "provisoire": 3})
    assert "a hash" not in str(raised.value)
