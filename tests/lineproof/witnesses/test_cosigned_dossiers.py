"""A node shows its ledger to a witness of another author; what an officer takes away holds by the
officer's own policy, in every verifier, and no longer where the witness's line is cut out."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from browser import chromium, visit
from command_line import answer, lineproof, node, run
from foreign_witness import foreign_witness
from forging import files_of, put_together
from peers import PATIENCE_S, free_port, require, wait_until
from whole_folder import EXAMPLES, make

from domain.ledger.signed_notes import parse_note
from lineproof.clock import utc_now
from lineproof.dossier import paths
from lineproof.verification.outcome import DossierCheck
from lineproof.verification.verify import verify_dossier
from store.node.opening import open_stores

PROJECT = "NIFS-2026-001"
EARLY = ("--as-of", "2026-03-25T00:00:00Z")  # so that few days are to be computed


@dataclass(frozen=True)
class Office:
    """What the officer has; `proof`: taken from the running node; `others`: dossiers of copies of
    the node, made behind the witness's back, with what was said of what they miss."""

    dossier: Path
    policy: Path
    proof: Path
    data: Path
    others: dict[str, tuple[Path, list[str]]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("witnessed")
    data, plant = make(folder / "node"), EXAMPLES / "plant.yaml"
    lineproof("apply", "-f", plant, "--data", data)
    with node(data, plant):  # it begins the ledger
        pass
    taken = Office(folder / "d.zip", folder / "policy", folder / "leaf.tlog-proof", data)
    with open_stores(data) as stores:
        ledger = stores.ledger
        ledger.close()
    with foreign_witness(folder / "w", ledger) as foreign:
        (data / "witnesses.policy").write_text(f"{foreign.policy_lines('council')}quorum council\n")
        with node(data, plant) as running:
            asked = ("ledger", "show", "--witnessed", "--url", running.url)
            wait_until(lambda: run(*asked).status == 0, "the node to ask its witness")
            found = running.get("health/findings")["findings"]
            assert [it["status"] for it in found if it["subject"] == "witness council"] == ["ok"]
            lineproof("ledger", "prove", "--url", running.url, "--leaf", "0", "-o", taken.proof)
            taken.policy.write_text(lineproof("ledger", "policy", "--url", running.url).output)
        copies = {name: folder / name for name in ("rolled back", "forked")}
        for copy in copies.values():
            shutil.copytree(data, copy)
        with open_stores(data) as stores:
            for name in ("hall-7", "hall-8"):
                stores.registry.agents.enrol(name, name.encode().ljust(32, b"k"), utc_now())
        lineproof("dossier", "--data", data, "--project", PROJECT, "-o", taken.dossier, *EARLY)
        with open_stores(copies["forked"]) as stores:
            for name in ("hall-9", "hall-10", "hall-11"):
                stores.registry.agents.enrol(name, name.encode().ljust(32, b"k"), utc_now())
        for name, copy in copies.items():
            out = folder / f"{name}.zip"
            made = answer("dossier", "--data", copy, "--project", PROJECT, "-o", out, *EARLY)
            taken.others[name] = (out, made["missing"])
        size = foreign.status()["size"]
        again = folder / "again.zip"
        lineproof(
            "dossier", "--data", data, "--project", PROJECT, "-o", again,
            "--as-of", json.loads(files_of(taken.dossier)[paths.ABOUT])["as_of"],
        )  # fmt: skip
        assert again.read_bytes() == taken.dossier.read_bytes()
        assert foreign.status()["size"] == size
        assert answer("ledger", "witness", "--data", data)["quorum"] is True
    return taken


@pytest.fixture(scope="module")
def cut(office: Office) -> Path:
    """The same without the witness's line, the manifest mended."""
    files = files_of(office.dossier)
    note = parse_note(files[paths.CHECKPOINT].decode())
    assert len(note.signatures) == 2
    files[paths.CHECKPOINT] = f"{note.text}\n{note.signatures[0]}".encode()
    return put_together(files, office.dossier.with_name("cut.zip"))


def test_the_program_sees_who_cosigned(office: Office, cut: Path) -> None:
    held = verify_dossier(office.dossier, office.policy)
    assert held.verified
    assert held.held[DossierCheck.WITNESSES] == "Cosigned by witness.example/w1."
    by_its_own = verify_dossier(office.dossier)
    assert by_its_own.held[DossierCheck.WITNESSES] == "Cosigned by witness.example/w1."
    failed = verify_dossier(cut, office.policy).failed
    assert failed is not None
    assert (failed.check, failed.path) == (DossierCheck.WITNESSES, paths.CHECKPOINT)
    assert "fewer than it asks for" in failed.says


@pytest.mark.parametrize("what", ["rolled back", "forked"])
def test_a_second_past_gets_no_cosignature(office: Office, what: str) -> None:
    """Its own key signed it, and by itself it holds: the witness alone knows."""
    dossier, missing = office.others[what]
    (said,) = (it for it in missing if "witness council" in it)
    assert f"the ledger was {what}" in said
    assert verify_dossier(dossier).verified
    failed = verify_dossier(dossier, office.policy).failed
    assert failed is not None
    assert failed.check is DossierCheck.WITNESSES


def test_the_script_sees_the_same(office: Office, cut: Path, tmp_path: Path) -> None:
    script = tmp_path / "verify.mjs"
    lineproof("verifier", "--script", "-o", script)
    told = []
    for dossier in (office.dossier, cut):
        done = subprocess.run(
            [require(program="node"), script, "--json", dossier, "--policy", office.policy],
            capture_output=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        told.append(json.loads(done.stdout))
    assert told[0]["verified"] is True
    assert told[1]["failed"]["check"] == "witnesses"
    assert "fewer witnesses cosigned" in told[1]["failed"]["says"]


def test_a_browser_sees_the_same(office: Office, cut: Path, tmp_path: Path) -> None:
    page = tmp_path / "verify.html"
    lineproof("verifier", "-o", page)
    with chromium() as browser:
        for dossier, state in ((office.dossier, "ok"), (cut, "fails")):
            with visit(browser) as seen:
                seen.page.goto(f"{page.as_uri()}#en")
                seen.page.set_input_files("#policy", office.policy)
                seen.page.set_input_files("#dossier", dossier)
                seen.page.wait_for_selector("body[data-done=true]", timeout=PATIENCE_S * 1000)
                row = seen.page.locator("[data-check=witnesses]")
                assert row.get_attribute("data-state") == state, row.inner_text()


def test_a_proof_brings_its_witness(office: Office, tmp_path: Path) -> None:
    found = answer("ledger", "verify", office.proof, "--policy", office.policy)
    assert found["cosigned_by"] == ["witness.example/w1"]
    without = tmp_path / "cut.tlog-proof"
    lines = office.proof.read_text().splitlines(keepends=True)
    without.write_text("".join(lines[:-1]))
    outcome = run("ledger", "verify", without, "--policy", office.policy)
    assert outcome.status == 1
    assert "0 of the witnesses that the policy names cosigned" in outcome.errors


def test_without_its_witness_a_dossier_is_made_all_the_same(office: Office) -> None:
    """The witness has gone; the dossier says so, and by the officer's policy it is not enough."""
    settings = office.data / "witnesses.policy"
    line = settings.read_text()
    address = line.split("\n")[0].rpartition(" ")[2]
    settings.write_text(line.replace(address, f"http://127.0.0.1:{free_port()}"))
    lineproof("apply", "-f", EXAMPLES / "plant.yaml", "--data", office.data)
    with open_stores(office.data) as stores:
        stores.registry.agents.enrol("hall-9", b"k" * 32, utc_now())
    alone = office.dossier.with_name("alone.zip")
    made = answer("dossier", "--data", office.data, "--project", PROJECT, "-o", alone, *EARLY)
    assert any("No answer of witness council: http" in it for it in made["missing"])
    assert verify_dossier(alone).held[DossierCheck.WITNESSES] == "Cosigned by nobody."
    failed = verify_dossier(alone, office.policy).failed
    assert failed is not None
    assert failed.check is DossierCheck.WITNESSES
    asked = run("ledger", "witness", "--data", office.data)
    assert asked.status == 1
    assert "witness council has not cosigned the checkpoint" in asked.output
    settings.unlink()
    told = run("ledger", "witness", "--data", office.data)
    assert (told.status, "neither a witness nor" in told.errors) == (2, True)
