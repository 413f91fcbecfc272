"""The bulletin d'adhésion of a service: what it grants, what it still needs."""

from typing import Any

import pytest

from services.habilitation.domain.convention import Convention
from services.habilitation.domain.mention import Mention
from shared.contracts.conventions import CodeService, EtatService, Portee
from shared.contracts.habilitation_commands import (
    ConfirmCondition,
    RecordEligibilite,
    SignBulletin,
    TerminateBulletin,
)
from tests.habilitation.builders import (
    AGENT,
    CONVENTION,
    NOW,
    OPENED,
    TODAY,
    Scene,
    convention,
    days,
    nouvelle,
    service,
)
from tests.habilitation.signing import TOMORROW, ask, demande, names, young

CDAP = CodeService.CDAP


def sign(service: CodeService = CDAP, **own: Any) -> Any:
    profils = (demande("T1"),) if service is CDAP else ()
    return ask(SignBulletin, service=service, **({"profils": profils} | own))


def of(scene: Scene, code: CodeService = CDAP) -> Any:
    return scene.get(Convention, CONVENTION).service(code)


@pytest.mark.parametrize(
    ("code", "open_at_once"),
    [
        (CDAP, False),
        (CodeService.ADONIS, True),
        (CodeService.BAILLEUR, True),
        (CodeService.DGFIP, True),
    ],
)
async def test_cdap_opens_with_its_eligibilite_only(code: CodeService, open_at_once: bool) -> None:
    scene = Scene(young())
    (told,) = await scene.facts(sign(code), AGENT)
    assert (*names([told]), told.service) == ("service_opened", code)
    assert of(scene, code).is_open is open_at_once
    if not open_at_once:
        await scene.ask(ask(RecordEligibilite, service=code), AGENT)
        assert of(scene, code).is_open


async def test_it_says_what_each_profile_is_for_and_its_own_condition() -> None:
    scene = Scene(young())
    asked = (demande("T1", portee=Portee.MULTI_CAF, cafs=("931", "751")), demande("T2"))
    (told,) = await scene.facts(sign(profils=asked), AGENT)
    granted = told.services[0].profils
    assert [each.profil for each in granted] == ["T1", "T2"]
    assert granted[0].condition == "Diplôme d’assistant de service social ou de CESF"
    assert granted[1].condition is None
    assert granted[0].model_dump(exclude={"condition", "condition_confirmee", "confirmation"}) == (
        asked[0].model_dump()
    )
    assert [each.is_usable for each in of(scene).profils] == [False, True]


async def test_signed_again_it_replaces_the_profiles_and_keeps_what_was_confirmed() -> None:
    scene = Scene()
    await scene.ask(sign(profils=(demande("T1"), demande("T4"))), AGENT)
    await scene.ask(ask(ConfirmCondition, profil="T1"), AGENT)
    again = sign(profils=(demande("T2"), demande("T1", missions="Autres missions")))
    (told,) = await scene.facts(again, AGENT, now=TOMORROW)
    assert (*names([told]), told.services[0].service) == ("service_updated", "cdap")
    signed = of(scene)
    assert (signed.bulletin, signed.eligibilite) == (days(1), OPENED)
    assert [each.profil for each in signed.profils] == ["T2", "T1"]
    assert signed.profil("T1").condition_confirmee
    assert signed.profil("T1").confirmation == Mention(at=NOW, par=AGENT.id)
    assert signed.profil("T1").missions == "Autres missions"


async def test_signed_again_a_suspended_service_stays_suspended() -> None:
    scene = Scene(convention(services=(service(CDAP, etat=EtatService.SUSPENDU, motif="x"),)))
    await scene.ask(sign(), AGENT)
    assert (of(scene).etat, of(scene).motif) == (EtatService.SUSPENDU, "x")


async def test_after_one_that_is_over_everything_begins_anew() -> None:
    scene = Scene()
    await scene.ask(sign(), AGENT)
    await scene.ask(ask(ConfirmCondition, profil="T1"), AGENT)
    await scene.ask(ask(TerminateBulletin, service=CDAP), AGENT)
    (told,) = await scene.facts(sign(), AGENT)
    assert names([told]) == ["service_opened"]
    assert (of(scene).etat, of(scene).eligibilite) == (EtatService.SIGNE, None)
    assert not of(scene).profil("T1").condition_confirmee
    assert of(scene).profil("T1").confirmation is None
    assert of(scene).resiliation is None


async def test_the_same_bulletin_on_the_same_day_tells_nothing() -> None:
    scene = Scene()
    await scene.ask(sign(), AGENT)
    assert await scene.facts(sign(), AGENT) == []


REFUSED: dict[str, tuple[str, Any]] = {
    "no profile for CDAP": ("profils_absents", sign(profils=())),
    "profiles for another service": (
        "profils_sans_objet",
        sign(CodeService.DGFIP, profils=(demande(),)),
    ),
    "a code that is none": ("profil_inconnu", sign(profils=(demande("T3"),))),
    "one profile twice": ("profil_en_double", sign(profils=(demande(), demande()))),
    "no words": ("profil_incomplet", sign(profils=(demande(fondement=" "),))),
    "multi-Caf without Caf": (
        "portee_invalide",
        sign(profils=(demande(portee=Portee.MULTI_CAF),)),
    ),
    "a Caf that is none": (
        "portee_invalide",
        sign(profils=(demande(portee=Portee.MULTI_CAF, cafs=("999",)),)),
    ),
    "Caf of a national scope": (
        "portee_invalide",
        sign(profils=(demande(portee=Portee.NATIONALE, cafs=("931",)),)),
    ),
    "a responsable for CDAP": ("responsable_sans_objet", sign(responsable_id="simple")),
    "somebody new for CDAP": ("responsable_sans_objet", sign(responsable=nouvelle())),
}


@pytest.mark.parametrize(("code", "asked"), REFUSED.values(), ids=REFUSED)
async def test_what_is_wrong_is_refused(code: str, asked: Any) -> None:
    refusal = await Scene().refusal(asked, AGENT)
    assert refusal is not None
    assert refusal.code == code
    assert "{" not in refusal.said


async def test_a_bulletin_is_dated_by_the_day_it_is_signed() -> None:
    scene = Scene(young())
    await scene.ask(sign(), AGENT)
    assert of(scene).bulletin == TODAY
