"""The image of a captcha is a picture, drawn beside the event loop."""

import asyncio
import subprocess
import sys
import time
from io import BytesIO

from PIL import Image

from services.identity.drawing import HEIGHT, WIDTH, draw_image


async def test_image_is_a_picture_of_its_size_and_never_the_same() -> None:
    one, other = await draw_image("aBc9Xy"), await draw_image("aBc9Xy")
    with Image.open(BytesIO(one)) as picture:
        assert (picture.format, picture.size) == ("PNG", (WIDTH, HEIGHT))
    assert one != other
    assert b"aBc9Xy" not in one


async def test_loop_goes_on_while_images_are_drawn() -> None:
    """What the loop's own thread works in one go, whatever else the machine does."""
    longest, drawing = 0.0, asyncio.gather(*(draw_image("aBc9Xy") for _ in range(20)))
    while not drawing.done():
        started = time.thread_time()
        await asyncio.sleep(0)
        longest = max(longest, time.thread_time() - started)
    await drawing
    assert longest < 0.005


def test_process_that_draws_nothing_does_not_load_the_library() -> None:
    code = (
        "import sys, services.identity.app;"
        "assert not {'PIL', 'captcha', 'zxcvbn'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)  # noqa: S603
    assert done.returncode == 0
