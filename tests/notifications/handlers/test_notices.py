"""Notices: what happened to an account, written to its person, once, and not years later."""

from datetime import timedelta
from typing import Any

import pytest

from services.notifications.content import CONTENUS, content_of
from services.notifications.domain.destinataire import Connus
from services.notifications.domain.envoi import Envoi
from services.notifications.domain.modele import VALIDITE, Modele
from services.notifications.handlers.notices import AVIS, notices
from shared.contracts.habilitation import AppartenanceRefused
from shared.contracts.habilitation_demandes import CafSollicitee
from shared.contracts.identity import (
    AccountRefused,
    PasswordChanged,
    UserClosed,
    UserLocked,
    UserReopened,
)
from shared.contracts.topics import DEMANDES, ROLE_ASSIGNMENTS, USER_LIFECYCLE
from shared.path.decision import Decision
from shared.security.sealing import Opener
from tests.notifications.builders import DOMAIN, KEYS, NOW, decided
from tests.notifications.people import known, state

USE_CASES = {
    use_case.message: use_case
    for topic in (USER_LIFECYCLE, ROLE_ASSIGNMENTS, DEMANDES)
    for use_case in notices(DOMAIN, topic)
}
UNTIL = NOW + timedelta(minutes=1)
FACTS: list[tuple[Any, Modele]] = [
    (PasswordChanged(user_id="u1", at=NOW, generation=2), Modele.MOT_DE_PASSE_MODIFIE),
    (UserLocked(user_id="u1", at=NOW, until=UNTIL), Modele.CONNEXION_RALENTIE),
    (state(UserClosed), Modele.COMPTE_CLOTURE),
    (state(UserReopened, reopened_by="a1"), Modele.COMPTE_ROUVERT),
]
REFUSED = AccountRefused(
    user_id="u2",
    convention_id="19_214",
    titre="administrateur",
    motif="adresse_indisponible",
    asked_by="u1",
    at=NOW,
)
NOT_MEMBER = AppartenanceRefused(
    convention_id="19_214",
    user_id="u2",
    appartenances=(),
    groupe_id="g1",
    code="T1AS",
    motif="groupe_cloture",
    asked_by="u1",
    at=NOW,
)
CALL = CafSollicitee(
    convention_id="19_214",
    caf="931",
    asked_by="u1",
    at=NOW,
    sollicitation_id="s1",
    organisme="Mairie de Valfleury",
    objet="avenant",
    service="cdap",
    sujet="CDAP 19_214 Mairie de Valfleury",
    message="Nous souhaitons ajouter le profil T2.",
)
TO_WHO_ASKED: list[tuple[Any, Modele, str | None, str | None]] = [
    (REFUSED, Modele.COMPTE_REFUSE, None, None),
    (NOT_MEMBER, Modele.APPARTENANCE_REFUSEE, "u2", None),
    (CALL, Modele.SOLLICITATION, "u1", "931"),
]
"""A fact, its mail, whom it is about, the Caf that it goes to; all asked by u1."""


def test_every_notice_is_tried_here() -> None:
    tried = {type(each[0]) for each in (*FACTS, *TO_WHO_ASKED)}
    assert tried == {avis.fact for avis in AVIS} == USE_CASES.keys()


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


@pytest.mark.parametrize(("fact", "modele", "sujet_id", "caf"), TO_WHO_ASKED)
def test_who_asked_is_written_to_once(
    fact: Any, modele: Modele, sujet_id: str | None, caf: str | None
) -> None:
    (mail,) = decided(USE_CASES[type(fact)], fact).writes
    assert isinstance(mail, Envoi)
    assert (mail.modele, mail.user_id, mail.sujet_id, mail.caf) == (modele, "u1", sujet_id, caf)
    assert decided(USE_CASES[type(fact)], fact, mail) == Decision()
    assert decided(USE_CASES[type(fact)], fact, now=NOW + VALIDITE) == Decision()
    about = None if sujet_id is None else known(sujet_id)
    content = content_of(Opener(KEYS), mail, Connus(known(), about))
    assert isinstance(content, CONTENUS[modele])


def test_account_refused_twice_is_told_twice() -> None:
    later = REFUSED.model_copy(update={"at": UNTIL})
    mails = [decided(USE_CASES[AccountRefused], each).writes[0].id for each in (REFUSED, later)]
    assert len(set(mails)) == 2


def test_call_is_of_who_made_it_whatever_id_he_gave_it() -> None:
    """Somebody else's id makes nobody's mail disappear."""
    other = CALL.model_copy(update={"asked_by": "u3"})
    mails = [decided(USE_CASES[CafSollicitee], each).writes[0].id for each in (CALL, other)]
    assert len(set(mails)) == 2


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
