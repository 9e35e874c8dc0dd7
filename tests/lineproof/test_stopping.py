"""A process ends within its time, whatever it does, with the status of what it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from peers import PATIENCE_S, ROOT

_DEEP = "hashlib.pbkdf2_hmac('sha256', b'x', b'y', 2_000_000_000)"  # an hour, without a pause
_READY = "print('ready', flush=True)"
_BEGIN = "import hashlib, signal, sys, threading\nfrom lineproof.stopping import *\n"
_AS_COMMAND = "watch_signals(0.2)\nleave_on_signals()\n"
_SERVING = """\
import asyncio

async def serve():
    stop = asyncio.Event()
    watch_signals(0.2)
    stop_on_signals(stop)
    {begun}
    print('ready', flush=True)
    await stop.wait()
    {ending}

asyncio.run(serve())
"""


def _ended(tmp_path: Path, program: str, number: int = signal.SIGTERM) -> tuple[int, str]:
    """The status with which the program ends on the signal, and what it said after `ready`."""
    file = tmp_path / "program.py"
    file.write_text(_BEGIN + textwrap.dedent(program))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, file], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready"
            process.send_signal(number)
            status = process.wait(PATIENCE_S)
            return status, process.stdout.read()
        finally:
            process.kill()


@pytest.mark.parametrize(
    "deep",
    [
        pytest.param(f"{_READY}\n{_DEEP}", id="the main thread in a library"),
        pytest.param(
            f"threading.Thread(target=lambda: {_DEEP}).start()\n{_READY}\nsignal.pause()",
            id="another thread in a library",
        ),
        pytest.param(
            f"try:\n    {_READY}\n    signal.pause()\nfinally:\n    {_DEEP}",
            id="cleaning up that does not end",
        ),
        pytest.param(f"{_READY}\nwhile True: pass", id="computing that swallows nothing"),
        pytest.param(
            f"{_READY}\nwhile True:\n    try:\n        signal.pause()\n"
            "    except BaseException:\n        pass",
            id="work that swallows the order to end",
        ),
    ],
)
def test_a_command_ends_whatever_it_does(tmp_path: Path, deep: str) -> None:
    status, _ = _ended(tmp_path, _AS_COMMAND + deep)
    assert status == 143


def test_a_command_that_is_interrupted_ends_too(tmp_path: Path) -> None:
    status, _ = _ended(tmp_path, _AS_COMMAND + f"{_READY}\n{_DEEP}", signal.SIGINT)
    assert status == 130


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_library_that_makes_an_error_of_the_signal_changes_no_status(
    tmp_path: Path, number: int
) -> None:
    """DuckDB says "Query interrupted", as RuntimeError, whatever the signal raised, once its query
    has run for a while."""
    query = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"
    program = f"""\
import duckdb, threading, lineproof.cli.main as command_line

def app(**_):
    threading.Timer(0.7, lambda: {_READY}).start()
    duckdb.sql("{query}").fetchall()

app.info = command_line.app.info
command_line.app = app
command_line.main()
"""
    status, said = _ended(tmp_path, program, number)
    assert status == 128 + number
    assert "error of the program" not in said


@pytest.mark.parametrize(
    ("begun", "ending"),
    [
        pytest.param("pass", "pass", id="idle"),
        pytest.param(f"asyncio.get_running_loop().run_in_executor(None, lambda: {_DEEP})", "pass",
                     id="a thread of its pool in a library"),
        pytest.param(f"asyncio.get_running_loop().call_later(0.01, lambda: {_DEEP})", "pass",
                     id="its loop in a library"),
        pytest.param("pass", "await asyncio.Event().wait()", id="an orderly end that never comes"),
        pytest.param(f"threading.Thread(target=lambda: {_DEEP}).start()", "pass",
                     id="a thread of nobody's"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_serves_ends_with_0(
    tmp_path: Path, begun: str, ending: str, number: int
) -> None:
    status, _ = _ended(tmp_path, _SERVING.format(begun=begun, ending=ending), number)
    assert status == 0


def test_what_can_end_in_order_does_and_is_not_cut_short(tmp_path: Path) -> None:
    ending = "await asyncio.sleep(0.01)\n    print('in order', flush=True)"
    assert _ended(tmp_path, _SERVING.format(begun="pass", ending=ending)) == (0, "in order\n")


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    ending = "signal.raise_signal(signal.SIGTERM)\n    await asyncio.Event().wait()"
    program = _SERVING.format(begun="pass", ending=ending).replace("0.2", "3600")
    status, _ = _ended(tmp_path, program)
    assert status == -signal.SIGTERM


def test_temporary_folders_go_however_it_ends(tmp_path: Path) -> None:
    program = f"""\
with temporary_folder("made-") as folder:
    (folder / "file").write_text("x")
    {_READY}
    {_DEEP}
"""
    assert _ended(tmp_path, _AS_COMMAND + program)[0] == 143
    assert not list(tmp_path.glob("made-*"))


def test_a_fork_has_its_own_signals(tmp_path: Path) -> None:
    """A signal for a child does not end the parent."""
    program = """\
import os, time
heard, said = os.pipe()
child = os.fork()
if not child:
    signal.signal(signal.SIGTERM, lambda *_: os._exit(7))
    os.write(said, b"ready")
    while True:
        time.sleep(0.01)
os.read(heard, 5)
os.kill(child, signal.SIGTERM)
_, status = os.waitpid(child, 0)
time.sleep(0.6)  # longer than a parent that was told to end would live
print(os.waitstatus_to_exitcode(status), flush=True)
"""
    file = tmp_path / "program.py"
    file.write_text(_BEGIN + "watch_signals(0.2)\n" + program)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.run(
        [sys.executable, file], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == "7"
