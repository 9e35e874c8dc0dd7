"""A dossier carries the stamps of its checkpoint: `openssl ts` takes them, and forged ones are seen
by every verifier as far as it says that it looks."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browser import chromium, visit
from command_line import answer, lineproof, run
from forging import Files, files_of, put_together
from peers import PATIENCE_S, require
from stamping import Stamping, serving_stamps, stamping_authority
from whole_folder import make

from domain.ledger.signed_notes import parse_note
from lineproof.dossier import paths
from lineproof.verification.outcome import DossierCheck, Failed
from lineproof.verification.verify import verify_dossier
from lineproof.witnesses.time_stamps import stamp_request

PROJECT, STAMP = "NIFS-2026-001", "timestamps/tsa.tsr"
EARLY = ("--as-of", "2026-03-25T00:00:00Z")  # so that few days are to be computed


@dataclass(frozen=True)
class Stamped:
    files: Files
    text: str
    authority: Stamping
    folder: Path

    def written(self, name: str, stamp: bytes | None) -> Path:
        """The dossier with that stamp in place of its own, or with none; the manifest mended."""
        files = {**self.files, STAMP: stamp} if stamp is not None else dict(self.files)
        if stamp is None:
            del files[STAMP]
        return put_together(files, self.folder / f"{name}.zip")


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> Stamped:
    folder = tmp_path_factory.mktemp("stamped")
    data, authority = make(folder / "node"), stamping_authority(folder / "tsa")
    with serving_stamps(authority) as server:
        (data / "timestamps.yaml").write_text(
            f"authorities: [{{name: tsa, address: '{server.address}', "
            f"roots: '{authority.root}'}}]\n"
        )
        out = folder / "d.zip"
        made = answer("dossier", "--data", data, "--project", PROJECT, "-o", out, *EARLY)
        assert not any("time stamps" in it for it in made["missing"])
        asked = len(server.asked)
        told = answer("ledger", "witness", "--data", data)
        assert told["asked"] == [{"name": "time stamps tsa", "done": True, "says": ""}]
        assert len(server.asked) == asked
    files = files_of(out)
    text = parse_note(files[paths.CHECKPOINT].decode()).text
    return Stamped(files, text, authority, folder)


def test_openssl_takes_what_the_dossier_holds(stamped: Stamped, tmp_path: Path) -> None:
    token, text = tmp_path / "a.tsr", tmp_path / "text"
    token.write_bytes(stamped.files[STAMP])
    lines = stamped.files[paths.CHECKPOINT].splitlines(keepends=True)
    text.write_bytes(b"".join(lines[:3]))
    assert stamped.authority.accepts(token, text)


def test_the_program_says_who_and_when(stamped: Stamped) -> None:
    dossier = stamped.folder / "d.zip"
    root = stamped.authority.root
    by_root = answer("verify", dossier, "--tsa-root", root)
    says = {it["check"]: it["says"] for it in by_root["checks"]}["timestamps"]
    assert says.startswith(f"{STAMP}: it was there by 20")
    assert says.endswith("says 'Test TSA'.")
    without = verify_dossier(dossier).held[DossierCheck.TIMESTAMPS]
    assert "not checked against a root" in without
    assert "Give --tsa-root" in without
    assert run("verify", dossier, "--tsa-root", dossier).status == 2


def failed_by(dossier: Path, *roots: Path) -> Failed:
    failed = verify_dossier(dossier, tsa_roots=roots).failed
    assert failed is not None
    assert failed.check is DossierCheck.TIMESTAMPS
    return failed


def of_another(stamped: Stamped) -> bytes:
    return stamped.authority.reply(stamp_request(f"{stamped.text}x").as_bytes())


def test_a_stamp_of_another_checkpoint(stamped: Stamped) -> None:
    forged = stamped.written("another", of_another(stamped))
    for roots in ((), (stamped.authority.root,)):
        failed = failed_by(forged, *roots)
        assert (failed.path, failed.says) == (STAMP, "the time stamp is not of this checkpoint")


def test_a_stamp_that_was_changed(stamped: Stamped) -> None:
    """An earlier year: the first digits of its time stand as text in it."""
    changed = stamped.files[STAMP].replace(b"\x18\x0f20", b"\x18\x0f19", 1)
    assert changed != stamped.files[STAMP]
    failed = failed_by(stamped.written("changed", changed), stamped.authority.root)
    assert "not signed by an authority under the given roots" in failed.says


def test_an_authority_with_another_key(stamped: Stamped) -> None:
    """It has the name of the first one."""
    other = stamping_authority(stamped.folder / "other")
    forged = stamped.written("key", other.reply(stamp_request(stamped.text).as_bytes()))
    failed = failed_by(forged, stamped.authority.root)
    assert "not signed by an authority under the given roots" in failed.says
    both = verify_dossier(forged, tsa_roots=[stamped.authority.root, other.root])
    assert both.verified


def test_a_stamp_that_was_cut_out(stamped: Stamped) -> None:
    cut = stamped.written("cut", None)
    failed = failed_by(cut, stamped.authority.root)
    assert "no authority under the given roots stamped it" in failed.says
    assert "no time stamp" in verify_dossier(cut).held[DossierCheck.TIMESTAMPS]


def test_the_script_sees_what_it_is_of(stamped: Stamped, tmp_path: Path) -> None:
    script = tmp_path / "verify.mjs"
    lineproof("verifier", "--script", "-o", script)

    def told(dossier: Path) -> dict[str, Any]:
        command = [require(program="node"), script, "--json", dossier]
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)
        return dict(json.loads(done.stdout))

    honest = told(stamped.folder / "d.zip")
    assert honest["verified"] is True
    says = {it["check"]: it["says"] for it in honest["checks"]}["timestamps"]
    assert says.startswith("Time stamps of this checkpoint: 1. Who signed them is not checked here")
    for name, stamp in (("another", of_another(stamped)), ("cut", stamped.files[STAMP][:-1])):
        forged = told(stamped.written(f"script-{name}", stamp))
        assert (forged["failed"]["check"], forged["failed"]["path"]) == ("timestamps", STAMP)


def test_a_browser_sees_what_it_is_of(stamped: Stamped, tmp_path: Path) -> None:
    page = tmp_path / "verify.html"
    lineproof("verifier", "-o", page)
    cases = (
        (stamped.folder / "d.zip", "skipped", "Time stamps of this checkpoint: 1."),
        (stamped.written("page", of_another(stamped)), "fails", "not of this checkpoint"),
        (stamped.written("none", b"\x30\x82"), "fails", "this is no time stamp"),
    )
    with chromium() as browser:
        for dossier, state, says in cases:
            with visit(browser) as seen:
                seen.page.goto(f"{page.as_uri()}#en")
                seen.page.set_input_files("#dossier", dossier)
                seen.page.wait_for_selector("body[data-done=true]", timeout=PATIENCE_S * 1000)
                row = seen.page.locator("[data-check=timestamps]")
                assert row.get_attribute("data-state") == state, row.inner_text()
                assert says in row.inner_text()
