"""The families of errors: the rule says no, a contract is broken, a dependency is away, a bug."""

from typing import ClassVar


class Refusal(Exception):
    """The rule says no: a result, not a fault.

    `code` is stable, `sentence` is French and for people, `field` names what to correct,
    `status` is the HTTP status of the problem document. What the sentence names in braces is
    given by who raises it.
    """

    code: ClassVar[str]
    sentence: ClassVar[str]
    field: ClassVar[str | None] = None
    status: ClassVar[int] = 409

    def __init__(self, **named: str) -> None:
        super().__init__(self.code)
        self.named = named

    @property
    def said(self) -> str:
        """The sentence, with what it names."""
        return self.sentence.format(**self.named) if self.named else self.sentence


class InvalidMessage(Exception):
    """The contract is broken: `reason` is a stable code; the message goes to the dead letters."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unavailable(Exception):
    """A dependency is away or slow: nothing is lost, try again later."""


class Outdated(Exception):
    """A decision saw that what was prepared for it is older than what was loaded.

    The path prepares the message again and decides it again: nobody is refused, nothing was used
    up.
    """


class Bug(Exception):
    """Our mistake, found by the plumbing: an event too large, or of an unwritten aggregate."""
