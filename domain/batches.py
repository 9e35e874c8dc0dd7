r"""The sealed batch: how an agent's samples travel and are kept.

Layout of the bytes:

    lineproof-batch/1\n
    <header: one line of canonical JSON>\n
    <signature: base64 of Ed25519 over b"lineproof-batch/1\n" + header>\n
    <samples: Arrow IPC stream, header.samples_size bytes>
    <rejections: Arrow IPC stream, the rest; may be empty>

The header names the digest of everything that follows the signature, and the digest of the header
before it, so the signature covers the content and the chain. The digest of a batch is SHA-256 of
its header line. Encoding and decoding of the frames is the edge's and the collector's; this module
only knows bytes, numbers and digests.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, fields

from domain.errors import InputError

MAGIC = b"lineproof-batch/1\n"
GENESIS = "0" * 64  # what the first batch of an agent names as its previous


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


@dataclass(frozen=True, slots=True)
class SealedBatch:
    header: BatchHeader
    signature: bytes
    payload: bytes

    def to_bytes(self) -> bytes:
        return b"".join(
            (MAGIC, self.header.to_line(), b"\n", b64encode(self.signature), b"\n", self.payload)
        )

    @property
    def samples_bytes(self) -> bytes:
        return self.payload[: self.header.samples_size]

    @property
    def rejections_bytes(self) -> bytes:
        return self.payload[self.header.samples_size :]


def parse_batch(data: bytes) -> SealedBatch:
    """Bytes to a batch; only the form is checked, not digest, chain or signature.

    Raises InputError when the bytes are no batch or the header is not canonical.
    """
    if not data.startswith(MAGIC):
        raise InputError("not a sealed batch: the first line is not lineproof-batch/1")
    try:
        line, signature, payload = data[len(MAGIC) :].split(b"\n", 2)
        fields = json.loads(line)
        fields["spans"] = tuple(
            (str(a), str(b), int(start), int(end)) for a, b, start, end in fields["spans"]
        )
        header = BatchHeader(**fields)
        batch = SealedBatch(header, b64decode(signature, validate=True), payload)
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"not a sealed batch: its header cannot be read ({error})") from None
    if header.to_line() != line:
        raise InputError("not a sealed batch: its header is not in canonical form")
    return batch


def payload_digest(payload: bytes) -> str:
    """SHA-256 of the payload, in hex."""
    return hashlib.sha256(payload).hexdigest()
