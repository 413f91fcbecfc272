"""No answer that could tell whether an account exists leaves before a fixed time (G-22).

The same work is done in every case as far as it can be; a fact told of a known account and a
document written are not. The floor is longer than all of it on a machine that is not overloaded,
so nothing of it is seen from outside. Whoever waits holds no thread, no place and no transaction.
"""

import asyncio

FLOOR_S = 0.15
"""From request to answer (assumed: one hash and one commit take a third of it at rest)."""


def came() -> float:
    """When a request came, as `hold_back` needs it."""
    return asyncio.get_running_loop().time()


async def hold_back(since: float) -> None:
    """Wait for what is left of the floor."""
    await asyncio.sleep(max(0.0, since + FLOOR_S - asyncio.get_running_loop().time()))
