"""What every message is: a frozen model with a type, a topic and the field that is its key."""

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

PREFIX = "mcp"

Id = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$")
]
"""An opaque identifier of ours: ASCII, fit for a Kafka key, never personal data."""

KeyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""The id of a cryptographic key: base64url, so it may begin with a dash (RFC 7638)."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A stable code in a fact: an open list, so that a new value breaks no consumer (ADR-0005)."""

NumeroConvention = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}_[0-9]{1,5}$")]
"""Number of a convention, such as 19_214 [seed 002]; read as YY_nnn (assumed)."""

CodeCaf = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
"""Code of a Caf: 831 is seen for the Var [seed 003], the others are assumed (domain.md § 13)."""

Sealed = Annotated[str, StringConstraints(max_length=8192)]
"""Base64 of an X25519 sealed box (ADR-0010)."""

Generation = Annotated[int, Field(ge=1)]
"""Which temporary password of an account: the first is 1."""

ShortText = Annotated[str, StringConstraints(max_length=500)]
"""A sentence, a name of ours, a release: never more than 500 characters (assumed)."""


class Message(BaseModel):
    """One message of the published language.

    Unknown fields are ignored on input, refused values never show in an error, types are strict.
    `TYPE` is the CloudEvents type, `TOPIC` the registered topic, `KEY` the field that is the key.
    """

    model_config = ConfigDict(
        frozen=True, extra="ignore", strict=True, hide_input_in_errors=True, allow_inf_nan=False
    )

    TYPE: ClassVar[str]
    TOPIC: ClassVar[str]
    KEY: ClassVar[str]

    @property
    def key(self) -> str:
        """The Kafka key: the id of the aggregate that the message is about."""
        return str(getattr(self, self.KEY))

    def to_json(self) -> bytes:
        """The body of the record; what is unknown (None) is left out."""
        return self.__pydantic_serializer__.to_json(self, exclude_none=True)


class Command(Message):
    """What is asked of a service: imperative, owned by the receiver, may be refused."""


class Fact(Message):
    """What happened: past tense, owned by the producer, never refused."""


class Snapshot(Fact):
    """The present state told again (`republish`): feeds projections, triggers nothing."""


class Refused(Fact):
    """A command that the rule refused, told on the refusals topic of the service.

    Has no number in an aggregate. `message` is a French sentence for people, `code` is stable.
    """

    KEY = "command_key"

    command_id: ShortText
    command_type: ShortText
    command_key: ShortText
    code: Code
    message: ShortText
    field: Code | None = None
    at: AwareDatetime


def message_type(service: str, name: str, version: int = 1) -> str:
    """The CloudEvents type of a message: `mcp.<service>.<snake_case_name>.v<n>`."""
    return f"{PREFIX}.{service}.{name}.v{version}"
