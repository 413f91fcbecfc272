"""What every form is."""

from pydantic import BaseModel, ConfigDict


class Form(BaseModel):
    """What a person fills in: nothing more than what is asked, and never shown in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
