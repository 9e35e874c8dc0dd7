"""`dossier` and `verify` as people run them, in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import run
from forging import files_of, project_of, put_together
from peers import ROOT, wait_until
from whole_folder import make

from lineproof.dossier import paths


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("command") / "node")


@pytest.fixture(scope="module")
def dossier(node: Path) -> Path:
    out = node.parent / "d.zip"
    done = run("dossier", "--data", str(node), "--project", project_of(node), "-o", str(out),
               "--as-of", "2026-03-25T08:00")  # fmt: skip
    assert done.status == 0, done.errors
    assert f"Check it with 'lineproof verify {out}'" in " ".join(done.output.split())
    return out


def test_what_holds_is_verified(dossier: Path) -> None:
    done = run("verify", str(dossier), "--json")
    assert done.status == 0, done.errors
    told = json.loads(done.output)
    assert (told["verified"], told["failed"]) == (True, None)
    assert [it["check"] for it in told["checks"]] == [
        "manifest", "checkpoint_signature", "witnesses", "timestamps", "inclusion", "consistency",
        "terms_before_window", "batch_signatures", "batch_chains", "facts_from_batches",
        "corrections", "decisions", "verdicts_from_facts", "attachments", "report",
    ]  # fmt: skip
    assert all(it["ok"] for it in told["checks"])
    days = told["recomputed"]["days"]
    assert told["recomputed"] == {"milestones": 2, "days": days, "of_days": days}
    plain = run("verify", str(dossier))
    assert plain.status == 0
    assert "verified: 15 checks hold; 2 verdicts" in " ".join(plain.output.split())


def test_what_does_not_hold_is_named(dossier: Path, tmp_path: Path) -> None:
    files = files_of(dossier)
    forged = put_together(
        {**files, paths.VERDICTS: files[paths.VERDICTS] + b" "}, tmp_path / "f.zip"
    )
    done = run("verify", str(forged), "--json")
    assert done.status == 1
    told = json.loads(done.output)
    assert told["verified"] is False
    assert told["failed"]["check"] == "inclusion"
    assert told["failed"]["path"] == paths.MANIFEST
    assert told["recomputed"] == {"milestones": 0, "days": 0, "of_days": 0}
    plain = run("verify", str(forged))
    assert plain.status == 1
    assert plain.output.startswith("does not hold: inclusion: MANIFEST.sha256: no leaf of the")


def test_the_readers_own_key_decides(node: Path, dossier: Path, tmp_path: Path) -> None:
    policy = run("ledger", "policy", "--data", str(node)).output
    (tmp_path / "policy").write_text(policy, encoding="utf-8")
    done = run("verify", str(dossier), "--policy", str(tmp_path / "policy"), "--json")
    assert done.status == 0
    (signature,) = [
        it for it in json.loads(done.output)["checks"] if it["check"] == "checkpoint_signature"
    ]
    assert signature["says"] == ""


def test_what_is_no_dossier_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK")
    done = run("verify", str(tmp_path / "x.zip"))
    assert done.status == 2
    assert "this is no dossier" in done.errors
    done = run("dossier", "--data", str(tmp_path / "none"), "--project", "X", "-o", "x.zip")
    assert done.status == 2


def test_facts_of_another_format_are_not_taken_for_a_forgery(dossier: Path, tmp_path: Path) -> None:
    about = json.loads(files_of(dossier)[paths.ABOUT])
    older = {**about, "facts_format": about["facts_format"] - 1, "program": "lineproof 0.0.9"}
    files = {**files_of(dossier), paths.ABOUT: json.dumps(older).encode()}
    done = run("verify", str(put_together(files, tmp_path / "older.zip")))
    assert done.status == 2
    assert "Check it with the version that made it (lineproof 0.0.9)" in done.errors


@pytest.mark.parametrize("option", ["--policy", "--seen"])
def test_a_wrong_file_of_the_reader_is_no_fault_of_the_dossier(
    dossier: Path, tmp_path: Path, option: str
) -> None:
    (tmp_path / "text").write_text("time,machine\n", encoding="utf-8")
    for wrong, says in (
        ("none", "there is no such file"),
        ("text", "this is no"),
        (".", "no such"),
    ):
        done = run("verify", str(dossier), option, str(tmp_path / wrong))
        assert done.status == 2, done.output
        assert says in done.errors or "cannot be read" in done.errors
        assert str(tmp_path) in done.errors


def test_a_folder_is_no_place_for_a_dossier(node: Path, tmp_path: Path) -> None:
    done = run("dossier", "--data", str(node), "--project", project_of(node), "-o", str(tmp_path))
    assert done.status == 2
    assert "this is a folder. Name the file to be written." in done.errors


def test_what_a_killed_one_left_is_cleared_away(node: Path, tmp_path: Path) -> None:
    out = tmp_path / "d.zip"
    command = [sys.executable, "-m", "lineproof", "dossier", "--data", str(node), "--project",
               project_of(node), "-o", str(out), "--as-of", "2026-03-25T08:00"]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT)
    wait_until(lambda: any(tmp_path.iterdir()), "the dossier to be begun")
    process.kill()
    process.wait()
    assert not out.exists()
    done = run(*command[3:])
    assert done.status == 0, done.errors
    assert list(tmp_path.iterdir()) == [out]
