"""When something was done, and by whom: what explains a right that is there, or is no more."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Mention(BaseModel):
    """A moment, and who did it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    at: datetime
    par: str
