"""A convention by the calendar, its services, what its rights hang on."""

from datetime import date
from typing import Any

import pytest

from shared.contracts.conventions import CodeService, EtatConvention, EtatService
from tests.habilitation.builders import (
    OPENED,
    TODAY,
    cdap,
    convention,
    days,
    kept,
    profil,
    service,
)

BROUILLON, A_SIGNER = EtatConvention.BROUILLON, EtatConvention.A_SIGNER
OUVERTE, SUSPENDUE, CLOTUREE = (
    EtatConvention.OUVERTE,
    EtatConvention.SUSPENDUE,
    EtatConvention.CLOTUREE,
)


@pytest.mark.parametrize(
    ("told", "validee", "ouverture", "cloture", "now"),
    [
        (BROUILLON, False, OPENED, None, BROUILLON),
        (A_SIGNER, False, OPENED, None, A_SIGNER),
        (A_SIGNER, True, days(1), None, A_SIGNER),
        (A_SIGNER, True, TODAY, None, OUVERTE),
        (OUVERTE, True, OPENED, days(1), OUVERTE),
        (OUVERTE, True, OPENED, TODAY, CLOTUREE),
        (SUSPENDUE, True, OPENED, None, SUSPENDUE),
        (SUSPENDUE, True, OPENED, TODAY, CLOTUREE),
        (BROUILLON, False, days(5), TODAY, CLOTUREE),
        (CLOTUREE, True, OPENED, TODAY, CLOTUREE),
    ],
)
def test_state_by_the_calendar(
    told: EtatConvention,
    validee: bool,
    ouverture: date,
    cloture: date | None,
    now: EtatConvention,
) -> None:
    one = convention(etat=told, validee=validee, ouverture=ouverture, cloture=cloture)
    assert one.etat_at(TODAY) is now
    assert one.is_open(TODAY) is (now is OUVERTE)


@pytest.mark.parametrize(
    ("of_convention", "of_service", "opens"),
    [
        ({}, {}, True),
        ({"etat": SUSPENDUE}, {}, False),
        ({"etat": BROUILLON}, {}, False),
        ({"cloture": TODAY}, {}, False),
        ({"contrat": None}, {}, False),
        ({}, {"etat": EtatService.SUSPENDU}, False),
        ({}, {"eligibilite": None}, False),
    ],
)
def test_a_service_opens_only_with_all_that_is_signed(
    of_convention: dict[str, Any], of_service: dict[str, Any], opens: bool
) -> None:
    assert convention(**of_convention).opens(service(**of_service), TODAY) is opens


def test_a_service_is_changed_in_its_place_or_added_at_the_end() -> None:
    one = convention()
    codes = [each.service for each in one.services]
    changed = one.with_service(service(CodeService.CDAP, etat=EtatService.SUSPENDU))
    assert [each.service for each in changed.services] == codes
    assert changed.services[0].etat is EtatService.SUSPENDU
    added = one.with_service(service(CodeService.DGFIP))
    assert [each.service for each in added.services] == [*codes, CodeService.DGFIP]


@pytest.mark.parametrize("code", CodeService)
def test_eligibilite_is_for_cdap_and_afas(code: CodeService) -> None:
    needed = code in {CodeService.CDAP, CodeService.AFAS}
    assert service(code, eligibilite=None).is_open is not needed
    assert service(code).is_open
    for etat in (EtatService.SUSPENDU, EtatService.RESILIE):
        assert not service(code, etat=etat).is_open


def test_a_profile_with_a_condition_waits_for_its_confirmation() -> None:
    assert profil("T2").is_usable
    assert not profil("T1", condition="Diplôme").is_usable
    assert profil("T1", condition="Diplôme", condition_confirmee=True).is_usable
    assert cdap().profil("T4") is None
    assert cdap().profil(None) is None


def test_without_a_contrat_the_caf_manages() -> None:
    assert convention().gestion_deleguee
    assert not kept().gestion_deleguee
    assert not convention(contrat=None).gestion_deleguee
