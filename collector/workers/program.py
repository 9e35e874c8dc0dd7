"""Which program this is, to the last line of what computes.

A piece that another program made is not taken, and a worker with another program is refused: the
same version may have been changed on one machine, and another polars may round otherwise.
"""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_COMPUTES = ("analytics", "collector", "domain", "store")
_LIBRARIES = ("polars", "numpy", "scipy", "cryptography")
_SHOWN = 12  # digits of a digest that a sentence repeats


@cache
def program_identity() -> str:
    """Version and digest of what computes, and the versions of what it computes with, as a text
    that people can compare."""
    root = Path(__file__).resolve().parents[2]
    code = hashlib.sha256()
    for package in _COMPUTES:
        for path in sorted((root / package).rglob("*.py")):
            text = path.read_bytes()
            code.update(f"{path.relative_to(root).as_posix()}\0{len(text)}\0".encode())
            code.update(text)
    libraries = ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES)
    return (
        f"{_version('lineproof')} ({code.hexdigest()[:_SHOWN]}) on Python "
        f"{platform.python_version()}, {libraries}"
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
