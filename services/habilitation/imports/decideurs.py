"""How the lines of an import are decided: for good, or to see what would come of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, Protocol

from shared.clock import Clock
from shared.errors import Refusal
from shared.ids import draw_id
from shared.path.decision import D, Document, Key, Reader, Request, State, UseCase
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

    What a line asks has ids drawn from what it is about, so that the same line asked again finds
    what it made: no id of its own is kept.
    """

    def __init__(self, runtime: Runtime, principal: Principal) -> None:
        self._runtime = runtime
        self._principal = principal

    async def load(self, key: Key[D]) -> D | None:
        """As last committed."""
        return await self._runtime.reader.load(key)

    async def decide(self, use_case: UseCase[Any, Any], message: Any) -> None:
        """Raises the refusal as it was decided."""
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
        """As last committed: what the lines before make has no members yet."""
        return await self._reader.find(model, field, value)

    async def decide(self, use_case: UseCase[Any, Any], message: Any) -> None:
        """Raises what the command would be refused for."""
        asked = self._request(message, self._clock.now())
        if use_case.prepare is not None:
            asked = self._request(message, asked.now, await use_case.prepare(asked, self))
        state = State(await self._loaded(use_case.keys(asked)))
        if use_case.more_keys is not None:
            more = use_case.more_keys(asked, state)
            state.add(await self._loaded(each for each in more if each not in state))
        for document in use_case.decide(asked, state).writes:
            self._made[document.key] = document

    def _request(self, message: Any, now: datetime, prepared: Any = None) -> Request[Any, Any]:
        id = draw_id()
        return Request(message, self._principal, now, id, id, prepared)

    async def _loaded(self, keys: Iterable[Key[Any]]) -> dict[Key[Any], Document | None]:
        return {key: await self.load(key) for key in keys}
