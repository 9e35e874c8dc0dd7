"""The process that makes files which are dear to make: workbooks, PDFs, drawings.

What makes them is large (drawing takes a JavaScript engine, a PDF some hundred megabytes) and slow
for a process that shows what lines do now. So another one does it (`api.exports.making`): begun
when the first file is asked for, of low priority, and over when `IDLE_S` passed without a question.
It makes one file at a time, and is killed when nobody waits for it any more (`store.work`).
"""

from __future__ import annotations

import atexit
import contextlib
import json
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import ParamSpec

from api.exports import making
from api.exports.making import FAILED, HEAD, LENGTH, REFUSED, whole
from api.queries.prices import TooDearError
from domain.errors import InputError
from domain.grants import Reason
from store.work import piece

MEMORY_MAX = 2 << 30  # bytes that it may use
IDLE_S = 60.0
_LOOKED_EACH_S = 0.1
Given = ParamSpec("Given")


class MakerProcess:
    """The process, begun at the first question and anew where it has ended."""

    def __init__(self, memory_max: int = MEMORY_MAX, idle_s: float = IDLE_S) -> None:
        self._limits = (str(memory_max), str(idle_s))
        self._one = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        atexit.register(self.end)

    def make(
        self, maker: Callable[Given, bytes], *given: Given.args, **named: Given.kwargs
    ) -> bytes:
        """What the maker, a function of a module, gives. Raises the InputError that it raises,
        TooDearError where it takes too much memory, and NoLongerWantedError when nobody waits for
        it any more."""
        asked = pickle.dumps((maker, given, named))
        while not self._one.acquire(timeout=_LOOKED_EACH_S):
            with piece():  # raises when nobody waits
                pass
        try:
            return self._answer(asked)
        finally:
            self._one.release()

    def end(self) -> None:
        """It is begun again when it is needed."""
        if self._running is not None:
            self._running.kill()
            with contextlib.suppress(BrokenPipeError):  # what it was not told any more
                self._running.communicate()
        self._running = None

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        running = self._running
        return running.pid if running is not None and running.poll() is None else None

    def _answer(self, asked: bytes) -> bytes:
        kind, data = self._part_of_running(asked) or self._part_of_new(asked)
        if kind == REFUSED:
            raise InputError(**json.loads(data))
        if kind == FAILED:
            raise RuntimeError(f"an export could not be made: {data.decode()}")
        return data

    def _part_of_running(self, asked: bytes) -> tuple[bytes, bytes] | None:
        """None where the process that waited has ended."""
        if self._running is None:
            return None
        with contextlib.suppress(BrokenPipeError, EOFError):
            return self._part(self._running, asked)
        return None

    def _part_of_new(self, asked: bytes) -> tuple[bytes, bytes]:
        self._running = subprocess.Popen(
            [sys.executable, "-m", making.__name__, *self._limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # the last words of a library
        )
        try:
            return self._part(self._running, asked)
        except (BrokenPipeError, EOFError):
            raise TooDearError(
                Reason(
                    "To make this file takes more memory than there is for it. Ask for a shorter "
                    "time, or for the CSV file."
                )
            ) from None

    def _part(self, running: subprocess.Popen[bytes], asked: bytes) -> tuple[bytes, bytes]:
        """What the process answers. Raises BrokenPipeError, EOFError where it has ended; whatever
        is raised, it is over."""
        assert running.stdin is not None
        assert running.stdout is not None
        is_whole = False
        try:
            with piece(running.kill):
                running.stdin.write(LENGTH.pack(len(asked)) + asked)
                running.stdin.flush()
                kind, length = HEAD.unpack(whole(running.stdout, HEAD.size))
                data = whole(running.stdout, length)
            is_whole = True
            return kind, data
        finally:
            if not is_whole:
                self.end()
