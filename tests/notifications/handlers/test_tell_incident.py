"""Telling an incident: to the Caf with the sealed words, then to the person without them."""

from services.notifications.domain.envoi import Envoi, EtatEnvoi
from services.notifications.domain.modele import VALIDITE, Modele
from services.notifications.domain.tentative import Accepted, Deferred, Rejected, Result
from services.notifications.handlers.record_attempt import RECORD_ATTEMPT, RecordAttempt
from services.notifications.handlers.tell_incident import tell_incident
from shared.contracts.identity import IncidentReported
from shared.path.decision import Decision
from tests.notifications.builders import DOMAIN, NOW, decided
from tests.notifications.people import DESCRIPTION, incident

TELL = tell_incident(DOMAIN)


def mail_to_the_caf(fact: IncidentReported) -> Envoi:
    (mail,) = decided(TELL, fact).writes
    assert isinstance(mail, Envoi)
    return mail


def answered(mail: Envoi, result: Result, *stored: Envoi) -> list[Envoi]:
    decision = decided(RECORD_ATTEMPT, RecordAttempt(mail.id, result, NOW, "u1"), mail, *stored)
    return [each for each in decision.writes if isinstance(each, Envoi)]


def test_incident_makes_a_mail_to_the_caf() -> None:
    fact = incident()
    to_the_caf = mail_to_the_caf(fact)
    assert to_the_caf.modele is Modele.INCIDENT_SIGNALE
    assert (to_the_caf.caf, to_the_caf.sealed, to_the_caf.key_id) == (
        "931",
        fact.sealed,
        fact.key_id,
    )
    assert DESCRIPTION not in repr(to_the_caf)


def test_person_is_told_that_it_is_transmitted_once_the_caf_has_it() -> None:
    to_the_caf = mail_to_the_caf(incident())
    for not_yet in (Deferred(), Rejected(554)):
        assert [each.modele for each in answered(to_the_caf, not_yet)] == [to_the_caf.modele]
    sent, receipt = answered(to_the_caf, Accepted(250))
    assert (sent.etat, receipt.modele) == (EtatEnvoi.ENVOYE, Modele.INCIDENT_RECU)
    assert (receipt.user_id, receipt.caf, receipt.sealed) == ("u1", None, None)
    assert receipt.valeurs is not None
    assert receipt.valeurs["reference"] == "i1"
    assert receipt.etat is EtatEnvoi.EN_FILE
    assert answered(to_the_caf, Accepted(250), receipt) == [sent]


def test_incident_that_comes_again_or_years_later_is_not_told() -> None:
    fact = incident()
    before = decided(TELL, fact)
    assert decided(TELL, fact, *before.writes) == Decision()
    assert decided(TELL, fact, now=NOW + VALIDITE) == Decision()


def test_incident_without_a_caf_still_makes_a_mail() -> None:
    """The one that nobody can be written to says so by waiting, and by being given up."""
    assert mail_to_the_caf(incident(caf=None)).caf == ""
