"""The units are what systemd takes, and give the program no right that it does not need."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import run
from peers import ROOT, require

UNITS = ROOT / "deploy" / "systemd"
PROGRAM = "/opt/lineproof/bin/lineproof"


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """As they would be installed, with a program that is there."""
    program = tmp_path / "lineproof"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in UNITS.iterdir():
        text = unit.read_text().replace(PROGRAM, str(program))
        (tmp_path / unit.name.replace("@.", "@hall-2.")).write_text(text)
    return tmp_path


def analyzed(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [require(program="systemd-analyze"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_systemd_takes_them(units: Path) -> None:
    done = analyzed(
        "verify", *[it for it in units.iterdir() if it.suffix in (".service", ".timer")]
    )
    said = [it for it in done.stderr.splitlines() if "lineproof" in it]
    assert (done.returncode, said) == (0, [])


@pytest.mark.parametrize("unit", ["lineproof.service", "lineproof-edge@hall-2.service"])
def test_what_is_open_to_the_network_has_few_rights(units: Path, unit: str) -> None:
    """systemd's own measure: 0 is nothing, 10 is all."""
    assert analyzed("security", "--offline=yes", "--threshold=20", units / unit).returncode == 0


def test_what_the_program_calls_is_let_through() -> None:
    """It makes exports and hashes passwords at a lower priority, and numpy's memory has a place:
    systemd would kill it for calls of @resources."""
    for unit in UNITS.glob("*.service"):
        refused = re.findall(r"^SystemCallFilter=~(.*)$", unit.read_text(), re.MULTILINE)
        assert not {"@resources", "@default", "@process"} & {
            it for line in refused for it in line.split()
        }


@pytest.mark.parametrize("unit", sorted(it.name for it in UNITS.glob("*.service")))
def test_their_commands_have_these_options(unit: str, tmp_path: Path) -> None:
    (line,) = re.findall(rf"^ExecStart={PROGRAM} (.*)$", (UNITS / unit).read_text(), re.MULTILINE)
    command, *rest = line.split()
    told = run(command, "--help").output
    assert [it for it in rest if it.startswith("-") and it not in told] == []


def test_the_program_is_where_the_units_look_for_it() -> None:
    """The way to install it that docs/operations.md shows."""
    assert PROGRAM in (ROOT / "docs" / "operations.md").read_text()
    assert shutil.which("lineproof", path=ROOT / ".venv" / "bin")
