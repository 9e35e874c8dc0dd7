"""kill -9 for real, at random moments: what the spool took is there, once, in order."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from edge_samples import check_chain, contents
from peers import ROOT

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
WRITER = ROOT / "tests" / "support" / "spool_writer.py"
KILLS = 9
ROWS = 50


def run_and_kill(folder: Path, first: int, delay_s: float) -> list[int]:
    """The numbers that the writer said were taken before it was killed."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'support'}"}
    with subprocess.Popen(
        [sys.executable, WRITER, folder, str(first)], stdout=subprocess.PIPE, env=environment
    ) as writer:
        assert writer.stdout is not None
        said = writer.stdout.readline()
        time.sleep(delay_s)
        writer.send_signal(signal.SIGKILL)
        said += writer.stdout.read()
    assert writer.returncode == -signal.SIGKILL
    taken: list[int] = []
    for line in said.decode().splitlines(keepends=True):
        if line.endswith("\n"):
            low, high = map(int, line.split())
            taken += range(low, high + 1)
    return taken


def surviving(folder: Path) -> list[int]:
    """All numbers, from what was handed over, sealed and pending; asserts one whole chain."""
    handed_over = {
        int(file.name): file.read_bytes()
        for file in (folder / "collector").iterdir()
        if file.name != "new"
    }
    sealed, pending = contents(folder)
    last = max(handed_over, default=0)
    again = [data for data in sealed if data == handed_over.get(last)]
    assert len(again) <= 1  # at most the batch that was on its way is there twice: same bytes
    batches = [handed_over[number] for number in sorted(handed_over)]
    return check_chain([*batches, *sealed[len(again) :]], KEY) + pending


def test_kill_9_at_any_moment_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    chance = random.Random(20260302)
    taken: list[int] = []
    for _ in range(KILLS):
        said = run_and_kill(tmp_path, len(taken), chance.uniform(0.0, 0.4))
        there = surviving(tmp_path)
        promised = taken + said
        assert there[: len(promised)] == promised, "a sample that was taken is missing or twice"
        # A chunk may have lasted although the kill came before the writer could say so.
        unsaid = there[len(promised) :]
        assert unsaid in ([], list(range(len(promised), len(promised) + ROWS)))
        taken = there
    assert len(taken) > KILLS * ROWS
