"""The subject of a call on the Caf."""

import pytest

from services.habilitation.domain.sollicitation import sujet
from shared.contracts.conventions import CodeService
from tests.habilitation.builders import convention


@pytest.mark.parametrize(
    ("service", "words"),
    [
        (CodeService.CDAP, "CDAP 19_214 Mairie de Valfleury"),
        (CodeService.AFAS, "AFAS 19_214 Mairie de Valfleury"),
        (None, "MCP 19_214 Mairie de Valfleury"),
    ],
)
def test_subject_names_service_convention_and_organisme(
    service: CodeService | None, words: str
) -> None:
    assert sujet(convention(), service) == words
