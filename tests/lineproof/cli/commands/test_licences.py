"""`licences`: for people, for programs, and as a bill of materials."""

from __future__ import annotations

import json
from pathlib import Path

from command_line import answer, lineproof, refused


def test_the_bill_is_a_valid_one(tmp_path: Path) -> None:
    # Slow to import, and each test process imports the heads of all files: for this test alone.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    lineproof("licences", "--sbom", tmp_path / "sbom.json")
    text = (tmp_path / "sbom.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    names = {it["name"] for it in document["components"]}
    assert names | {"lineproof"} == {it["name"] for it in answer("licences")}
    refs = {it["ref"] for it in document["dependencies"]}
    assert {other for it in document["dependencies"] for other in it["dependsOn"]} <= refs


def test_copyleft_ones_are_marked() -> None:
    rows = lineproof("licences").output.splitlines()
    (asyncua,) = [it for it in rows if "asyncua" in it]
    assert "yes" in asyncua


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    assert "No such file or directory" in refused("licences", "--sbom", tmp_path / "no" / "a")
