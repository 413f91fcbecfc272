"""An answer that is held back leaves at the floor, or at once where the work took longer."""

import asyncio

from services.identity import plancher


async def test_answer_leaves_at_the_floor_and_no_sooner() -> None:
    loop = asyncio.get_running_loop()
    since = plancher.came()
    await plancher.hold_back(since)
    assert loop.time() - since >= plancher.FLOOR_S * 0.99  # the loop's clock is that coarse


async def test_work_that_took_longer_is_not_held_back() -> None:
    waited = plancher.came()
    await plancher.hold_back(waited - plancher.FLOOR_S)
    assert plancher.came() - waited < plancher.FLOOR_S / 2
