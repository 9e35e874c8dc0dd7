"""Processes of the program that a test starts, signals, kills and waits for.

Each is forked from one process that has loaded the program once: to load it takes seconds, and
most tests are about what comes after that. Those about the start itself use `subprocess`.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import TimeoutExpired

from forked_command import PRELOADED, begin
from peers import ROOT

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(list(PRELOADED))


class ForkedProcess:
    """`work(*arguments)` in a process of its own, with the methods of `subprocess.Popen`.

    What it prints is added to the files `output` and `errors`, which may be the same one. It runs
    in `folder`.
    """

    def __init__(
        self,
        work: Callable[..., None],
        *arguments: object,
        output: Path,
        errors: Path | None = None,
        environment: Mapping[str, str] | None = None,
        folder: Path = ROOT,
    ) -> None:
        errors = errors or output
        for file in (output, errors):
            file.touch()  # it can be read from now on
        whole = {**os.environ, **(environment or {})}
        task = (work, arguments, whole, folder, output, errors)
        # A daemon goes with the test process if a test should leave it behind.
        self._process = _processes.Process(target=begin, args=task, daemon=True)
        self._process.start()
        pid = self._process.pid
        assert pid is not None
        self.pid = pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise TimeoutExpired(str(self.pid), timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()
