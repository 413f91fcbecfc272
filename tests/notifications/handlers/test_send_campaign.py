"""Sending a campaign: one mail for each person, asked by a service, with the right values."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.notifications.domain.envoi import Envoi, EtatEnvoi, campaign_mail_id
from services.notifications.domain.errors import ModeleUnknown, NotAService, ValeursInvalid
from services.notifications.domain.modele import VALIDITE, Modele
from services.notifications.handlers.send_campaign import send_campaign
from shared.contracts.notifications import SendCampaign
from shared.path.decision import Decision
from shared.security.principal import ActorKind, Principal
from tests.notifications.builders import DOMAIN, NOW, decided

SEND = send_campaign(DOMAIN)
AFAS = Principal(ActorKind.SERVICE, "afas")
VALEURS = {"activite": "Les Tilleuls", "exercice": "2026", "echeance": "2026-03-31"}


def campaign(*user_ids: str, **more: Any) -> SendCampaign:
    asked: dict[str, Any] = {
        "campagne_id": "relances-2026-03",
        "modele": "relance",
        "user_ids": user_ids,
        "valeurs": VALEURS,
    }
    return SendCampaign(**(asked | more))


def test_each_person_gets_one_mail() -> None:
    decision = decided(SEND, campaign("u1", "u2", "u1"), principal=AFAS)
    mails = [each for each in decision.writes if isinstance(each, Envoi)]
    assert [mail.user_id for mail in mails] == ["u1", "u2"]
    assert {(mail.modele, mail.etat) for mail in mails} == {(Modele.RELANCE, EtatEnvoi.EN_FILE)}
    assert {mail.campagne_id for mail in mails} == {"relances-2026-03"}
    assert mails[0].id == campaign_mail_id("relances-2026-03", "u1")
    assert mails[0].valeurs == VALEURS


@pytest.mark.parametrize(
    ("echeance", "expires_at"),
    [
        ("2026-03-31", NOW + VALIDITE),
        ("2025-03-08", datetime(2025, 3, 8, 23, tzinfo=UTC)),  # midnight in Paris
        ("2025-03-01", datetime(2025, 3, 1, 23, tzinfo=UTC)),  # past: it expires, and is told so
    ],
)
def test_no_relance_leaves_after_its_own_deadline(echeance: str, expires_at: datetime) -> None:
    asked = campaign("u1", valeurs=VALEURS | {"echeance": echeance})
    (mail,) = decided(SEND, asked, principal=AFAS).writes
    assert isinstance(mail, Envoi)
    assert mail.expires_at == expires_at


def test_who_had_it_does_not_get_it_again_whatever_it_says_now() -> None:
    before = decided(SEND, campaign("u1"), principal=AFAS).writes
    again = campaign("u1", "u2", valeurs=VALEURS | {"exercice": "2027"})
    (mail,) = decided(SEND, again, *before, principal=AFAS).writes
    assert isinstance(mail, Envoi)
    assert mail.user_id == "u2"
    assert decided(SEND, campaign("u1"), *before, principal=AFAS) == Decision()


@pytest.mark.parametrize("kind", [ActorKind.AGENT_CAF, ActorKind.PARTENAIRE])
def test_nobody_but_a_service_may(kind: ActorKind) -> None:
    with pytest.raises(NotAService):
        decided(SEND, campaign("u1"), principal=Principal(kind, "p1"))


@pytest.mark.parametrize("modele", ["unheard_of", "mot_de_passe_modifie", "identifiant"])
def test_other_mails_are_no_campaigns(modele: str) -> None:
    with pytest.raises(ModeleUnknown):
        decided(SEND, campaign("u1", modele=modele), principal=AFAS)


@pytest.mark.parametrize(
    "valeurs",
    [
        {},
        {"activite": "Les Tilleuls"},
        VALEURS | {"prenom": "Mallory"},
        VALEURS | {"echeance": "demain"},
        VALEURS | {"exercice": "26"},
        VALEURS | {"activite": ""},
        VALEURS | {"activite": "a" * 201},
    ],
)
def test_values_are_those_of_the_template(valeurs: dict[str, str]) -> None:
    with pytest.raises(ValeursInvalid):
        decided(SEND, campaign("u1", valeurs=valeurs), principal=AFAS)
