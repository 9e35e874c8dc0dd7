"""The script for Node holds dossiers to what they claim, with nothing of the program at hand."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command_line import lineproof
from dossier_forgeries import CASES, Case
from forged_dossier import Kept, made
from peers import PATIENCE_S, require

from lineproof.dossier import paths
from lineproof.verification.outcome import DossierCheck

NOT_CHECKED = ["facts_from_batches", "corrections", "decisions", "verdicts_from_facts", "report"]
CHECKED = [it.value for it in DossierCheck if it.value not in NOT_CHECKED]


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require(program="node")
    path = tmp_path_factory.mktemp("script") / "verify.mjs"
    lineproof("verifier", "--script", "-o", path)
    return path


def verified(script: Path, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    """Its status and its JSON, run where nothing of the program is."""
    command = [str(require(program="node")), str(script), "--json", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=script.parent, capture_output=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    return done.returncode, json.loads(done.stdout)


def test_a_dossier_holds(script: Path, kept: Kept) -> None:
    status, outcome = verified(script, kept.path)
    assert status == 0
    assert outcome["verified"] is True
    assert outcome["failed"] is None
    assert [it["check"] for it in outcome["checks"]] == CHECKED
    assert all(it["ok"] for it in outcome["checks"])
    assert outcome["not_checked"] == NOT_CHECKED
    assert outcome["recomputed"] == {"milestones": 0, "days": 0, "of_days": 0}


def test_it_says_the_same_as_the_program(script: Path, kept: Kept) -> None:
    own = lineproof("verify", kept.path, "--json").json
    says = {it["check"]: it["says"] for it in verified(script, kept.path)[1]["checks"]}
    told = {it["check"]: it["says"] for it in own["checks"]}
    for check in ("inclusion", "terms_before_window", "timestamps"):
        assert says[check] == told[check]


@pytest.mark.parametrize("case", CASES, ids=lambda it: it.name)
def test_a_forgery_is_seen(case: Case, script: Path, kept: Kept, tmp_path: Path) -> None:
    forgery = kept.forged()
    case.forge(forgery)
    status, outcome = verified(script, forgery.write(tmp_path / "forged.zip"))
    assert status == 1
    assert outcome["verified"] is False
    assert outcome["failed"]["check"] == case.check
    assert outcome["failed"]["path"].startswith(case.path)
    assert outcome["failed"]["says"]


def test_what_was_sealed_again_would_pass(script: Path, kept: Kept, tmp_path: Path) -> None:
    forgery = kept.forged()
    forgery.sealed_again()
    assert verified(script, forgery.write(tmp_path / "same.zip"))[0] == 0


def test_the_readers_own_policy_counts(script: Path, kept: Kept, tmp_path: Path) -> None:
    forgery, policy = kept.forged(), tmp_path / "policy"
    policy.write_bytes(forgery.files[paths.POLICY])
    status, outcome = verified(script, kept.path, "--policy", policy)
    assert status == 0
    assert outcome["checks"][1] == {"check": "checkpoint_signature", "ok": True, "says": ""}
    policy.write_text(policy.read_text().replace("log lineproof/", "#log lineproof/"))
    assert verified(script, kept.path, "--policy", policy)[1]["failed"]["check"] == CHECKED[1]


def test_an_earlier_checkpoint_is_how_the_ledger_began(
    script: Path, kept: Kept, tmp_path: Path
) -> None:
    assert verified(script, kept.path, "--seen", kept.path)[0] == 0
    forked = kept.forged()
    lines = forked.lines
    lines[0], lines[1] = {**lines[1], "index": 0}, {**lines[0], "index": 1}
    forked.put_lines(lines)
    forked.signed_again()
    seen = tmp_path / "seen"
    seen.write_bytes(forked.files[paths.CHECKPOINT])
    failed = verified(script, kept.path, "--seen", seen)[1]["failed"]
    assert failed["check"] == "consistency"
    assert "forked" in failed["says"]
    forked.put_lines([*lines, {**lines[2], "index": len(lines)}])
    forked.signed_again()
    seen.write_bytes(forked.files[paths.CHECKPOINT])
    assert "rolled back" in verified(script, kept.path, "--seen", seen)[1]["failed"]["says"]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"no zip", "it is no zip"), (b"PK\x05\x06" + bytes(18), "it has no MANIFEST.sha256")],
)
def test_what_is_no_dossier_is_refused(
    content: bytes, says: str, script: Path, tmp_path: Path
) -> None:
    path = tmp_path / "none.zip"
    path.write_bytes(content)
    command = [str(require(program="node")), str(script), str(path)]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 2
    assert says in done.stderr.decode()
    assert "at " not in done.stderr.decode()  # no trace


def test_a_zip_with_any_other_path_is_refused(script: Path, kept: Kept, tmp_path: Path) -> None:
    forgery = kept.forged()
    forgery.files["../x"] = b""
    path = forgery.write(tmp_path / "odd.zip")
    command = [str(require(program="node")), str(script), str(path)]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 2
    assert "has no file '../x'" in done.stderr.decode()


def test_documents_that_were_removed_are_told(script: Path, tmp_path: Path) -> None:
    status, outcome = verified(script, made(tmp_path, without_documents=True).path)
    assert status == 0
    (says,) = [it["says"] for it in outcome["checks"] if it["check"] == "attachments"]
    assert "Removed after they were kept: a.pdf, b.pdf" in says


def test_it_needs_nothing_but_node(script: Path) -> None:
    imported = [it for it in script.read_text().splitlines() if it.startswith("import ")]
    assert imported
    assert all(' from "node:' in it for it in imported)
    shutil.copy(script, script.with_name("copy.mjs"))  # a name of the reader's choice
    node = str(require(program="node"))
    done = subprocess.run(
        [node, str(script.with_name("copy.mjs"))], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"usage" in done.stderr


def test_a_confidential_one_holds_and_says_what_stayed_at_the_factory(
    script: Path, confidential: Path
) -> None:
    status, outcome = verified(script, confidential)
    assert status == 0
    assert outcome["not_checked"] == NOT_CHECKED
    says = {it["check"]: it["says"] for it in outcome["checks"]}
    assert says["batch_signatures"].endswith(
        "Raw data stay at the factory: what they say is not in the dossier."
    )
