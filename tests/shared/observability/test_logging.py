"""Logs: one JSON object a line on stderr, ids and codes only, no exception text."""

import json
import subprocess
import sys
from typing import Any

PRELUDE = """
import asyncio, dataclasses, logging, structlog
from shared.observability.logging import configure_logging
configure_logging(service="tiny", release="r1", level="info")
log = structlog.get_logger("shared.tiny")
library = logging.getLogger("aiokafka.consumer")
"""


def logged(program: str) -> list[dict[str, Any]]:
    """What a program logs; it runs by itself, for the configuration is of a whole process."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PRELUDE + program], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    assert "canari" not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_line_is_json_with_its_service_release_level_and_time():
    (line,) = logged('log.info("started", process="p-1")')
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "service": "tiny",
        "release": "r1",
        "logger": "shared.tiny",
        "level": "info",
        "event": "started",
        "process": "p-1",
    }


def test_an_exception_is_told_by_its_class_and_place_and_never_by_its_text():
    (line,) = logged("""
def fail(): raise ValueError("canari")
try: fail()
except ValueError: log.exception("message_failed", reason="bug")
""")
    assert line["exception"] == "ValueError"
    assert line["reason"] == "bug"
    assert [frame.rpartition(":")[0] for frame in line["frames"]] == ["<string>", "<string>"]


def test_an_exception_from_generated_code_is_logged_like_another():
    """A frame whose file is no path, as in a dataclass's constructor."""
    (line,) = logged("""
@dataclasses.dataclass
class Odd:
    x: int
    def __post_init__(self): raise ValueError("canari")
try: Odd(1)
except ValueError as error: log.error("failed", exc_info=error)
""")
    assert line["exception"] == "ValueError"
    assert len(line["frames"]) == 3


def test_a_librarys_line_is_its_template_without_its_arguments():
    lines = logged("""
library.warning("record %s of %s", "canari", "canari")
library.error("failed\\ncanari")
""")
    assert [line["event"] for line in lines] == ["record %s of %s", "failed"]
    assert {line["logger"] for line in lines} == {"aiokafka.consumer"}


def test_a_librarys_exception_is_told_without_its_text():
    (line,) = logged("""
try: raise ValueError("canari")
except ValueError: library.exception("failed")
""")
    assert (line["event"], line["exception"]) == ("failed", "ValueError")


def test_a_librarys_chatter_is_left_out():
    assert logged('library.info("hello"); logging.getLogger("uvicorn.access").info("hello")') == []


def test_what_a_task_lost_is_told_without_its_text():
    lines = logged("""
async def fail(): raise ValueError("canari")
async def main():
    task = asyncio.ensure_future(fail())
    await asyncio.wait([task])
    del task
asyncio.run(main())
""")
    assert [line["exception"] for line in lines] == ["ValueError"]


def test_a_line_stays_one_line_whatever_is_in_it():
    (line,) = logged("log.info('odd', id='a\\nb\\r\\u2028\\x1b[31m')")
    assert line["id"] == "a\nb\r\u2028\x1b[31m"
