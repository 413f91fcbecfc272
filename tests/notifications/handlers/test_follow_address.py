"""Following an address: both are told of a change, what was held goes to the new one."""

import pytest

from services.notifications.domain.adresse import Adresse
from services.notifications.domain.envoi import Envoi, EtatEnvoi, hold
from services.notifications.domain.modele import VALIDITE, Modele
from services.notifications.handlers.follow_address import follow_addresses
from shared.contracts.identity import UserMailChanged, UserUpdated
from shared.contracts.notifications import MailReleased
from shared.path.decision import Decision
from tests.notifications.builders import (
    DAY,
    DOMAIN,
    NOW,
    decided,
    identifiant_mail,
    password_mail,
)
from tests.notifications.people import state

CHANGED, UPDATED = follow_addresses(DOMAIN)
OLD, NEW = "ancienne@commune.example", "nouvelle@commune.example"
FLAGGED = Adresse(id="u1", mail=OLD, smtp_code=550, signalee_le=NOW, version=1)


def mails(decision: Decision) -> dict[Modele, Envoi]:
    return {each.modele: each for each in decision.writes if isinstance(each, Envoi)}


def test_change_is_told_to_both_addresses() -> None:
    decision = decided(CHANGED, state(UserMailChanged, mail=NEW))
    told = mails(decision)
    assert told.keys() == {Modele.ADRESSE_QUITTEE, Modele.ADRESSE_MODIFIEE}
    assert told[Modele.ADRESSE_QUITTEE].adresse == OLD
    assert told[Modele.ADRESSE_MODIFIEE].adresse is None
    assert decision.facts == ()


def test_change_of_an_administrateur_is_also_told_to_the_caf() -> None:
    told = mails(decided(CHANGED, state(UserMailChanged, mail=NEW, administrateur=True)))
    to_the_caf = told[Modele.ADRESSE_ADMINISTRATEUR]
    assert (to_the_caf.caf, to_the_caf.sujet_id, to_the_caf.adresse) == ("931", "u1", None)
    assert to_the_caf.valeurs == {"le": NOW.isoformat(), "convention": "19_214"}
    assert len(told) == 3


def test_change_that_comes_again_or_years_later_is_not_told() -> None:
    fact = state(UserMailChanged, mail=NEW)
    before = decided(CHANGED, fact)
    assert decided(CHANGED, fact, *before.writes) == Decision()
    assert decided(CHANGED, fact, now=NOW + VALIDITE) == Decision()


@pytest.mark.parametrize(
    "fact", [state(UserMailChanged, mail=NEW), state(UserUpdated, mail=NEW, updated_by="a1")]
)
def test_corrected_address_lets_go_what_was_held_for_the_person(
    fact: UserMailChanged | UserUpdated,
) -> None:
    password, _ = hold(password_mail(), NOW)
    sent = identifiant_mail().changed(etat=EtatEnvoi.ABANDONNE, sealed=None)
    flagged = FLAGGED.changed(retenus=(password.id, sent.id))
    use_case = CHANGED if isinstance(fact, UserMailChanged) else UPDATED
    decision = decided(use_case, fact, flagged, password, sent)
    released = mails(decision)[Modele.MOT_DE_PASSE_PROVISOIRE]
    assert (released.etat, released.next_attempt_at) == (EtatEnvoi.EN_FILE, NOW)
    assert released.adresse is None  # where it goes is judged when it leaves
    assert released.sealed is not None
    assert Modele.IDENTIFIANT not in mails(decision)
    assert [told.fact for told in decision.facts] == [
        MailReleased(
            mail_id=password.id,
            user_id="u1",
            modele="mot_de_passe_provisoire",
            attempts=0,
            at=NOW,
            by="adresse_corrigee",
        )
    ]
    (adresse,) = (each for each in decision.writes if isinstance(each, Adresse))
    assert (adresse.mail, adresse.retenus) == (None, ())


def test_what_expired_while_it_was_held_is_not_let_go() -> None:
    password, _ = hold(password_mail(), NOW)
    flagged = FLAGGED.changed(retenus=(password.id,))
    fact = state(UserUpdated, mail=NEW, updated_by="a1")
    decision = decided(UPDATED, fact, flagged, password, now=NOW + DAY)
    assert mails(decision) == {}


@pytest.mark.parametrize("adresse", [None, FLAGGED, FLAGGED.corrected()])
def test_update_with_the_same_address_changes_nothing(adresse: Adresse | None) -> None:
    fact = state(UserUpdated, mail=OLD, updated_by="a1")
    stored = () if adresse is None else (adresse,)
    assert decided(UPDATED, fact, *stored) == Decision()
