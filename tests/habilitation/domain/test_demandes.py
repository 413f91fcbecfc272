"""What is asked of other services is numbered apart from what is told of a convention."""

from typing import Any

import pytest

from services.habilitation.domain.demandes import Demandes
from shared.contracts.conventions import CodeService, ObjetSollicitation, Rang
from shared.contracts.habilitation_commands import (
    ConventionCommand,
    DesignateAdministrateur,
    ModifyGroupe,
    OpenGroupe,
    ReplaceAdministrateur,
    RequestAccount,
    SignBulletin,
    SolliciterCaf,
)
from shared.contracts.topics import CONVENTIONS, DEMANDES
from shared.security.principal import Principal
from tests.habilitation.builders import ADMIN, AGENT, CONVENTION, Scene, convention, nouvelle


def ask(kind: type[ConventionCommand], **own: Any) -> ConventionCommand:
    return kind(convention_id=CONVENTION, **own)


WHO: dict[str, Any] = {"user_id": "neuf", "personne": nouvelle()}
RESPONSABLE: dict[str, Any] = {"responsable_id": "neuf", "responsable": nouvelle()}
ASKED: tuple[tuple[Any, Principal], ...] = (
    (ask(RequestAccount, **WHO), ADMIN),
    (ask(OpenGroupe, groupe_id="g3", code="T3", libelle="T3", **RESPONSABLE), ADMIN),
    (ask(ModifyGroupe, groupe_id="g1", **RESPONSABLE), ADMIN),
    (ask(SignBulletin, service=CodeService.AFAS, **RESPONSABLE), AGENT),
    (ask(ReplaceAdministrateur, ancien_id="admin", **WHO), AGENT),
    (ask(DesignateAdministrateur, rang=Rang.PRINCIPAL, **WHO), AGENT),
    (
        ask(
            SolliciterCaf,
            sollicitation_id="s1",
            objet=ObjetSollicitation.AVENANT,
            message="Un profil de plus.",
        ),
        ADMIN,
    ),
)


@pytest.mark.parametrize(("message", "by"), ASKED, ids=lambda each: type(each).__name__)
async def test_a_copy_of_conventions_misses_no_number_of_theirs(
    message: Any, by: Principal
) -> None:
    """Else the version of a right, as explained here, would never be reached elsewhere."""
    alone = isinstance(message, DesignateAdministrateur)
    scene = Scene(convention(administrateurs=())) if alone else Scene()
    facts = (await scene.ask(message, by)).facts
    asked = [told.by.key for told in facts if told.fact.TOPIC == DEMANDES]
    assert asked == [Demandes.key_of(CONVENTION)]
    told = {told.by.COLLECTION for told in facts if told.fact.TOPIC == CONVENTIONS}
    assert told <= {"conventions"}
