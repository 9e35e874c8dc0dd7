"""Batches that an agent signed and that no agent would seal: each field of the header with each
wrong kind of value, headers of a wrong form, and payloads that are no frames."""

from __future__ import annotations

import io
import json
import struct
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import polars as pl
from sender import Sender, counts

from domain.batch_header import MAGIC
from domain.batches import payload_digest
from domain.frames import SAMPLES

HUGE = 10**400
_WRONG: dict[str, Any] = {
    "null": None,
    "true": True,
    "nan": float("nan"),
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
    "one as a float": 1.0,
    "a fraction": 0.5,
    "minus one": -1,
    "2^63": 2**63,
    "-2^63": -(2**63),
    "huge": HUGE,
    "no text": "",
    "a control character": "a\x00b",
    "a line break": "a\nb",
    "half a surrogate pair": "\ud800",
    "turned writing": "a\u202eb",
    "a backslash": "a\\",
    "a long text": "x" * 500,
    "a list of lists": [[]],
    "a list of numbers": [1, 2],
    "keys with values": {"": {}},
    "keys with a list": {"a/b": []},
}
_GOOD_SPAN = ["filler-1", "filler", 1_772_406_000_000_000, 1_772_406_001_000_000]
_WRONG_SPANS: dict[str, Any] = {
    f"{what} of a span {name}": [[*_GOOD_SPAN[:place], value, *_GOOD_SPAN[place + 1 :]]]
    for place, what in enumerate(("line", "machine", "start", "end"))
    for name, value in _WRONG.items()
}


def header_fields(sender: Sender) -> dict[str, Any]:
    """The header of the batch that `sender` would seal next, as JSON has it."""
    fields: dict[str, Any] = json.loads(payload_of(sender)[0])
    return fields


def payload_of(sender: Sender) -> tuple[bytes, bytes]:
    """Header line and payload of the batch that `sender` would seal next; it does not."""
    number, previous = sender.number, sender.previous
    batch = sender.seal(counts(number))
    sender.number, sender.previous = number, previous
    return batch.header.to_line(), batch.payload


def line_of(fields: Any) -> bytes:
    """In the form of a header, as far as such values have one."""
    written = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return written.encode("utf-8", "surrogatepass")


def signed(sender: Sender, line: bytes, payload: bytes, *, forged: bool = False) -> bytes:
    signature = b"\0" * 64 if forged else sender.key.sign(MAGIC + line)
    return MAGIC + line + b"\n" + b64encode(signature) + b"\n" + payload


def malformed_headers(sender: Sender) -> Iterator[tuple[str, bytes]]:
    """What is wrong, and the line."""
    good = header_fields(sender)
    for field in good:
        for name, value in _WRONG.items():
            yield f"{field}: {name}", line_of(good | {field: value})
        yield f"{field}: missing", line_of({key: good[key] for key in good if key != field})
    for name, spans in _WRONG_SPANS.items():
        yield f"spans: {name}", line_of(good | {"spans": spans})
    for length in (3, 5):
        yield f"spans: {length} members", line_of(good | {"spans": [(_GOOD_SPAN * 2)[:length]]})
    line = line_of(good)
    yield "a field more", line_of(good | {"colour": "red"})
    yield "a field twice", line[:-1] + b',"number":2}'
    yield "spaces", line.replace(b":", b": ", 1)
    yield "escaped letters", line.replace(b"agent-1", b"agent\\u002d1")
    yield "a mark of byte order", b"\xef\xbb\xbf" + line
    yield "another encoding", line.decode().encode("utf-16")
    yield "half a letter", line.replace(b"agent-1", b"agent-\xff")
    yield "surrogate escaped", line.replace(b"agent-1", b"\\ud800")
    yield (
        "very deep",
        line_of(good | {"spans": 0}).replace(
            b'"spans":0', b'"spans":' + b"[" * 200_000 + b"]" * 200_000
        ),
    )
    yield (
        "deep within reach",
        line_of(good | {"spans": 0}).replace(b'"spans":0', b'"spans":' + b"[" * 400 + b"]" * 400),
    )
    yield "many digits", line.replace(b'"number":', b'"number":' + b"9" * 100_000)
    yield "too long", line_of(good | {"agent": "x" * (9 << 20)})
    for what in (b"", b"[]", b"1", b"null", b"NaN", b'"x"', b"{}", b"{", b"\0"):
        yield f"only {what!r}", what


