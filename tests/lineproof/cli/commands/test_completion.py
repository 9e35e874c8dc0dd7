"""TAB in a real bash: commands, options, names of profiles, and files."""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from select import select

import pytest
from command_line import refused
from peers import ROOT, require, wait_until

from lineproof.cli.commands.completion import Shell, completion

PROGRAMS = Path(sys.executable).parent
READY = "the shell is ready"


class Terminal:
    """What a person types, and sees."""

    def __init__(self, side: int) -> None:
        self._side = side
        self._seen = ""

    def type(self, text: str) -> None:
        self._seen = ""
        os.write(self._side, text.encode())

    def sees(self, text: str) -> None:
        def is_there() -> bool:
            while select([self._side], [], [], 0)[0]:
                self._seen += os.read(self._side, 10_000).decode(errors="replace")
            return text in self._seen

        wait_until(is_there, f"'{text}' on the terminal")


@pytest.fixture(scope="module")
def bash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """An interactive bash without anybody's settings, which has sourced the script."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "my-press.yaml").touch()
    ours, its = pty.openpty()
    environment = {
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
        "TERM": "dumb",
        "PS1": "$ ",
    }
    command = [require(program="bash"), "--norc", "--noprofile", "-i"]
    shell = subprocess.Popen(
        command,
        stdin=its,
        stdout=its,
        stderr=its,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    os.close(its)
    try:
        terminal = Terminal(ours)
        begin, end = READY[:5], READY[5:]
        terminal.type(f"source <(lineproof completion bash); echo '{begin}''{end}'\n")
        terminal.sees(READY)
        yield terminal
    finally:
        shell.kill()
        shell.wait()
        with contextlib.suppress(OSError):
            os.close(ours)


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("profile dra", "profile draft "),
        ("profile draft --pl", "profile draft --plant "),
        ("profile show packml/o", "profile show packml/opcua "),
        ("profile new x --protocol mq", "--protocol mqtt-json "),
        ("profile check my-p", "profile check my-press.yaml "),
        ("completion f", "completion fish "),
    ],
)
def test_tab_finishes_what_is_begun(bash: Terminal, typed: str, becomes: str) -> None:
    bash.type(f"lineproof {typed}\t")
    bash.sees(becomes)
    bash.type("\x15\n")  # empty the line as input (a signal may come between two reads of bash)
    bash.sees("$ ")


@pytest.mark.parametrize("shell", [Shell.ZSH, Shell.FISH])
def test_other_shells_have_scripts_of_their_own(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    completion(shell)
    script = capsys.readouterr().out
    assert f"_LINEPROOF_COMPLETE=complete_{shell}" in script
    if shutil.which(shell):
        assert subprocess.run([shell, "-n", "-c", script], check=False).returncode == 0


def test_another_shell_is_refused() -> None:
    assert "powershell" in refused("completion", "powershell")
