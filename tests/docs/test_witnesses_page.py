"""The page of witnesses: its example is one that the program takes, its messages are those that the
program gives."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from peers import ROOT
from stamping import stamping_authority

from lineproof.witnesses import cosigning, keeper, outsiders, posting
from store.node.time_stamp_settings import read_authorities
from store.node.witness_settings import read_witness_policy, witnesses_of

PAGE = (ROOT / "docs" / "witnesses.md").read_text(encoding="utf-8")
SOURCES = " ".join(
    " ".join((ROOT / path).read_text(encoding="utf-8").replace('"', "").split())
    for path in (
        "lineproof/witnesses/cosigning.py",
        "lineproof/witnesses/posting.py",
        "lineproof/witnesses/outsiders.py",
        "lineproof/witnesses/time_stamps.py",
        "lineproof/upkeep/witness_checks.py",
    )
)
_, _, TABLE = PAGE.partition("| it says | it means | what to do |")
SAID = [
    part.strip(" |:")
    for row in re.findall(r"^\| (.+?) \|", TABLE, re.MULTILINE)[1:]
    for part in re.split("…|;|15 seconds|64 KiB| \\(behind\\)|ahead of", row)
]


def test_the_example_is_taken(tmp_path: Path) -> None:
    (example,) = re.findall(r"<!-- example: witnesses.policy -->\n```text\n(.*?)```", PAGE, re.S)
    path = tmp_path / "witnesses.policy"
    path.write_text(example)
    assert [it.name for it in witnesses_of(read_witness_policy(path))] == ["council", "bank"]


def test_the_example_of_time_stamps_is_taken(tmp_path: Path) -> None:
    (example,) = re.findall(r"<!-- example: timestamps.yaml -->\n```yaml\n(.*?)```", PAGE, re.S)
    root = stamping_authority(tmp_path / "tsa").root
    (tmp_path / "first-root.pem").write_bytes(root.read_bytes())
    (tmp_path / "timestamps.yaml").write_text(example)
    assert [it.name for it in read_authorities(tmp_path / "timestamps.yaml")] == ["first"]


@pytest.mark.parametrize("said", sorted({it for it in SAID if it and it != "witnesses"}))
def test_a_message_is_one_that_is_given(said: str) -> None:
    assert said in SOURCES, f"nothing says '{said}'"


def test_times_and_sizes_are_those_of_the_program() -> None:
    assert f"within {posting.ANSWER_S:.0f} seconds" in PAGE
    assert f"longer than {posting.ANSWER_MAX_BYTES // 1024} KiB" in PAGE
    assert keeper.AGAIN_FIRST.total_seconds() == 30
    assert outsiders.CosigningWitness.asked_every == keeper.AGAIN_MAX
    assert cosigning.CLOCK_S == 5 * 60
    assert datetime.fromtimestamp(1772416800, UTC) == datetime(2026, 3, 2, 2, tzinfo=UTC)
