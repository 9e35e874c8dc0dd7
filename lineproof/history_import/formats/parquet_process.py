"""The process that unpacks Parquet files, so that no file can take an import with it.

A few kilobytes of Parquet may become any number of gigabytes, and a damaged length makes the
library that reads it end its process. So this one reads, with MEMORY_MAX of memory and no more; it
is kept for the next file, and another is begun where it ended. It is asked by a line of JSON
(`Question`) on its standard input and answers there with parts, each a letter, its length and its
bytes: the schema, frames as Arrow IPC streams, the end; or what is wrong.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import resource
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from domain.panics import panics_as_errors

MEMORY_MAX = 4 << 30  # bytes that it may use
_THREADS = "4"  # of the library: each takes some of that memory
_WATCHED_EACH_S = 0.02
_HEAD = struct.Struct("<cQ")
SCHEMA, FRAME, END, WRONG = b"s", b"f", b".", b"!"


class UnreadableError(Exception):
    """Says what was wrong, in half a sentence."""


@dataclass(frozen=True, slots=True)
class Question:
    """Of which file; `used` None asks for its schema, else for frames of about `chunk_rows` rows of
    these columns, each frame with at most `text_bytes_max` bytes of text."""

    path: str
    used: list[str] | None = None
    chunk_rows: int = 0
    text_bytes_max: int = 0


class ParquetProcess:
    """The process, begun at the first question and anew where it has ended."""

    def __init__(self, memory_max: int = MEMORY_MAX) -> None:
        self._memory_max = memory_max
        self._idle: subprocess.Popen[bytes] | None = None
        self._owner = 0  # who began it: a fork of this program must not talk to it too
        atexit.register(self.end)

    def ask(self, question: Question) -> Iterator[tuple[bytes, bytes]]:
        """The parts of the answer. Raises UnreadableError. Who leaves parts behind ends the
        process."""
        running = self._begun()
        is_whole = False
        try:
            assert running.stdin is not None
            assert running.stdout is not None
            running.stdin.write(json.dumps(asdict(question)).encode() + b"\n")
            running.stdin.flush()
            while not is_whole:
                kind, data = _part(running.stdout)
                is_whole = kind in (END, WRONG)
                if kind == WRONG:
                    raise UnreadableError(data.decode())
                if kind != END:
                    yield kind, data
        except (BrokenPipeError, EOFError):
            raise UnreadableError(
                "it is damaged, or to unpack a part of it takes more than "
                f"{self._memory_max >> 30} GB"
            ) from None
        finally:
            if is_whole or _has_ended(running.stdout):
                self.end()
                self._idle, self._owner = running, os.getpid()
            else:
                _end(running)

    def end(self) -> None:
        """It is begun again when it is needed."""
        if self._idle is not None and self._owner == os.getpid():
            _end(self._idle)
        self._idle = None

    def _begun(self) -> subprocess.Popen[bytes]:
        """The one that waits, or a new one; for one question."""
        idle, self._idle = self._idle, None
        if idle is not None and self._owner == os.getpid():
            if idle.poll() is None:
                return idle
            _end(idle)
        return subprocess.Popen(
            [sys.executable, "-m", __name__, str(self._memory_max)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # the last words of a library
            env=os.environ | {"POLARS_MAX_THREADS": _THREADS},
        )


def _end(running: subprocess.Popen[bytes]) -> None:
    running.kill()
    running.communicate()


def _has_ended(stream: IO[bytes] | None) -> bool:
    """Whether the end is the next part, and takes it; without waiting for it."""
    assert isinstance(stream, io.BufferedReader)
    os.set_blocking(stream.fileno(), False)
    is_end = stream.peek(_HEAD.size)[: _HEAD.size] == _HEAD.pack(END, 0)
    os.set_blocking(stream.fileno(), True)
    return is_end and stream.read(_HEAD.size) != b""


def _part(stream: IO[bytes]) -> tuple[bytes, bytes]:
    """Raises EOFError where the process has ended."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise EOFError
    kind, length = _HEAD.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return kind, data


def _watch_memory(most: int) -> None:
    """Ends the process that uses more. (Where the system itself gave no more, the library would not
    end at each place, but wait for ever at some.)"""
    page = os.sysconf("SC_PAGE_SIZE")
    while int(Path("/proc/self/statm").read_text().split()[1]) * page <= most:
        time.sleep(_WATCHED_EACH_S)
    os._exit(1)


def _serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Until nobody asks any more."""
    from lineproof.history_import.formats.parquet_columns import frames_of, schema_of

    def say(kind: bytes, data: bytes = b"") -> None:
        answers.write(_HEAD.pack(kind, len(data)) + data)
        answers.flush()

    for line in questions:
        asked = Question(**json.loads(line))
        try:
            with panics_as_errors():
                if asked.used is None:
                    say(SCHEMA, json.dumps(schema_of(asked.path)).encode())
                else:
                    for frame in frames_of(
                        asked.path, asked.used, asked.chunk_rows, asked.text_bytes_max
                    ):
                        say(FRAME, frame)
        except BrokenPipeError:
            return
        except Exception as error:  # whatever the library says of a foreign file
            say(WRONG, (str(error).strip() or type(error).__name__).splitlines()[0].encode())
        else:
            say(END)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the import ends it
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_watch_memory, args=(int(sys.argv[1]),), daemon=True).start()
    _serve(sys.stdin.buffer, sys.stdout.buffer)