def bad_payloads(sender: Sender) -> Iterator[tuple[str, dict[str, Any], bytes]]:
    """What is wrong, what the header says, and the payload: signed, and of the right digest."""
    good = _stream(counts(sender.number))
    yield "no stream", {"samples": 10}, b"x" * 100
    yield "nothing", {"samples": 10}, b""
    yield "cut off", {"samples": 10}, good[:-300]
    yield "something behind", {"samples": 10}, good + b"\0" * 8
    yield "two streams", {"samples": 20}, good * 2
    yield "other columns", {"samples": 10}, _stream(counts(1).drop("raw"))
    yield "other types", {"samples": 10}, _stream(counts(1).cast({"value": pl.Int64}))
    yield "a nested column", {"samples": 10}, _stream(counts(1).with_columns(value=[[1.0]] * 10))
    yield (
        "a dictionary",
        {"samples": 10},
        _stream(counts(1).with_columns(pl.col("line").cast(pl.Categorical))),
    )
    yield "more rows than said", {"samples": 9}, good
    yield "a size beyond its end", {"samples": 10, "samples_size": len(good) + 1}, good
    yield "rows said, none there", {"samples": 10, "samples_size": 0}, b""
    yield "a bomb", {"samples": 200}, bomb(200)
    yield "a panic of polars", {"samples": 10}, panicking_stream()
    place = good.index(struct.pack("<q", 80))  # how long the first times become
    for name, length in (("unpacked to 8 EB", 2**63 - 1), ("unpacked to nothing", -2)):
        yield name, {"samples": 10}, good[:place] + struct.pack("<q", length) + good[place + 8 :]


def with_payload(sender: Sender, said: dict[str, Any], payload: bytes) -> bytes:
    """The signed batch of that payload, with what its header says otherwise."""
    fields = header_fields(sender) | {
        "payload_digest": payload_digest(payload),
        "samples_size": len(payload),
    }
    return signed(sender, line_of(fields | said), payload)


def bomb(rows: int) -> bytes:
    """A few kilobytes that become some 100 MB."""
    row = counts(1, rows=1).with_columns(raw=pl.lit("x" * 500_000))
    return _stream(row.select(pl.all().gather([0] * rows)))


def panicking_stream() -> bytes:
    """A stream in which polars gives up: it says that a column has a null and not which."""
    good = _stream(counts(1))
    place = good.index(struct.pack("<qq", 10, 0))
    return good[: place + 8] + struct.pack("<q", 1) + good[place + 16 :]


def _stream(frame: pl.DataFrame) -> bytes:
    stream = io.BytesIO()
    level = pl.CompatLevel.oldest()
    frame.write_ipc_stream(stream, compression="zstd", compat_level=level)
    return stream.getvalue()


def odd_samples() -> pl.DataFrame:
    """SAMPLES of which only the first can be right; all of them can be sealed."""
    good = counts(1, rows=1)
    far = [2**63 - 1, -(2**63), 2**62, 0]
    odd = [
        *(
            good.with_columns(pl.lit(it).cast(SAMPLES["time"]).alias(name))
            for name in ("time", "received")
            for it in far[:3]
        ),
        *(
            good.with_columns(pl.lit(it).alias(name))
            for name in ("line", "machine", "signal")
            for it in ("", "a\nb", "a\x00", "\u202e", "x" * 300, "a\\")
        ),
        *(
            good.with_columns(value=pl.lit(it))
            for it in (float("nan"), float("inf"), -float("inf"))
        ),
        *(
            good.with_columns(pl.lit(None, SAMPLES[name]).alias(name))
            for name in ("line", "machine", "signal", "time", "received", "value", "quality")
        ),
        good.with_columns(signal=pl.lit("order"), value=None, text=pl.lit("x" * 5_000)),
        good.with_columns(signal=pl.lit("measurement." + "x" * 500)),
        good.with_columns(quality=pl.lit(255, pl.UInt8)),
    ]
    return pl.concat([good, *(frame.select(SAMPLES.names()).cast(SAMPLES) for frame in odd)])
