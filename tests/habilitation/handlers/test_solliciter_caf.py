"""Only an administrateur calls on the Caf, and not without end."""

from typing import Any

import pytest

from services.habilitation.domain.demandes import Demandes
from services.habilitation.domain.sollicitation import MOST
from shared.contracts.conventions import CodeService, EtatConvention, ObjetSollicitation
from shared.contracts.habilitation_commands import SolliciterCaf
from shared.contracts.habilitation_demandes import CafSollicitee
from shared.frequence import WITHIN
from shared.security.principal import Principal
from tests.habilitation.builders import (
    ADMIN,
    AGENT,
    CONVENTION,
    HABILITEUR,
    ITSELF,
    MEMBRE,
    NOW,
    OTHER_CONVENTION,
    RESPONSABLE,
    SIMPLE,
    SUPPLEANT,
    THEIR_ADMIN,
    Scene,
    convention,
    kept,
)

MESSAGE = "Nous souhaitons ajouter le profil T2."


def asked(**own: Any) -> SolliciterCaf:
    values: dict[str, Any] = {
        "convention_id": CONVENTION,
        "sollicitation_id": "s1",
        "objet": ObjetSollicitation.AVENANT,
        "service": CodeService.CDAP,
        "message": MESSAGE,
    }
    return SolliciterCaf(**(values | own))


async def test_what_is_asked_is_told_with_the_subject_that_the_caf_asks_for() -> None:
    scene = Scene()
    decision = await scene.ask(asked())
    (told,) = [each.fact for each in decision.facts]
    assert told == CafSollicitee(
        convention_id=CONVENTION,
        caf="931",
        asked_by="admin",
        at=NOW,
        sollicitation_id="s1",
        organisme="Mairie de Valfleury",
        objet="avenant",
        service="cdap",
        sujet="CDAP 19_214 Mairie de Valfleury",
        message=MESSAGE,
    )
    assert decision.result == {"sollicitation_id": "s1"}


@pytest.mark.parametrize("objet", ObjetSollicitation)
async def test_suppleant_asks_as_well_and_for_anything(objet: ObjetSollicitation) -> None:
    (told,) = await Scene().facts(asked(objet=objet, service=None), SUPPLEANT)
    assert (told.objet, told.asked_by, told.service) == (objet, "suppleant", None)


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (AGENT, "non_permis"),
        (RESPONSABLE, "non_permis"),
        (HABILITEUR, "non_permis"),
        (MEMBRE, "non_permis"),
        (SIMPLE, "non_permis"),
        (ITSELF, "non_permis"),
        (THEIR_ADMIN, "convention_inconnue"),
    ],
)
async def test_nobody_else_asks(by: Principal, code: str) -> None:
    assert await Scene().code(asked(), by) == code


async def test_convention_of_others_is_one_that_does_not_exist() -> None:
    scene = Scene()
    for elsewhere in (OTHER_CONVENTION, "99_1"):
        assert await scene.code(asked(convention_id=elsewhere)) == "convention_inconnue"


async def test_caf_is_called_on_where_it_manages_everything_but_not_in_a_suspension() -> None:
    assert await Scene(kept()).code(asked()) is None
    suspended = Scene(convention(etat=EtatConvention.SUSPENDUE))
    assert await suspended.code(asked()) == "convention_non_ouverte"


async def test_call_without_a_word_is_refused() -> None:
    assert await Scene().code(asked(message=" \n")) == "message_absent"


async def test_caf_is_called_on_so_often_in_an_hour() -> None:
    scene = Scene()
    for number in range(MOST):
        by = ADMIN if number % 2 else SUPPLEANT
        assert await scene.code(asked(sollicitation_id=f"s{number}"), by) is None
    assert await scene.code(asked()) == "demande_trop_frequente"
    assert len(scene.get(Demandes, CONVENTION).sollicitations) == MOST
    later = await scene.ask(asked(), now=NOW + WITHIN)
    assert len(later.facts) == 1
