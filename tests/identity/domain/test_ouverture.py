"""An account is opened complete, with its reservations and its two mails, or not at all."""

import pytest

from services.identity.domain import ouverture
from services.identity.domain.compte import AdresseReservee, Compte, IdentifiantReserve
from services.identity.domain.errors import MailTaken, NoIdentifiantLeft, UserExists
from shared.contracts.identity import IdentifiantIssued, TemporaryPasswordIssued, UserCreated
from shared.path.decision import Document, State
from tests.identity.builders import AGENT, DAY, NOW, compte, facts, hash_of, issue
from tests.identity.builders import TEMPORARY as PASSWORD

ISSUE = issue("AAA2222BB33", "CCC2222DD33")
FIRST, SECOND = ISSUE.candidates


def state(*documents: Document) -> State:
    declared = ouverture.keys("u1", "zoe@commune.example", ISSUE)
    stored = {document.key: document for document in documents}
    return State({key: stored.get(key) for key in declared})


def test_account_reserves_its_address_and_its_identifiant() -> None:
    fresh = compte(mot_de_passe=None, generation=0)
    opened = ouverture.open_account(fresh, FIRST, ISSUE, state(), by=AGENT.id, now=NOW)
    account, identifiant, adresse = opened.writes
    assert isinstance(account, Compte)
    assert isinstance(identifiant, IdentifiantReserve)
    assert isinstance(adresse, AdresseReservee)
    assert (identifiant.id, identifiant.user_id) == (FIRST.identifiant, "u1")
    assert (adresse.id, adresse.user_id) == ("zoe@commune.example", "u1")
    assert (account.identifiant, account.generation) == (FIRST.identifiant, 1)
    assert account.mot_de_passe is None
    assert account.provisoire is not None
    assert account.provisoire.hash == hash_of(PASSWORD)
    assert account.provisoire.expires_at == NOW + DAY
    assert opened.result == {"user_id": "u1"}


def test_facts_tell_the_account_and_two_sealed_secrets() -> None:
    opened = ouverture.open_account(compte(), SECOND, ISSUE, state(), by=AGENT.id, now=NOW)
    created, identifiant, password = facts(opened)
    assert isinstance(created, UserCreated)
    assert (created.created_by, created.at) == (AGENT.id, NOW)
    assert isinstance(identifiant, IdentifiantIssued)
    assert identifiant.sealed == SECOND.sealed
    assert isinstance(password, TemporaryPasswordIssued)
    assert password.sealed == "sealed password"
    for each in (identifiant, password):
        assert (each.user_id, each.generation, each.key_id) == ("u1", 1, "key-1")
        assert each.expires_at == NOW + DAY
    assert {told.by.key for told in opened.facts} == {Compte.key_of("u1")}


def test_first_free_identifiant_is_chosen() -> None:
    assert ouverture.choose(ISSUE, state()) == FIRST
    taken = IdentifiantReserve(id=FIRST.identifiant, user_id="u9")
    assert ouverture.choose(ISSUE, state(taken)) == SECOND


def test_account_without_identifiant_is_not_opened() -> None:
    taken = [IdentifiantReserve(id=each.identifiant, user_id="u9") for each in ISSUE.candidates]
    with pytest.raises(NoIdentifiantLeft):
        ouverture.choose(ISSUE, state(*taken))


def test_account_is_opened_once() -> None:
    with pytest.raises(UserExists):
        ouverture.open_account(compte(), FIRST, ISSUE, state(compte()), by=AGENT.id, now=NOW)


def test_address_belongs_to_one_account() -> None:
    taken = AdresseReservee(id="zoe@commune.example", user_id="u9")
    with pytest.raises(MailTaken):
        ouverture.open_account(compte(), FIRST, ISSUE, state(taken), by=AGENT.id, now=NOW)
