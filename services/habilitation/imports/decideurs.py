"""How the lines of an import are decided: for good, or to see what would come of it."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Protocol

from services.habilitation.annuaire.hypothese import written_by
from shared.clock import Clock
from shared.errors import Refusal
from shared.http.door import FULL
from shared.http.problems import OutboxFull
from shared.ids import draw_id
from shared.path.decision import D, Document, Key, Reader, Request, UseCase
from shared.runtime import Runtime
from shared.security.principal import Principal


class AsDecided(Refusal):
    """What the inbox remembers of a refusal: its code and its sentence."""

    code: ClassVar[str] = "refus"
    sentence: ClassVar[str] = "{phrase}"

    def __init__(self, code: str, phrase: str) -> None:
        super().__init__(phrase=phrase)
        self.code = code  # type: ignore[misc] # this one's own, as it was decided


class Decideur(Protocol):
    """Decides a command of whoever imports, and reads documents as the lines before left them."""

    async def load(self, key: Key[D]) -> D | None:
        """One document."""

    async def decide(self, use_case: UseCase[Any, Any], message: Any) -> None:
        """Have a command decided. Raises what it is refused for."""


class PourDeBon:
    """Through the inbox and the commit of every command; each line once committed before the next.

    Whose account a line asks for has an id drawn from the address, and a group is found by its
    code, so that the same line asked again finds what it made: no id of its own is kept.
    """

    def __init__(self, runtime: Runtime, principal: Principal) -> None:
        self._runtime = runtime
        self._principal = principal

    async def load(self, key: Key[D]) -> D | None:
        """As last committed."""
        return await self._runtime.reader.load(key)

    async def decide(self, use_case: UseCase[Any, Any], message: Any) -> None:
        """Raises the refusal as it was decided; OutboxFull while what was told cannot leave."""
        if self._runtime.drain.size > FULL:
            raise OutboxFull
        outcome = await self._runtime.decide(
            use_case, message, principal=self._principal, message_id=draw_id()
        )
        if outcome.refusal is not None:
            raise AsDecided(outcome.refusal["code"], outcome.refusal["sentence"])


class PourVoir:
    """The same decisions on what is committed and what the lines before would have made of it.

    Nothing is written and nothing told.
    """

    def __init__(self, reader: Reader, principal: Principal, clock: Clock) -> None:
        self._reader = reader
        self._principal = principal
        self._clock = clock
        self._made: dict[Key[Any], Document] = {}

    async def load(self, key: Key[D]) -> D | None:
        """As the lines before would leave it."""
        made = self._made.get(key)
        if isinstance(made, key.model):
            return made
        return await self._reader.load(key)

    async def find(self, model: type[D], field: str, value: str) -> list[D]:
        """As the lines before would leave them."""
        found = {each.key: each for each in await self._reader.find(model, field, value)}
        made = {key: each for key, each in self._made.items() if isinstance(each, model)}
        path = field.split(".")
        return [each for each in {**found, **made}.values() if _holds(each, path, value)]

    async def decide(self, use_case: UseCase[Any, Any], message: Any) -> None:
        """Raises what the command would be refused for."""
        id = draw_id()
        asked = Request(message, self._principal, self._clock.now(), id, id, None)
        for document in await written_by(self._loaded, self, use_case, asked):
            self._made[document.key] = document

    async def _loaded(self, keys: Iterable[Key[Any]]) -> dict[Key[Any], Document | None]:
        return {key: await self.load(key) for key in dict.fromkeys(keys)}


def _holds(value: object, path: Sequence[str], wanted: str) -> bool:
    """Whether a dotted field, or one of its parts, has that value, as the store reads it."""
    if isinstance(value, tuple):
        return any(_holds(each, path, wanted) for each in value)
    if not path:
        return value == wanted
    return _holds(getattr(value, path[0]), path[1:], wanted)
