"""What a process that makes files is asked to call in tests."""

from __future__ import annotations

import os
import time
from pathlib import Path

from domain.errors import InputError

_PIECE = 1 << 20


def pid() -> bytes:
    return str(os.getpid()).encode()


def doubled(data: bytes) -> bytes:
    return data * 2


def refuses() -> bytes:
    raise InputError("that font is missing", where="here", todo="Install it.")


def fails() -> bytes:
    raise ValueError("no such thing")


def takes_memory(size: int) -> bytes:
    _held.extend(b"x" * _PIECE for _ in range(size // _PIECE))
    time.sleep(600)
    return b""


def grows(size: int) -> bytes:
    """Takes so much memory, and does not give it back."""
    _held.append(b"x" * size)
    return pid()


def waits(begun: Path) -> bytes:
    """Long after it has said that it has begun."""
    begun.write_bytes(pid())
    time.sleep(600)
    return b""


_held: list[bytes] = []
