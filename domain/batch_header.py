"""The header of a sealed batch: what it says of itself, and what can be none.

`read_header` is the one place where a header from outside becomes a `BatchHeader`; the intake, the
rebuild and `doctor` all come by here, before anything of a batch is looked at or kept. Each field
has a rule in one table. They are wide enough for every honest agent, also one whose clock begins
in 1970, and exact: a number is a whole number and no truth value, a name has no control characters,
and the line is the very text that the fields give, so that one header has one digest.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, NoReturn

from domain.errors import InputError
from domain.names import NAME_IS, NAME_LENGTH_MAX, is_name
from domain.time import micros

MAGIC = b"lineproof-batch/1\n"
GENESIS = "0" * 64  # what the first batch of an agent names as its previous
HEADER_MAX_BYTES = 8 << 20
ROWS_MAX = 200_000  # samples, and rejections, of one batch
NUMBER_MAX = 2**53 - 1  # every JSON reader knows whole numbers so far exactly
TIME_MAX_US = micros(datetime(2200, 1, 1, tzinfo=UTC))
_SAMPLES_SIZE_MAX = 1 << 30
_SHOWN = 60  # characters of a wrong value that a message repeats
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class BatchHeader:
    """What a batch says of itself. Times are microseconds since the epoch (UTC).

    `number` counts from 1 without gaps per agent. `spans` are [line, machine, start_us, end_us]
    (see domain.samples.Span). `profiles` maps "line/machine" to the digest of the profile that
    decoded it.
    """

    agent: str
    number: int
    previous: str
    payload_digest: str
    samples: int
    rejections: int
    samples_size: int
    sealed_at: int
    spans: tuple[tuple[str, str, int, int], ...]
    profiles: dict[str, str]

    def to_line(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces, UTF-8."""
        # Not `asdict`: it copies every span, which takes longer than to write them out.
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(named, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.to_line()).hexdigest()

    @property
    def signed_bytes(self) -> bytes:
        return MAGIC + self.to_line()


def read_header(line: bytes) -> BatchHeader:
    """The header in that line. Raises InputError with the field that is wrong, and why."""
    if len(line) > HEADER_MAX_BYTES:
        raise _malformed(f"its header has more than {HEADER_MAX_BYTES} bytes")
    try:
        found = json.loads(line.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _malformed(f"its header cannot be read ({error})") from None
    if not isinstance(found, dict):
        raise _malformed("its header cannot be read (it is no JSON object)")
    for name, (fits, expected) in _RULES.items():
        if name not in found:
            raise _malformed(f"its header has no '{name}'")
        if not fits(found[name]):
            raise _malformed(f"'{name}' of its header must be {expected}, not {shown(found[name])}")
    unknown = found.keys() - _RULES.keys()
    if unknown:
        raise _malformed(f"its header cannot be read (it has {shown(min(unknown))})")
    header = BatchHeader(**found | {"spans": tuple(map(tuple, found["spans"]))})
    if header.to_line() != line:
        raise _malformed("its header is not in canonical form")
    return header


def shown(value: object) -> str:
    """A value of any kind in a sentence: short, and in plain letters whatever it holds."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "keys with values"
    if isinstance(value, int) and abs(value) > 2**64:
        return "a huge number"
    text = ascii(value[:_SHOWN] if isinstance(value, str) else value)
    return f"{text[:_SHOWN]}…" if len(text) > _SHOWN else text


def _malformed(what: str) -> InputError:
    return InputError(f"not a sealed batch: {what}")


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _whole(low: int, high: int) -> tuple[Callable[[Any], bool], str]:
    # `type`, because a truth value is an int to isinstance.
    return lambda it: type(it) is int and low <= it <= high, f"a whole number from {low} to {high}"


def _is_span(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 4:
        return False
    line, machine, start, end = value
    return is_name(line) and is_name(machine) and _is_time(start) and _is_time(end)


_is_time, _TIME_IS = _whole(0, TIME_MAX_US)
_A_DIGEST = (
    lambda it: isinstance(it, str) and bool(_DIGEST.match(it)),
    "a SHA-256 digest in lower-case hex",
)
# Field → whether a value of it fits, and how that is said.
_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "agent": (is_name, NAME_IS),
    "number": _whole(1, NUMBER_MAX),
    "previous": _A_DIGEST,
    "payload_digest": _A_DIGEST,
    "samples": _whole(0, ROWS_MAX),
    "rejections": _whole(0, ROWS_MAX),
    "samples_size": _whole(0, _SAMPLES_SIZE_MAX),
    "sealed_at": (_is_time, f"{_TIME_IS} (microseconds since 1970)"),
    "spans": (
        lambda it: isinstance(it, list) and all(map(_is_span, it)),
        "a list of [line, machine, start, end] with names and microseconds since 1970, up to 2200",
    ),
    "profiles": (
        lambda it: (
            isinstance(it, dict)
            and all(
                is_name(key, 2 * NAME_LENGTH_MAX + 1) and is_name(value)
                for key, value in it.items()
            )
        ),
        "names of machines and of their profiles' digests",
    ),
}
