"""Telling an incident: to the Caf with the sealed words, to the person without them."""

from services.notifications.domain.envoi import Envoi
from services.notifications.domain.modele import VALIDITE, Modele
from services.notifications.handlers.tell_incident import tell_incident
from shared.path.decision import Decision
from tests.notifications.builders import DOMAIN, NOW, decided
from tests.notifications.people import DESCRIPTION, incident

TELL = tell_incident(DOMAIN)


def test_incident_makes_a_mail_to_the_caf_and_one_to_the_person() -> None:
    fact = incident()
    mails = {each.modele: each for each in decided(TELL, fact).writes if isinstance(each, Envoi)}
    to_the_caf, receipt = mails[Modele.INCIDENT_SIGNALE], mails[Modele.INCIDENT_RECU]
    assert (to_the_caf.caf, to_the_caf.sealed, to_the_caf.key_id) == (
        "931",
        fact.sealed,
        fact.key_id,
    )
    assert (receipt.caf, receipt.sealed) == (None, None)
    assert DESCRIPTION not in repr(mails)
    assert receipt.valeurs is not None
    assert receipt.valeurs["reference"] == "i1"


def test_incident_that_comes_again_or_years_later_is_not_told() -> None:
    fact = incident()
    before = decided(TELL, fact)
    assert decided(TELL, fact, *before.writes) == Decision()
    assert decided(TELL, fact, now=NOW + VALIDITE) == Decision()


def test_incident_without_a_caf_still_makes_both_mails() -> None:
    """The one that nobody can be written to says so by being given up."""
    mails = decided(TELL, incident(caf=None)).writes
    assert [each.caf for each in mails if isinstance(each, Envoi)] == ["", None]
