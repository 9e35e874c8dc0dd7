"""What the process does that makes files: it calls what it is asked to call, and gives what came.

It is asked by what is to be called and with what, pickled, after their length, on its standard
input, and answers with a letter, a length and bytes: the file, or what is wrong. It ends when
nobody asks for a while, and after a file that took much memory, which libraries do not give back.
It begins quickly: what makes a file is imported when it is asked for.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import select
import signal
import struct
import sys
import threading
import time
from pathlib import Path
from typing import IO

from domain.errors import InputError
from domain.panics import panics_as_errors

KEPT_MEMORY_MAX = 400 << 20  # bytes; with more it is not kept for the next file
LENGTH = struct.Struct("<Q")
HEAD = struct.Struct("<cQ")
MADE, REFUSED, FAILED = b".", b"?", b"!"
_NICE = 10
_LOOKED_EACH_S = 0.05


def whole(stream: IO[bytes], length: int) -> bytes:
    """So many bytes. Raises EOFError where the other side has ended."""
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _memory() -> int:
    """Bytes that this process uses now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _watch_memory(most: int) -> None:
    while _memory() <= most:
        time.sleep(_LOOKED_EACH_S)
    os._exit(1)


def _serve(questions: IO[bytes], answers: IO[bytes], idle_s: float) -> None:
    """Until nobody asks any more."""
    while select.select([questions], [], [], idle_s)[0]:
        try:
            (length,) = LENGTH.unpack(whole(questions, LENGTH.size))
            asked = whole(questions, length)
        except EOFError:
            return
        kind, data = _made(asked)
        answers.write(HEAD.pack(kind, len(data)) + data)
        answers.flush()
        if _memory() > KEPT_MEMORY_MAX:
            return


def _made(asked: bytes) -> tuple[bytes, bytes]:
    try:
        maker, given, named = pickle.loads(asked)
        with panics_as_errors():
            return MADE, maker(*given, **named)
    except InputError as error:
        refused = {"what": error.what, "where": error.where, "todo": error.todo}
        return REFUSED, json.dumps(refused).encode()
    except Exception as error:  # whatever a library says: the reader is told, and asks again
        return FAILED, f"{type(error).__name__}: {error}".encode(errors="replace")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks ends it
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(_NICE)
    threading.Thread(target=_watch_memory, args=(int(sys.argv[1]),), daemon=True).start()
    _serve(sys.stdin.buffer, sys.stdout.buffer, float(sys.argv[2]))
