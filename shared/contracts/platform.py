"""What every process tells of itself."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import Fact, Id, Message, ShortText, message_type
from shared.contracts.topics import HEARTBEATS

SERVICE = "platform"


class ProcessBeat(Fact):
    """A process lives; `oldest_pending_s` is the age of its service's oldest unpublished row.

    Consumers add it to the lag of a projection to know how stale that projection may be.
    """

    TYPE = message_type(SERVICE, "process_beat")
    TOPIC = HEARTBEATS
    KEY = "process_id"

    process_id: Id
    service: Id
    release: ShortText
    oldest_pending_s: Annotated[float, Field(ge=0)]
    at: AwareDatetime


MESSAGES: tuple[type[Message], ...] = (ProcessBeat,)
