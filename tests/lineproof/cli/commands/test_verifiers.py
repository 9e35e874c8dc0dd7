"""`lineproof verifier` writes a file that a reader takes along, and says how it is used."""

from __future__ import annotations

from pathlib import Path

from command_line import lineproof, refused


def test_the_page_is_one_file(tmp_path: Path) -> None:
    out = tmp_path / "verify.html"
    assert "open it in a browser" in lineproof("verifier", "-o", out).output
    text = out.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert [it for it in ("{{policy}}", "{{style}}", "{{script}}") if it in text] == []
    assert [it.name for it in tmp_path.iterdir()] == ["verify.html"]


def test_the_script_is_another(tmp_path: Path) -> None:
    out = tmp_path / "verify.mjs"
    assert f"node {out}" in lineproof("verifier", "--script", "-o", out).output
    assert out.read_text(encoding="utf-8").startswith("#!/usr/bin/env node\n")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    out = tmp_path / "gone" / "verify.html"
    assert str(out) in refused("verifier", "-o", out)
