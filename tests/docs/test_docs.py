"""What the pages name exists: commands, links, paths, metrics, reasons, messages."""

import importlib
import re
import runpy
import sys
from pathlib import Path

import pytest
import yaml

from services.identity.domain.mot_de_passe import TEMPORARY_LIFETIME
from services.identity.domain.ouverture import IDENTIFIANT_LIFETIME
from services.notifications.domain.modele import VALIDITE
from shared.contracts.catalogue import ALL_MESSAGES, owner_of
from tests.deploy.measured import metric_names
from tests.docs.pages import ROOT, Page, pages

PAGES = pages()
SERVICES = sorted(path.parent.name for path in (ROOT / "services").glob("*/__main__.py"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
FILE = re.compile(r"[\w.*-]+(/[\w.*-]+)*/?")
ARCHITECTURE = Page(ROOT / "docs/architecture.md")
OPERATING = Page(ROOT / "docs/exploitation.md")
GLOSSARY = Page(ROOT / "docs/glossaire.md")


def named_commands() -> list[str]:
    return sorted({" ".join(words) for page in PAGES for words in page.commands()})


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 120


@pytest.mark.parametrize("command", named_commands())
def test_command_exists(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = command.split()
    if words[0] == "docker":
        assert words[1] == "compose"
        if words[2] != "exec":
            return
        assert words[3] in COMPOSE
        words = words[4:]
    if words[0] == "make":
        assert {word for word in words[1:] if "=" not in word} <= TARGETS
        return
    assert words[:2] == ["python", "-m"], command
    for each in alternatives(words[2:]):
        answers_help(each, monkeypatch)


def alternatives(words: list[str]) -> list[list[str]]:
    """`services.<nom> run | schedule` is as many commands as there are services and words."""
    module, *rest = words
    modules = [module]
    if "<" in module:
        modules = [f"services.{service}" for service in SERVICES]
    if "|" in rest:
        return [[each, word] for each in modules for word in rest if word != "|"]
    return [[each, *rest] for each in modules]


def answers_help(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a module with its subcommands and --help instead of what follows them."""
    module, *rest = words
    subcommands = []
    for word in rest:
        if not re.fullmatch(r"[a-z][a-z-]*", word):
            break
        subcommands.append(word)
    monkeypatch.setattr(sys, "argv", [module, *subcommands, "--help"])
    for imported in (module, f"{module}.__main__"):  # by another test: runpy would warn
        monkeypatch.delitem(sys.modules, imported, raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__")
    assert ended.value.code == 0, words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Page) -> None:
    for link in page.links:
        target, _, anchor = link.partition("#")
        path = (page.path.parent / target) if target else page.path
        assert path.exists(), link
        if anchor:
            assert anchor in Page(path).anchors, link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_exist(page: Page) -> None:
    for words in page.inline:
        if "/" not in words or not FILE.fullmatch(words) or words.startswith("mcp."):
            continue
        if words.split("/")[0] in {"apache", "prom", "axllent", "grafana"}:
            continue
        places = (ROOT, page.path.parent, *(ROOT / "services" / name for name in SERVICES))
        assert any(any(place.glob(words.rstrip("/"))) for place in places), words


def test_operating_page_lists_every_metric_and_no_other() -> None:
    rows = re.findall(r"^\| `(mcp_[a-z_]+)` \|", OPERATING.text, re.MULTILINE)
    assert sorted(rows) == sorted(metric_names())
    assert set(re.findall(r"`(mcp_[a-z_]+)`", OPERATING.text)) == metric_names().keys()


def test_architecture_page_lists_every_reason_of_a_dead_letter_and_no_other() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "shared").rglob("*.py"))
    reasons = set(re.findall(r'InvalidMessage\(\s*"([a-z_]+)"', code))
    reasons |= set(re.findall(r'Park\([^"\n]*(?:\n[^"\n]*)?"([a-z_]+)"', code))
    table = ARCHITECTURE.text.partition("| Raison |")[2].partition("\n\n")[0]
    first_cells = " ".join(re.findall(r"^\| (.+?) \|", table, re.MULTILINE))
    assert set(re.findall(r"`([a-z_]+)`", first_cells)) == reasons


def test_architecture_page_lists_every_header_of_a_dead_letter() -> None:
    code = (ROOT / "shared/path/rows.py").read_text() + (
        ROOT / "shared/kafka/records.py"
    ).read_text()
    for header in set(re.findall(r'"(dl_[a-z]+)"', code)):
        assert header in ARCHITECTURE.text


def test_glossary_rows_are_complete_and_sorted_words_are_unique() -> None:
    rows = [line for line in GLOSSARY.text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]
    assert all(len(row) == 4 and all(row) for row in cells)
    terms = [row[0] for row in cells if row[0] not in {"Terme", "---"}]
    assert len(terms) == len(set(terms))


def readmes_of_services() -> list[Path]:
    return sorted((ROOT / "services").glob("*/README.md"))


@pytest.mark.parametrize("readme", readmes_of_services(), ids=lambda path: path.parent.name)
def test_readme_of_a_service_names_every_message_of_its_own(readme: Path) -> None:
    text = readme.read_text()
    for model in ALL_MESSAGES.values():
        if owner_of(model) == readme.parent.name:
            assert model.__name__ in text, model.__name__
            assert f"`{model.TOPIC}`" in text, model.TOPIC


def test_every_service_is_in_the_table_of_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    for service in SERVICES:
        assert f"| [{service}](services/{service}/" in text
        assert importlib.import_module(f"services.{service}.app")


def test_a_sealing_key_is_kept_as_long_as_a_mail_may_need_it() -> None:
    """The longest any mail waits, an incident’s; a secret’s own validity is shorter."""
    (row,) = [line for line in OPERATING.text.splitlines() if line.startswith("| de scellement |")]
    assert f"après {VALIDITE.days} jours, retirer l’ancienne" in row
    assert max(IDENTIFIANT_LIFETIME, TEMPORARY_LIFETIME) <= VALIDITE
