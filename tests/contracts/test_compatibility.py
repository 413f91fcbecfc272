"""The check that CI runs: against git, against a folder, and never green for want of a look."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.__main__ import main
from deploy.docs import command, promise
from deploy.docs.generated import ASYNCAPI, ROOT, SCHEMAS, write
from deploy.docs.history import HistoryUnreadable, folder_history, git_history
from deploy.docs.promise import ACCEPTED, EXAMPLES, PUBLISHED, broken_promises
from shared.contracts.catalogue import ALL_MESSAGES, example_of
from shared.contracts.schemas import message_schema

TYPE = "mcp.identity.create_user.v1"
REMOVED = f"{TYPE}: ancien: field removed"


class Tree:
    """A small repository with published documents."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> None:
        who = ("-c", "user.name=essai", "-c", "user.email=essai@mcp.example")
        command = ["git", "-C", str(self.root), *who, *arguments]
        subprocess.run(command, check=True)  # noqa: S603 (our own)

    def commit(self) -> None:
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", "--no-gpg-sign", "--message=essai")

    def edit(self, path: str, change: Callable[[dict[str, Any]], None]) -> None:
        file = self.root / path
        document = json.loads(file.read_text(encoding="utf-8"))
        change(document)
        file.write_text(json.dumps(document), encoding="utf-8")

    def broken(self, reference: str = "HEAD") -> list[str]:
        return broken_promises(git_history(reference, self.root, PUBLISHED), {})


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    monkeypatch.setattr(command, "ROOT", tmp_path)
    for variable in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(variable, raising=False)
    return Tree(tmp_path)


def had_one_field_more(schema: dict[str, Any]) -> None:
    schema["properties"]["ancien"] = {"type": "string"}


def test_nothing_accepted_without_a_reason() -> None:
    assert all(reason.strip() for reason in ACCEPTED.values())


def test_this_tree_keeps_what_it_published() -> None:
    assert broken_promises(git_history("HEAD", ROOT, PUBLISHED)) == []


def test_first_version_passes_and_says_so(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", "--compatible-with", "HEAD"]) == 0
    assert "nothing is committed yet" in capsys.readouterr().out


def test_tree_without_git_passes_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "ROOT", tmp_path)
    assert main(["docs", "--compatible-with", "HEAD"]) == 0
    assert "not a git repository" in capsys.readouterr().out


def test_commits_without_documents_pass_and_say_so(
    tree: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    tree.commit()
    assert main(["docs", "--compatible-with", "HEAD"]) == 0
    assert "0 earlier texts compared" in capsys.readouterr().out


def test_reference_that_does_not_exist_never_passes(tree: Tree) -> None:
    assert main(["docs", "--compatible-with", "v1.0"]) == 2
    write(tree.root)
    tree.commit()
    assert main(["docs", "--compatible-with", "v1.0"]) == 2


def test_repository_that_git_refuses_to_read_never_passes(tree: Tree) -> None:
    (tree.root / ".git" / "HEAD").unlink()
    assert main(["docs", "--compatible-with", "HEAD"]) == 2


def test_git_that_is_not_there_never_passes(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tree.root))
    assert main(["docs", "--compatible-with", "HEAD"]) == 2


