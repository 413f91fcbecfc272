"""The parser of the AsyncAPI project accepts our documents, and is no rubber stamp."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.docs.generated import ASYNCAPI, ROOT
from shared.contracts.asyncapi import PARTIES, asyncapi_document
from tests.interop.tools import find, install_js, run

pytestmark = [pytest.mark.connected, pytest.mark.interop, pytest.mark.timeout(360)]

Judge = Callable[[Path], tuple[int, str]]


@pytest.fixture(scope="module")
def judge() -> Judge:
    """Have a document validated: exit code (1 for an error) and diagnostics."""
    folder = install_js()
    node = find("node", "nodejs")

    def validate(document: Path) -> tuple[int, str]:
        done = run([node, "validate.mjs", document], cwd=folder)
        return done.returncode, done.stdout + done.stderr

    return validate


def test_merged_document_is_valid(judge: Judge) -> None:
    code, diagnostics = judge(ROOT / ASYNCAPI)
    assert code == 0, diagnostics


@pytest.mark.parametrize("party", PARTIES)
def test_document_of_a_service_is_valid(judge: Judge, party: str, tmp_path: Path) -> None:
    code, diagnostics = judge(_saved(asyncapi_document(party), tmp_path))
    assert code == 0, diagnostics


def test_dangling_reference_is_refused(judge: Judge, tmp_path: Path) -> None:
    document = asyncapi_document()
    document["operations"]["identity.send.mcp.credentials"]["channel"] = {"$ref": "#/channels/no"}
    code, diagnostics = judge(_saved(document, tmp_path))
    assert code == 1, diagnostics


def test_schema_that_is_none_is_refused(judge: Judge, tmp_path: Path) -> None:
    document = asyncapi_document()
    message = document["components"]["messages"]["mcp.identity.create_user.v1"]
    message["payload"]["type"] = "texte"
    code, diagnostics = judge(_saved(document, tmp_path))
    assert code == 1, diagnostics


def _saved(document: dict[str, Any], folder: Path) -> Path:
    file = folder / "asyncapi.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file
