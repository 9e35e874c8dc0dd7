"""The README tells the truth: its commands run, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from command_line import run

from lineproof.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line
]


def test_every_command_of_the_readme_runs_in_order(tmp_path: Path) -> None:
    assert COMMANDS
    shutil.copytree(ROOT / "docs" / "examples", tmp_path, dirs_exist_ok=True)
    printed = ""
    for command in COMMANDS:
        words = shlex.split(command)
        assert words[0] == "lineproof"
        done = run(*words[1:], folder=tmp_path, environment={"COLUMNS": "200"})
        assert done.status == 0, f"{command}: {done.errors}"
        printed += done.output
    assert "74.8" in printed  # the OEE that the README names, in the table
    assert '"status": "met"' in printed


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_every_link_of_the_readme_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


def test_commands_named_in_running_text_exist() -> None:
    known = {command.name or command.callback.__name__ for command in app.registered_commands}  # type: ignore[union-attr]  # named
    known |= {group.name for group in app.registered_groups}
    named = set(re.findall(r"lineproof ([a-z]+)", README))
    assert named <= known | {"edge"}, named - known
