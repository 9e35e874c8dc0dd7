"""The witness of another author (aics-witness), as a process on loopback, and what it tells."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peers import PATIENCE_S, free_port, port_open, require_python_peer, running

from store.ledger.ledger import Ledger


@dataclass(frozen=True)
class ForeignWitness:
    """`key`: as its operator publishes it; `folder`: its configuration and database."""

    name: str
    key: str
    address: str
    folder: Path

    def status(self) -> dict[str, Any]:
        """What it knows of the one log."""
        found = _told(self.folder, "status", "--json")
        return dict(json.loads(found)["logs"][0])

    def policy_lines(self, name: str = "w") -> str:
        return f"witness {name} {self.key} {self.address}\n"


@contextlib.contextmanager
def foreign_witness(
    folder: Path, ledger: Ledger, name: str = "witness.example/w1"
) -> Iterator[ForeignWitness]:
    """One that knows the ledger's key, for the length of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    port, key = free_port(), ledger.verifier_key()
    vkey = _told(folder, "init", "--name", name, "--listen", f"127.0.0.1:{port}").strip()
    _told(folder, "add-log", "--origin", key.name, "--vkey", str(key))
    command = [require_python_peer("aics-witness"), "serve", "--config", folder / "witness.json"]
    with running(command, ready=lambda: port_open(port), log=folder / "log"):
        yield ForeignWitness(name, vkey, f"http://127.0.0.1:{port}", folder)


def _told(folder: Path, command: str, *words: str) -> str:
    program = require_python_peer("aics-witness")
    given = [program, command, "--config", folder / "witness.json", *words]
    done = subprocess.run(given, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
