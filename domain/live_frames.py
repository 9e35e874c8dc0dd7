r"""The live frame: what an agent tells of what it has not sealed yet, for the live board alone.

Layout of the bytes:

    lineproof-live/1\n
    <sequence>\n
    <header: one line of canonical JSON>\n
    <signature: base64 of Ed25519 over b"lineproof-live/1\n" + sequence + b"\n" + header>\n
    <samples: Arrow IPC stream>

The header is that of a batch (domain.batch_header) without rejections: `number` is that of the
batch which will be sealed next, `previous` the digest of the one before it, `sealed_at` when the
frame was made. `sequence` counts the frames of one number from 0. What is signed begins with words
of its own, so a frame can never pass for a sealed batch, nor a batch for a frame. A frame proves
nothing: what it tells comes again, sealed.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.batch_header import MAGIC, NUMBER_MAX, BatchHeader
from domain.batches import SealedBatch, parse_batch
from domain.errors import InputError

LIVE_MAGIC = b"lineproof-live/1\n"
_SEQUENCE_DIGITS_MAX = len(str(NUMBER_MAX))


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """`content` has the form of a batch; its signature is that of the frame."""

    sequence: int
    content: SealedBatch

    @property
    def header(self) -> BatchHeader:
        return self.content.header

    @property
    def signed_bytes(self) -> bytes:
        return signed_bytes(self.sequence, self.header)

    def to_bytes(self) -> bytes:
        return _begin(self.sequence) + self.content.to_bytes().removeprefix(MAGIC)


def signed_bytes(sequence: int, header: BatchHeader) -> bytes:
    """What an agent signs of a frame."""
    return _begin(sequence) + header.to_line()


def parse_live_frame(data: bytes) -> LiveFrame:
    """Bytes to a frame; only the form is checked, not digest or signature.

    Raises InputError when the bytes are no frame or the header is not what one can be.
    """
    if not data.startswith(LIVE_MAGIC):
        raise InputError("not a live frame: the first line is not lineproof-live/1")
    end = data.find(b"\n", len(LIVE_MAGIC), len(LIVE_MAGIC) + _SEQUENCE_DIGITS_MAX + 1)
    text = data[len(LIVE_MAGIC) : max(end, 0)]
    sequence = int(text) if text.isdigit() else -1
    if not 0 <= sequence <= NUMBER_MAX or text != b"%d" % sequence:
        raise InputError("not a live frame: its second line is no whole number from 0 on")
    content = parse_batch(MAGIC + data[end + 1 :])
    if content.header.rejections:
        raise InputError("not a live frame: it has rejections")
    return LiveFrame(sequence, content)


def _begin(sequence: int) -> bytes:
    return LIVE_MAGIC + b"%d\n" % sequence
