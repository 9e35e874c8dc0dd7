"""The commands of the page on corrections run, in its order, after those of the README."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from command_line import answer, lineproof
from peers import ROOT

from domain.corrections import OF_ANOTHER, CorrectionKind

PAGE = (ROOT / "docs" / "corrections.md").read_text(encoding="utf-8")
EXAMPLES = ROOT / "docs" / "examples"
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line
]


def test_every_command_runs_and_what_is_said_of_it_is_true(tmp_path: Path) -> None:
    data = tmp_path / "node"
    lineproof("apply", "-f", EXAMPLES / "plant.yaml", "--data", data)
    lineproof("import", "--data", data, "--line", "press-1", EXAMPLES / "history.csv")
    printed = []
    for command in COMMANDS:
        words = [str(data) if word == "node" else word for word in shlex.split(command)]
        assert words[0] == "lineproof"
        printed.append(lineproof(*words[1:]).output)
    assert "reject_count = 60" in printed[2]
    assert "Frozen figures that would be others now" in printed[-1]
    day = ("--line", "press-1", "--start", "2026-03-02", "--end", "2026-03-03", "--data", data)
    (then,) = answer("kpi", *day, "--as-known-at", "2026-03-04T00:00")
    assert then["coverage"] == 0, "nothing was known"
    rows = answer("kpi", *day, "--by", "hour")
    (row,) = [row for row in rows if "restated" in row]
    assert row["start"] == "2026-03-02T12:00:00+08:00"
    example = re.search(r'"good_count": ([0-9.]+), "oee": ([0-9.]+),\n', PAGE)
    restated = re.search(r'"restated": {"good_count": ([0-9.]+), "oee": ([0-9.]+),', PAGE)
    for told, found in ((example, row), (restated, row["restated"])):
        assert told is not None
        shown = [f"{found['good_count']:.1f}", f"{found['oee']:.4f}"]
        assert list(told.groups()) == shown


def test_every_kind_is_on_the_page() -> None:
    told = set(re.findall(r"^\| `([a-z]+)` \|", PAGE, flags=re.MULTILINE))
    assert told == {kind.value for kind in CorrectionKind if kind not in OF_ANOTHER}
