"""From a mail to a letter: whom it comes from, where it goes, in which words."""

import pytest

from services.notifications.caisses import (
    Annuaire,
    Caisse,
    Caisses,
    Contact,
    Expediteur,
    Statut,
)
from services.notifications.correspondence import Correspondence
from services.notifications.domain.destinataire import Connus, Destinataire
from services.notifications.domain.envoi import Envoi, queue_notice
from services.notifications.domain.modele import Modele
from services.notifications.handlers.tell_incident import tell_incident
from shared.contracts.comptes import NatureIncident
from shared.security.sealing import Opener
from tests.notifications.builders import KEYS, NOW, decided, identifiant_issued, identifiant_mail
from tests.notifications.letters import CORRESPONDENCE, LETTERS, SENDER, WRITER, read
from tests.notifications.people import incident, known

OWN = Caisse(
    code="931",
    nom="Caf de la Seine-Saint-Denis",
    statut=Statut.VERIFIE,
    expediteur=Expediteur(adresse="ne-pas-repondre@caf931.example", nom="Caf 93 – partenaires"),
)
WITH_OWN_SENDER = Correspondence(
    Opener(KEYS),
    WRITER,
    LETTERS,
    Caisses(Annuaire(source="un essai", caf=(OWN,)), with_demonstration=True),
)


def test_mails_come_from_the_platform_unless_the_caf_has_its_own_sender() -> None:
    mail, connus = identifiant_mail(), Connus(known())
    usual = CORRESPONDENCE.letter(mail, connus, NOW)
    assert usual.sender == SENDER
    own = WITH_OWN_SENDER.letter(mail, connus, NOW)
    assert own.sender == "ne-pas-repondre@caf931.example"
    assert read(own).from_ == "Caf 93 – partenaires <ne-pas-repondre@caf931.example>"
    assert read(own).message_id == read(usual).message_id
    elsewhere = WITH_OWN_SENDER.letter(mail, Connus(known(caf="831")), NOW)
    assert elsewhere.sender == SENDER


def test_mail_to_a_caf_goes_to_its_contact() -> None:
    mail = queue_notice(
        Modele.ADRESSE_ADMINISTRATEUR,
        "u1",
        id="m1",
        domain="mcp.example",
        now=NOW,
        caf="831",
        sujet_id="u1",
        valeurs={"le": NOW.isoformat(), "convention": "19_214"},
    )
    letter = CORRESPONDENCE.letter(mail, Connus(known(), known()), NOW)
    assert letter.recipient == "assistance@caf831.example"
    text = read(letter).text
    assert "Zoé Été-Durand, administrateur partenaire de la convention 19_214" in text
    assert "u1@commune.example" in text


@pytest.mark.parametrize(
    ("nature", "donnees", "recipient"),
    [
        (NatureIncident.DONNEES_DIVULGUEES, "donnees@caf931.example", "donnees@caf931.example"),
        (NatureIncident.DONNEES_DIVULGUEES, None, "assistance@caf931.example"),
        (NatureIncident.COMPTE_PARTAGE, "donnees@caf931.example", "assistance@caf931.example"),
    ],
)
def test_incident_about_personal_data_goes_to_who_answers_for_them(
    nature: NatureIncident, donnees: str | None, recipient: str
) -> None:
    contact = Contact(statut=Statut.VERIFIE, technique="assistance@caf931.example", donnees=donnees)
    assert contact.of_incident(nature) == recipient
    annuaire = Annuaire(source="un essai", caf=(OWN.model_copy(update={"contact": contact}),))
    caisses = Caisses(annuaire, with_demonstration=True)
    decision = decided(tell_incident("mcp.example"), incident(nature=nature))
    (mail,) = [
        each
        for each in decision.writes
        if isinstance(each, Envoi) and each.modele is Modele.INCIDENT_SIGNALE
    ]
    correspondence = Correspondence(Opener(KEYS), WRITER, LETTERS, caisses)
    assert correspondence.letter(mail, Connus(known(), known()), NOW).recipient == recipient


@pytest.mark.parametrize(
    ("sealed", "copied", "whom"),
    [
        ("agent_caf", None, "au service habilitations de votre Caf"),
        ("agent_caf", known(genre="bailleur"), "à votre Caf"),
        (None, known(genre="bailleur"), "à votre Caf"),
        (None, None, "à la personne qui gère votre compte"),
    ],
)
def test_a_secret_tells_whom_to_ask_before_the_copy_knows_who_it_is_for(
    sealed: str | None, copied: Destinataire | None, whom: str
) -> None:
    mail = identifiant_mail(identifiant_issued(genre=sealed))
    assert whom in read(CORRESPONDENCE.letter(mail, Connus(copied), NOW)).text
