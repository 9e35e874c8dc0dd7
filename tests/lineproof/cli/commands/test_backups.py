"""`backup` and `restore` as one types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import run
from import_plant import GOOD, apply
from import_plant import run as import_history

from store.node.opening import open_stores


@pytest.fixture
def node(tmp_path: Path) -> Path:
    (tmp_path / "history.csv").write_text(GOOD)
    with open_stores(tmp_path / "node") as stores:
        apply(stores)
        import_history(stores, tmp_path / "history.csv")
    return tmp_path / "node"


def test_one_makes_a_key_a_backup_and_a_node_of_it(node: Path, tmp_path: Path) -> None:
    key = run("backup", "--new-key", tmp_path / "key")
    public = key.output.split()[-1]
    assert public.startswith("age1")
    made = run("backup", "--data", node, "-o", tmp_path / "a.age", "--to", public, "--json")
    assert json.loads(made.output)["encrypted"] is True
    wanted = ("--line", "filler-1", "--start", "2026-03-01", "--end", "2026-03-03", "--json")
    restored = run(
        "restore", tmp_path / "a.age", "--data", tmp_path / "new", "--identity", tmp_path / "key"
    )
    assert restored.status == 0, restored.errors
    assert "must not run any more" in restored.output
    figures = [run("kpi", "--data", it, *wanted).output for it in (node, tmp_path / "new")]
    assert figures[0] == figures[1]
    assert json.loads(figures[0])[0]["total_count"] == 5000.5


def test_a_folder_of_backups_keeps_the_last_ones(node: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in ("lineproof-new-2026-01-0{}T000000Z.backup", "my-own-{}.backup"):
        for it in (1, 2, 3):
            (folder / name.format(it)).touch()
    done = run("backup", "--data", node, "-o", folder, "--keep", "2")
    assert "NOT encrypted" in done.output
    assert (
        "Removed: lineproof-new-2026-01-01T000000Z.backup, lineproof-new-2026-01-02T" in done.output
    )
    left = sorted(it.name for it in folder.iterdir())
    assert [it for it in left if it.startswith("my")] == [f"my-own-{it}.backup" for it in (1, 2, 3)]
    assert len(left) == 5
    checked = run("restore", folder / left[-1 - 3], "--check", "--json")
    assert json.loads(checked.output)["ok"] is True


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("backup",), "a backup needs a node and a place"),
        (("backup", "--data", "{0}/none", "-o", "{0}/b"), "this folder holds no node's data"),
        (("backup", "--data", "{0}/node", "-o", "{0}/no/b"), "No such file or directory"),
        (("backup", "--data", "{0}/node", "-o", "{0}/b", "--to", "x"), "nobody for whom"),
        (("backup", "--data", "{0}/node", "-o", "{0}/b", "--keep", "2"), "only in a folder"),
        (("restore", "{0}/history.csv", "--check"), "it is no backup, or is cut off"),
        (("restore", "{0}/none", "--check"), "No such file or directory"),
        (("restore", "{0}/history.csv"), "a restore needs a new folder, or --check"),
        (("restore", "{0}/history.csv", "--data", "{0}/node"), "this folder is not empty"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    node: Path, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = run(*[it.format(tmp_path) for it in words])
    assert done.status == 2
    assert sentence in done.errors
    assert done.errors.count("\n") == 1
    assert not (tmp_path / "b").exists()
    assert not (tmp_path / "new").exists()