def test_removed_field_is_named(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    write(tree.root)
    tree.edit(f"{SCHEMAS}/{TYPE}.json", had_one_field_more)
    tree.commit()
    assert main(["docs", "--compatible-with", "HEAD"]) == 1
    assert REMOVED in capsys.readouterr().err


def test_break_that_is_already_committed_is_still_seen(tree: Tree) -> None:
    """In CI, HEAD is the change itself; it may even be older than the last commit."""
    write(tree.root)
    tree.edit(f"{SCHEMAS}/{TYPE}.json", had_one_field_more)
    tree.commit()
    write(tree.root)
    tree.commit()
    assert tree.broken() == [REMOVED]
    tree.commit()
    assert tree.broken() == [REMOVED]
    assert tree.broken("HEAD~2") == [REMOVED]


def test_break_that_came_by_a_merge_is_seen(tree: Tree) -> None:
    write(tree.root)
    tree.commit()
    tree.git("checkout", "--quiet", "-b", "autre")
    tree.edit(f"{SCHEMAS}/{TYPE}.json", had_one_field_more)
    tree.commit()
    tree.git("checkout", "--quiet", "main")
    tree.commit()
    tree.git("merge", "--quiet", "--no-ff", "--no-edit", "autre")
    write(tree.root)
    tree.commit()
    assert tree.broken() == [REMOVED]


def test_what_another_branch_publishes_is_not_held_against_us(tree: Tree) -> None:
    write(tree.root)
    tree.commit()
    tree.git("checkout", "--quiet", "-b", "autre")
    tree.edit(f"{SCHEMAS}/{TYPE}.json", had_one_field_more)
    tree.commit()
    assert tree.broken("autre") == [REMOVED]
    assert tree.broken("main") == []


def test_removed_message_is_named(tree: Tree) -> None:
    write(tree.root)
    gone = tree.root / SCHEMAS / "mcp.identity.forgotten.v1.json"
    gone.write_text(json.dumps(message_schema(ALL_MESSAGES[TYPE])))
    tree.commit()
    assert tree.broken() == ["mcp.identity.forgotten.v1: message removed"]
    gone.unlink()
    tree.commit()
    assert tree.broken() == ["mcp.identity.forgotten.v1: message removed"]


def test_new_message_is_welcome(tree: Tree) -> None:
    write(tree.root)
    (tree.root / SCHEMAS / f"{TYPE}.json").unlink()
    tree.commit()
    assert tree.broken() == []


def test_example_of_old_that_is_refused_now_is_named(tree: Tree) -> None:
    """Rules written in Python are not in the schema: only the old message shows them."""
    file = tree.root / EXAMPLES / f"{TYPE}.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(example_of(ALL_MESSAGES[TYPE])))
    tree.commit()
    assert tree.broken() == []
    file.write_text(json.dumps({**example_of(ALL_MESSAGES[TYPE]), "nom": 7}))
    tree.commit()
    assert tree.broken() == [f"{TYPE}: an earlier example is no longer accepted"]


def test_removed_topic_is_named(tree: Tree) -> None:
    write(tree.root)
    tree.edit(ASYNCAPI, lambda document: document["channels"].update({"mcp.gone": {}}))
    tree.commit()
    assert tree.broken() == ["mcp.gone: topic removed"]


def test_earlier_version_that_cannot_be_read_never_passes(tree: Tree) -> None:
    write(tree.root)
    (tree.root / SCHEMAS / f"{TYPE}.json").write_text("<<<<<<<")
    tree.commit()
    (line,) = tree.broken()
    assert line.startswith(f"{SCHEMAS}/{TYPE}.json: earlier version not understood")


def test_accepted_break_passes(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tree.root)
    tree.edit(f"{SCHEMAS}/{TYPE}.json", had_one_field_more)
    tree.commit()
    history = git_history("HEAD", tree.root, PUBLISHED)
    assert broken_promises(history, {REMOVED: "personne ne l’écrit"}) == []
    assert broken_promises(history, {}) == [REMOVED]
    assert promise.ACCEPTED is ACCEPTED


def test_shallow_clone_says_what_it_does_not_see(tree: Tree, tmp_path: Path) -> None:
    write(tree.root)
    tree.commit()
    tree.commit()
    clone = tmp_path / "clone"
    tree.git("clone", "--quiet", "--depth=1", f"file://{tree.root}", str(clone))
    history = git_history("HEAD", clone, PUBLISHED)
    assert history.notice
    assert "shallow" in history.notice
    assert len(history.texts) == len(ALL_MESSAGES) + 1


def test_folder_of_schemas_is_a_baseline(tmp_path: Path) -> None:
    write(tmp_path)
    folder = tmp_path / SCHEMAS
    assert main(["docs", "--compatible-with", str(folder)]) == 0
    Tree(tmp_path).edit(f"{SCHEMAS}/{TYPE}.json", had_one_field_more)
    assert main(["docs", "--compatible-with", str(folder)]) == 1
    assert broken_promises(folder_history(folder, SCHEMAS), {}) == [REMOVED]


def test_empty_folder_never_passes(tmp_path: Path) -> None:
    assert main(["docs", "--compatible-with", str(tmp_path)]) == 2
    with pytest.raises(HistoryUnreadable):
        folder_history(tmp_path, SCHEMAS)
