"""An account is made complete, with its reservations and its two mails, or not at all."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.identity.domain import ouverture
from services.identity.domain.compte import AdresseReservee, Compte, IdentifiantReserve
from services.identity.domain.errors import (
    ClotureBeforeOuverture,
    CloturePast,
    MailUnavailable,
    NoIdentifiantLeft,
    OuverturePast,
    UserExists,
)
from services.identity.domain.historique import NatureActe
from services.identity.domain.ouverture import Candidate, Envois, Issue
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte
from shared.contracts.identity import (
    IdentifiantIssued,
    TemporaryPasswordIssued,
    UserCreated,
    UserOpened,
)
from shared.errors import Outdated, Refusal
from shared.path.decision import Decision, Document, State
from tests.identity.builders import (
    AGENT,
    DAY,
    NOW,
    annonce,
    compte,
    facts,
    hash_of,
    issue,
    tirage,
    written,
)
from tests.identity.builders import TEMPORARY as PASSWORD

ISSUE = issue("AAA2222BB33", "CCC2222DD33")
FIRST, SECOND = ISSUE.candidates
TODAY = day_of(NOW)
TOMORROW = TODAY + timedelta(days=1)
FRESH = compte(mot_de_passe=None, generation=0, emission=0, ouverture=TODAY)


def state(*documents: Document) -> State:
    declared = ouverture.keys(FRESH, ISSUE)
    stored = {document.key: document for document in documents}
    return State({key: stored.get(key) for key in declared})


def make(*documents: Document, fresh: Compte = FRESH, drawn: Issue = ISSUE, **own: Any) -> Decision:
    return ouverture.make_account(fresh, drawn, state(*documents), by=AGENT.id, now=NOW, **own)


def test_account_reserves_its_address_and_its_identifiant() -> None:
    made = make()
    account, identifiant, adresse = made.writes
    assert isinstance(account, Compte)
    assert isinstance(identifiant, IdentifiantReserve)
    assert isinstance(adresse, AdresseReservee)
    assert (identifiant.id, identifiant.user_id) == (FIRST.identifiant, "u1")
    assert (adresse.id, adresse.user_id) == ("zoe@commune.example", "u1")
    assert (account.identifiant, account.generation, account.emission) == (FIRST.identifiant, 1, 1)
    assert account.mot_de_passe is None
    assert account.provisoire is not None
    assert account.provisoire.hash == hash_of(PASSWORD)
    assert account.provisoire.expires_at == NOW + DAY
    assert (account.created_by, account.etat) == (AGENT.id, EtatCompte.OUVERT)
    assert [(each.acte, each.par) for each in account.actes] == [(NatureActe.CREATION, AGENT.id)]
    assert made.result == {"user_id": "u1"}


def test_facts_tell_the_account_and_two_sealed_secrets() -> None:
    taken = IdentifiantReserve(id=FIRST.identifiant, user_id="u9")
    made = make(taken, groupes=("g1", "g2"))
    created, identifiant, password = facts(made)
    assert isinstance(created, UserCreated)
    assert (created.created_by, created.at) == (AGENT.id, NOW)
    assert (created.groupes, created.etat) == (("g1", "g2"), "ouvert")
    assert isinstance(identifiant, IdentifiantIssued)
    assert SECOND.annonce is not None
    assert identifiant.sealed == SECOND.annonce.sealed
    assert identifiant.expires_at == NOW + 2 * DAY
    assert isinstance(password, TemporaryPasswordIssued)
    assert password.sealed == "sealed password"
    assert password.expires_at == NOW + DAY
    for each in (identifiant, password):
        assert (each.user_id, each.generation, each.key_id) == ("u1", 1, "key-1")
    assert {told.by.key for told in made.facts} == {Compte.key_of("u1")}


def test_account_that_opens_later_is_told_without_its_mails() -> None:
    later = Issue((Candidate(FIRST.identifiant, None),), None)
    made = make(fresh=FRESH.changed(ouverture=TOMORROW), drawn=later)
    (account,) = written(made, Compte)
    assert (account.identifiant, account.generation, account.emission) == (FIRST.identifiant, 0, 0)
    assert (account.etat, account.provisoire) == (EtatCompte.A_OUVRIR, None)
    (created,) = facts(made)
    assert (created.etat, created.ouverture) == ("a_ouvrir", TOMORROW)
    assert written(made, AdresseReservee)[0].user_id == "u1"


def test_account_opens_with_its_two_mails_once() -> None:
    waiting = FRESH.changed(identifiant=FIRST.identifiant, etat=EtatCompte.A_OUVRIR)
    envois = Envois(annonce(), tirage())
    opened = ouverture.open_on_its_day(waiting, envois, by="identity", now=NOW)
    (account,) = written(opened, Compte)
    assert (account.etat, account.emission, account.generation) == (EtatCompte.OUVERT, 1, 1)
    assert [type(each) for each in facts(opened)] == [
        UserOpened,
        IdentifiantIssued,
        TemporaryPasswordIssued,
    ]
    again = account.changed(etat=EtatCompte.A_OUVRIR)
    opened = ouverture.open_on_its_day(again, None, by="identity", now=NOW)
    assert [type(each) for each in facts(opened)] == [UserOpened]


@pytest.mark.parametrize(
    "envois",
    [
        None,
        Envois(annonce(to="avant@commune.example"), tirage()),
        Envois(annonce(emission=2), tirage()),
        Envois(annonce(), tirage(to="avant@commune.example")),
    ],
)
def test_mails_of_what_the_account_was_are_not_written(envois: Envois | None) -> None:
    waiting = FRESH.changed(identifiant=FIRST.identifiant, etat=EtatCompte.A_OUVRIR)
    with pytest.raises(Outdated):
        ouverture.open_on_its_day(waiting, envois, by="identity", now=NOW)


def test_account_without_identifiant_is_not_made() -> None:
    taken = [IdentifiantReserve(id=each.identifiant, user_id="u9") for each in ISSUE.candidates]
    with pytest.raises(NoIdentifiantLeft):
        make(*taken)


def test_account_is_made_once() -> None:
    with pytest.raises(UserExists):
        make(compte())


def test_address_belongs_to_one_account_until_it_gives_it_up() -> None:
    taken = AdresseReservee(id="zoe@commune.example", user_id="u9")
    with pytest.raises(MailUnavailable):
        make(taken)
    (kept,) = ouverture.freed(taken.id, "u9", state(taken), now=NOW)
    assert (kept.user_id, kept.libre_depuis) == (None, NOW)
    assert written(make(kept), AdresseReservee)[0].user_id == "u1"
    assert list(ouverture.freed(taken.id, "u1", state(taken), now=NOW)) == []
    assert list(ouverture.freed(taken.id, "u1", state(), now=NOW)) == []


@pytest.mark.parametrize(
    ("opens", "closes", "refusal"),
    [
        (TODAY - timedelta(days=1), None, OuverturePast),
        (TODAY, TODAY - timedelta(days=1), CloturePast),
        (TODAY, TODAY, ClotureBeforeOuverture),
        (TOMORROW, TODAY, ClotureBeforeOuverture),
    ],
)
def test_dates_that_cannot_be(opens: date, closes: date | None, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as raised:
        ouverture.check_dates(opens, closes, TODAY)
    assert raised.value.status == 422


@pytest.mark.parametrize(("opens", "closes"), [(TODAY, None), (TODAY, TOMORROW), (TOMORROW, None)])
def test_dates_that_may_be(opens: date, closes: date | None) -> None:
    ouverture.check_dates(opens, closes, TODAY)
