"""Draws the image of a captcha, in a thread; the library is loaded with the first image."""

import asyncio
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from captcha.image import ImageCaptcha

WIDTH, HEIGHT = 240, 80
"""Pixels: six characters that can be read (assumed)."""


async def draw_image(text: str) -> bytes:
    """A text as a distorted image (PNG)."""
    return await asyncio.to_thread(_draw, text)


def _draw(text: str) -> bytes:
    return _painter().generate(text).getvalue()


@cache
def _painter() -> "ImageCaptcha":
    """Loaded when needed: a process that draws nothing keeps 15 MB."""
    from captcha.image import ImageCaptcha

    return ImageCaptcha(width=WIDTH, height=HEIGHT)
