"""An administrateur calls on his Caf: the subject that it asks for, and how often it is written to.

[seed 002: who writes under another subject is not answered first]
"""

from typing import ClassVar

from services.habilitation.domain.convention import Convention
from shared.contracts.conventions import CodeService
from shared.errors import Refusal

MOST = 10
"""Calls of one convention in an hour, each of which is a mail (assumed, as for incidents)."""
PORTAL = "MCP"
"""What stands for the service where the call is about none (assumed)."""


class MessageMissing(Refusal):
    """A call that says nothing."""

    code: ClassVar[str] = "message_absent"
    sentence: ClassVar[str] = "Écrivez à votre Caf ce que vous lui demandez."
    field: ClassVar[str | None] = "message"
    status: ClassVar[int] = 422


def sujet(convention: Convention, service: CodeService | None) -> str:
    """Service, number of the convention, name: `CDAP 19_214 NOM` [seed 002]."""
    code = PORTAL if service is None else service.upper()
    return f"{code} {convention.id} {convention.organisme}"
