"""When each archived batch arrived: what the sealed bytes cannot say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """`received`: when the batch was taken in. `latest`: samples of a later time were refused
    as impossible, whatever the clock says when it is looked at again. A batch that was sent again,
    because it could not be stored at first, has several: the last one holds."""

    digest: str
    received: datetime
    latest: datetime
