"""An account is closed on its day, once; reopened, it is what it was; nothing is deleted."""

from datetime import date, timedelta

import pytest

from services.identity.domain import cloture
from services.identity.domain.compte import AdresseReservee, Compte
from services.identity.domain.copies import Groupe
from services.identity.domain.errors import (
    AlreadyClosed,
    CloturePast,
    MailUnavailable,
    NotClosed,
    ResponsableToReplace,
)
from services.identity.domain.historique import NatureActe
from services.identity.domain.ouverture import Envois
from shared.calendrier import day_of
from shared.contracts.comptes import EtatCompte
from shared.contracts.identity import UserClosed, UserReopened, UserUpdated
from shared.errors import Outdated
from shared.path.decision import Decision, State
from tests.identity.builders import (
    AGENT,
    NOW,
    annonce,
    compte,
    facts,
    groupe,
    temporary,
    tirage,
    written,
)

TODAY = day_of(NOW)
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
KEPT = AdresseReservee(id="zoe@commune.example", user_id="u1")
CLOSED = compte(etat=EtatCompte.CLOTURE, cloture=YESTERDAY, epoque=1)


def state(adresse: AdresseReservee | None = KEPT) -> State:
    return State({KEPT.key: adresse})


def plan(account: Compte, day: date, *groupes: Groupe) -> Decision:
    return cloture.plan_closing(account, day, state(), responsable_of=groupes, by=AGENT.id, now=NOW)


def reopen(
    account: Compte = CLOSED,
    adresse: AdresseReservee | None = None,
    envois: Envois | None = None,
) -> Decision:
    return cloture.reopen(account, envois, state(adresse), by=AGENT.id, now=NOW)


def test_closing_today_ends_sessions_and_frees_the_address() -> None:
    decision = plan(compte(provisoire=temporary(), epoque=3), TODAY)
    (account,) = written(decision, Compte)
    assert (account.etat, account.cloture, account.epoque) == (EtatCompte.CLOTURE, TODAY, 4)
    assert account.provisoire is None
    assert account.mot_de_passe is not None
    assert account.mail == KEPT.id
    assert account.actes[-1].acte is NatureActe.CLOTURE
    assert written(decision, AdresseReservee)[0].user_id is None
    (fact,) = facts(decision)
    assert isinstance(fact, UserClosed)
    assert (fact.closed_by, fact.etat, fact.cloture) == (AGENT.id, "cloture", TODAY)
    assert fact.generation == 1


def test_closing_to_come_is_told_as_a_change_and_ends_nothing() -> None:
    decision = plan(compte(epoque=3), TOMORROW)
    (account,) = decision.writes
    assert isinstance(account, Compte)
    assert (account.etat, account.cloture, account.epoque) == (EtatCompte.OUVERT, TOMORROW, 3)
    (fact,) = facts(decision)
    assert isinstance(fact, UserUpdated)
    assert (fact.etat, fact.cloture) == ("ouvert", TOMORROW)
    moved = plan(account, TODAY)
    assert isinstance(facts(moved)[0], UserClosed)


def test_account_is_closed_once_and_not_in_the_past() -> None:
    for closed in (CLOSED, compte(cloture=TODAY), compte(cloture=YESTERDAY)):
        with pytest.raises(AlreadyClosed):
            plan(closed, TODAY)
    with pytest.raises(CloturePast):
        plan(compte(), YESTERDAY)


def test_responsable_of_a_group_still_open_that_day_is_replaced_first() -> None:
    with pytest.raises(ResponsableToReplace):
        plan(compte(), TODAY, groupe("g1", "u1"))
    with pytest.raises(ResponsableToReplace):
        plan(compte(), TODAY, groupe("g1", "u1", cloture=TOMORROW))
    plan(compte(), TOMORROW, groupe("g1", "u1", cloture=TOMORROW))
    plan(compte(), TODAY, groupe("g1", "u1", cloture=YESTERDAY))


def test_address_that_another_holds_is_not_freed() -> None:
    account = compte(cloture=TODAY)
    decision = cloture.close(account, state(KEPT.changed(user_id="u9")), by="identity", now=NOW)
    assert decision.writes[1:] == ()


def test_reopened_account_is_what_it_was_and_its_sessions_stay_ended() -> None:
    decision = reopen(adresse=KEPT.changed(user_id=None))
    (account,) = written(decision, Compte)
    assert (account.etat, account.cloture) == (EtatCompte.OUVERT, None)
    assert account.mot_de_passe == CLOSED.mot_de_passe
    assert account.epoque > CLOSED.epoque
    assert written(decision, AdresseReservee)[0].user_id == "u1"
    (fact,) = facts(decision)
    assert isinstance(fact, UserReopened)
    assert (fact.etat, fact.cloture, fact.reopened_by) == ("ouvert", None, AGENT.id)


def test_reopening_is_refused_while_another_has_the_address() -> None:
    with pytest.raises(MailUnavailable):
        reopen(adresse=KEPT.changed(user_id="u9"))


def test_closing_to_come_is_taken_away_without_ending_sessions() -> None:
    decision = reopen(compte(cloture=TOMORROW, epoque=2), KEPT)
    (account,) = written(decision, Compte)
    assert (account.cloture, account.epoque) == (None, 2)
    (fact,) = facts(decision)  # nothing was closed, nothing is open again
    assert isinstance(fact, UserUpdated)
    assert (fact.updated_by, fact.cloture) == (AGENT.id, None)
    with pytest.raises(NotClosed):
        reopen(account, KEPT)


def test_account_closed_before_it_opened_gets_its_mails_when_it_is_reopened_open() -> None:
    never = CLOSED.changed(generation=0, emission=0, mot_de_passe=None)
    with pytest.raises(Outdated):
        reopen(never)
    decision = reopen(never, envois=Envois(annonce(), tirage()))
    assert len(facts(decision)) == 3
    later = reopen(never.changed(ouverture=TOMORROW), envois=Envois(annonce(), tirage()))
    (fact,) = facts(later)
    assert isinstance(fact, UserUpdated)
    assert fact.etat == "a_ouvrir"
