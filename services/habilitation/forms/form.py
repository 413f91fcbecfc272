"""What every form is, and what the forms share."""

import re
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict

from shared.errors import Refusal

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


class Form(BaseModel):
    """What a person fills in: nothing more than what is asked, and never shown in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def asked(self) -> dict[str, Any]:
        """What a command says of it; what was left out is left out.

        Raises a refusal where the form contradicts itself.
        """
        return self.model_dump(mode="json", exclude_none=True)


class Answer(BaseModel):
    """What a command is answered: of what, and the ids that were drawn for it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    AT: ClassVar[str] = "/conventions/{convention_id}"
    """Where what was made is to be seen."""


def _iso(typed: object) -> object:
    """Only the text that screens send: a number or a moment is no day."""
    if isinstance(typed, date) or (isinstance(typed, str) and _ISO.fullmatch(typed)):
        return typed
    raise ValueError("not a day")


Day = Annotated[date, BeforeValidator(_iso)]
"""A day, as `2026-11-26`."""


class MailNotConfirmed(Refusal):
    """The address is typed twice alike [seed 001]; identity's screens have the same code."""

    code: ClassVar[str] = "adresse_non_confirmee"
    sentence: ClassVar[str] = "Les deux adresses mail saisies ne sont pas les mêmes."
    field: ClassVar[str | None] = "mail_confirmation"
    status: ClassVar[int] = 422


class TelephoneNotConfirmed(Refusal):
    """So is the phone number [seed 001]."""

    code: ClassVar[str] = "telephone_non_confirme"
    sentence: ClassVar[str] = "Les deux numéros de téléphone saisis ne sont pas les mêmes."
    field: ClassVar[str | None] = "telephone_confirmation"
    status: ClassVar[int] = 422


class ChoiceMissing(Refusal):
    """Somebody is chosen among the accounts, or created: one of both [seed 002][seed 004]."""

    code: ClassVar[str] = "personne_a_choisir"
    sentence: ClassVar[str] = "Choisissez une personne, ou créez-la : l’un ou l’autre."
    field: ClassVar[str | None] = "personne"
    status: ClassVar[int] = 422


class ResponsableToChoose(ChoiceMissing):
    """The same, of a responsable."""

    field: ClassVar[str | None] = "responsable"
