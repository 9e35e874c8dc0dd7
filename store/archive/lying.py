"""Where the bytes of a batch lie, for processes on other machines that are to read them: what says
it travels, so it holds no key and needs no index.
"""

from __future__ import annotations

from typing import Protocol


class Lying(Protocol):
    """Of one batch."""

    @property
    def length(self) -> int:
        """Sealed bytes."""
        ...

    def read(self, digest: str) -> bytes | None:
        """The bytes, if they are those of the batch with that digest; None where they are not
        there. Raises OSError, StorageError where they cannot be reached."""
        ...
