"""Notices: what happened to an account, written to its person, once, and not years later."""

from datetime import timedelta
from typing import Any

import pytest

from services.notifications.content import CONTENUS, content_of
from services.notifications.domain.destinataire import Connus
from services.notifications.domain.envoi import Envoi
from services.notifications.domain.modele import VALIDITE, Modele
from services.notifications.handlers.notices import AVIS, notices
from shared.contracts.identity import PasswordChanged, UserClosed, UserLocked, UserReopened
from shared.path.decision import Decision
from shared.security.sealing import Opener
from tests.notifications.builders import DOMAIN, KEYS, NOW, decided
from tests.notifications.people import known, state

USE_CASES = {use_case.message: use_case for use_case in notices(DOMAIN)}
UNTIL = NOW + timedelta(minutes=1)
FACTS: list[tuple[Any, Modele]] = [
    (PasswordChanged(user_id="u1", at=NOW, generation=2), Modele.MOT_DE_PASSE_MODIFIE),
    (UserLocked(user_id="u1", at=NOW, until=UNTIL), Modele.CONNEXION_RALENTIE),
    (state(UserClosed), Modele.COMPTE_CLOTURE),
    (state(UserReopened, reopened_by="a1"), Modele.COMPTE_ROUVERT),
]


def test_every_notice_is_tried_here() -> None:
    assert {type(fact) for fact, _ in FACTS} == {avis.fact for avis in AVIS}


@pytest.mark.parametrize(("fact", "modele"), FACTS, ids=lambda each: getattr(each, "value", ""))
def test_fact_makes_one_mail_to_its_person(fact: Any, modele: Modele) -> None:
    decision = decided(USE_CASES[type(fact)], fact)
    (mail,) = decision.writes
    assert isinstance(mail, Envoi)
    assert (mail.modele, mail.user_id, mail.next_attempt_at) == (modele, "u1", NOW)
    assert (mail.sealed, mail.adresse, mail.caf) == (None, None, None)
    assert mail.expires_at == NOW + VALIDITE
    assert decided(USE_CASES[type(fact)], fact, mail) == Decision()


@pytest.mark.parametrize(("fact", "modele"), FACTS, ids=lambda each: getattr(each, "value", ""))
def test_what_is_kept_is_what_the_mail_says(fact: Any, modele: Modele) -> None:
    (mail,) = decided(USE_CASES[type(fact)], fact).writes
    assert isinstance(mail, Envoi)
    content = content_of(Opener(KEYS), mail, Connus(known()))
    assert isinstance(content, CONTENUS[modele])
    assert content.model_dump()["prenom"] == "Zoé"


@pytest.mark.parametrize(("fact", "modele"), FACTS, ids=lambda each: getattr(each, "value", ""))
def test_fact_of_long_ago_is_not_written_about(fact: Any, modele: Modele) -> None:
    """A topic that is read again from its beginning writes to nobody."""
    assert decided(USE_CASES[type(fact)], fact, now=NOW + VALIDITE) == Decision()


def test_guesses_are_told_once_a_day() -> None:
    """Whoever guesses passwords must not be able to fill a mailbox."""
    first = UserLocked(user_id="u1", at=NOW, until=UNTIL)
    soon = first.model_copy(update={"at": UNTIL})
    tomorrow = first.model_copy(update={"at": NOW + timedelta(days=1)})
    ids = [decided(USE_CASES[UserLocked], each).writes[0].id for each in (first, soon, tomorrow)]
    assert ids[0] == ids[1] != ids[2]


def test_each_occasion_has_its_mail() -> None:
    first = PasswordChanged(user_id="u1", at=NOW, generation=2)
    second = first.model_copy(update={"at": UNTIL})
    mails = [decided(USE_CASES[PasswordChanged], each).writes[0].id for each in (first, second)]
    assert len(set(mails)) == 2
