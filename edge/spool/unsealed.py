"""What lies in the spool and is not sealed yet, as live frames tell it. Pure.

A frame tells the chunks that were not told yet, under the number of the batch that comes next.
After a sealing all that is left is told anew, under the next number. The collector says which frame
it expects, so after a loss those that it misses are told again. Chunks of a run before are not
known here; they are sealed first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.samples import Rejection, Span
from edge.spool.rows import Row, Samples, count

FRAME_ROWS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """What went into the spool at once."""

    rows: Sequence[Row] = ()
    spans: Sequence[Span] = ()

    @property
    def samples(self) -> list[Samples]:
        return [row for row in self.rows if not isinstance(row, Rejection)]


@dataclass(frozen=True, slots=True)
class Untold:
    """What the frame `sequence` of the batch `number` is made of."""

    number: int
    sequence: int
    samples: Sequence[Samples]
    spans: Sequence[Span]


class Unsealed:
    """`unknown` chunks of a run before lie in the spool."""

    def __init__(self, unknown: int) -> None:
        self._unknown = unknown
        self._chunks: list[Chunk] = []
        self._begins = [0]  # of each frame that was told among the chunks, and of the next one
        self._made: tuple[Untold, int] | None = None  # the next one, and where it ends

    @property
    def has_untold(self) -> bool:
        return not self._unknown and self._begins[-1] < len(self._chunks)

    def add(self, chunk: Chunk) -> None:
        """It is in the spool now."""
        self._chunks.append(chunk)

    def sealed(self, chunks: int) -> None:
        """So many chunks, the oldest, became a batch."""
        self._chunks = self._chunks[max(chunks - self._unknown, 0) :]
        self._unknown = max(self._unknown - chunks, 0)
        self._begins, self._made = [0], None

    def untold(self, number: int) -> Untold | None:
        """What is not told yet, as far as one frame takes it."""
        if not self.has_untold:
            return None
        begin, end = self._begins[-1], self._end()
        samples = [it for chunk in self._chunks[begin:end] for it in chunk.samples]
        spans = [it for chunk in self._chunks[begin:end] for it in chunk.spans]
        made = Untold(number, len(self._begins) - 1, samples, spans)
        self._made = made, end
        return made

    def answered(self, frame: Untold, expected: int | None) -> bool:
        """The collector says which sequence it expects after the frame (None: it has the batch
        already): whether that can be told. What was sealed meanwhile needs no telling."""
        if self._made is None or self._made[0] is not frame:
            return True
        if expected is None or expected > frame.sequence + 1:
            return False
        if expected == frame.sequence + 1:
            self._begins.append(self._made[1])
        else:
            del self._begins[expected + 1 :]
        self._made = None
        return True

    def _end(self) -> int:
        """Where the next frame ends."""
        end, rows = self._begins[-1], 0
        while end < len(self._chunks):
            rows += count(self._chunks[end].rows)
            if rows > FRAME_ROWS_MAX and end > self._begins[-1]:
                break
            end += 1
        return end
