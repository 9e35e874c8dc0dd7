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
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from domain.batch_header import MAGIC, BatchHeader, read_header
from domain.errors import InputError, of_later_version

_FORMAT = MAGIC.decode().strip().rpartition("/")[2]
_LATER = re.compile(rb"lineproof-batch/(?!1\n)([1-9]\d{0,8})\n")
_SIGNATURE_MAX_BYTES = 200  # of its line


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

    Raises InputError when the bytes are no batch or the header is not what one can be.
    """
    if later := _LATER.match(data):
        raise InputError(of_later_version("this batch", later[1].decode(), _FORMAT))
    if not data.startswith(MAGIC):
        raise InputError("not a sealed batch: the first line is not lineproof-batch/1")
    header_end = data.find(b"\n", len(MAGIC))
    signature_end = data.find(b"\n", header_end + 1, header_end + 1 + _SIGNATURE_MAX_BYTES)
    if header_end < 0 or signature_end < 0:
        raise InputError("not a sealed batch: its header cannot be read (no line of a signature)")
    header = read_header(data[len(MAGIC) : header_end])
    return SealedBatch(
        header, _signature(data[header_end + 1 : signature_end]), data[signature_end + 1 :]
    )


def _signature(line: bytes) -> bytes:
    """From base64, which can be written in several ways: only one of them counts."""
    try:
        signature = b64decode(line, validate=True)
    except ValueError:
        signature = b""
    if b64encode(signature) != line:
        raise InputError("not a sealed batch: its signature is not in base64")
    return signature


def payload_digest(payload: bytes) -> str:
    """SHA-256 of the payload, in hex."""
    return hashlib.sha256(payload).hexdigest()
