"""What is known of a metric, by its birth, and what a message says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.samples import Quality

TIME_MAX_MS = 4_102_444_800_000  # the year 2100


class MetricValue(NamedTuple):
    """What a message says of a metric. `status`: what Sparkplug calls a bad quality. `refusal`: why
    the value cannot be used; `is_current`: what held before does not hold any more."""

    name: str
    value: int | float | bool | str | None
    time: datetime | None
    quality: Quality
    status: str = ""
    refusal: str = ""
    is_current: bool = True


@dataclass(frozen=True, slots=True)
class DefinedMetric:
    """`refusal`: why it cannot be read; None: it can."""

    name: str
    datatype: int
    refusal: str | None
