"""Write the documents that contracts and templates decide, and tell which files differ."""

import json
from pathlib import Path
from typing import Any

from deploy.docs.mail_pages import MAILS, mail_pages
from deploy.docs.states_page import states_page
from deploy.docs.topics_page import topics_page
from shared.contracts.asyncapi import asyncapi_document
from shared.contracts.catalogue import ALL_MESSAGES
from shared.contracts.schemas import message_schema

ROOT = Path(__file__).parents[2]
SCHEMAS = "docs/schemas"
ASYNCAPI = "docs/asyncapi.json"
TOPICS_PAGE = "docs/topics.md"
STATES_PAGE = "docs/etats.md"


def documents() -> dict[str, str]:
    """Every generated document: path in the tree → text, the same at each call."""
    schemas = {
        f"{SCHEMAS}/{type}.json": _text(message_schema(model))
        for type, model in ALL_MESSAGES.items()
    }
    return {
        **schemas,
        ASYNCAPI: _text(asyncapi_document()),
        TOPICS_PAGE: topics_page(),
        STATES_PAGE: states_page(),
        **mail_pages(),
    }


def write(root: Path = ROOT) -> list[str]:
    """Write what differs, remove pages of what is no more; return the paths."""
    changed = drift(root)
    wanted = documents()
    for path in changed:
        file = root / path
        if path in wanted:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(wanted[path], encoding="utf-8", newline="\n")
        else:
            file.unlink()
    return changed


def drift(root: Path = ROOT) -> list[str]:
    """The paths that differ from what the contracts say: missing, changed, or too many."""
    wanted = documents()
    present = {f"{of}/{file.name}" for of in (SCHEMAS, MAILS) for file in (root / of).glob("*")}
    changed = {path for path, text in wanted.items() if _read(root / path) != text.encode()}
    return sorted(changed | (present - wanted.keys()))


def _read(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
