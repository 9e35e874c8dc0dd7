"""Eight styles in which devices tell state and count as JSON over MQTT, and how each breaks.

A style says what is true in its own way (`true`), and the same spoilt (`spoilt`): a number, a time
or a list that cannot be read, often beside fields that can. What a spoilt message says of the state
is never untrue. Messages are templates of `$state`, `$total` and a time: `$s` and `$ms` since the
epoch, `$day` and `$clock` in Hong Kong, `$utc`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from string import Template
from zoneinfo import ZoneInfo

from mqtt_machine import PROFILE

HONG_KONG = ZoneInfo("Asia/Hong_Kong")


@dataclass(frozen=True)
class Style:
    """`state`, `total`: what the profile says of the two sources."""

    state: str
    total: str
    true: str
    spoilt: tuple[str, ...]

    @property
    def profile(self) -> str:
        return f"""{PROFILE}
inputs:
  state: {{sources: [{{topic: main, {self.state}}}]}}
  total: {{sources: [{{topic: main, {self.total}}}]}}
signals:
  state: {{input: state, codes: {{1: producing, 2: stopped}}}}
  total_count: {{input: total}}
"""

    def say(self, state: int, total: int, at: datetime) -> str:
        return _filled(self.true, state, total, at)

    def spoil(self, state: int, total: int, at: datetime) -> Iterator[str]:
        for message in self.spoilt:
            yield _filled(message, state, total, at)


def _filled(message: str, state: int, total: int, at: datetime) -> str:
    local = at.astimezone(HONG_KONG)
    return Template(message).substitute(
        state=state,
        total=total,
        s=at.timestamp(),
        ms=at.timestamp() * 1000,
        day=f"{local:%Y-%m-%d}",
        clock=f"{local:%H:%M:%S.%f}",
        utc=f"{at:%Y-%m-%d %H:%M:%S.%f}",
    )


_LOCAL = "time: /t, time_unit: iso, time_zone: Asia/Hong_Kong"
_EACH = "each: '', time: /ts"
STYLES = {
    "numbers-as-text": Style(
        "field: /state",
        'field: /total, decimal_mark: "."',
        '{"state": "$state", "total": "$total.0"}',
        (
            '{"state": "$state", "total": "$total,0"}',
            '{"state": "$state", "total": ""}',
            '{"state": "$state", "total": "$total pcs"}',
        ),
    ),
    "decimal-comma": Style(
        "field: /state",
        'field: /total, decimal_mark: ","',
        '{"state": $state, "total": "$total,0"}',
        (
            '{"state": $state, "total": "$total.000,0"}',
            '{"state": $state, "total": "$total,,0"}',
            '{"state": $state, "total": $total,0}',
        ),
    ),
    "not-a-number": Style(
        "field: /state",
        "field: /total",
        '{"state": $state, "total": $total, "speed": NaN}',
        (
            '{"state": $state, "total": nan}',
            '{"state": $state, "total": -Infinity}',
            '{"state": $state, "total": 1e999}',
        ),
    ),
    "timed-list": Style(
        f"field: /values/state, {_EACH}",
        f"field: /values/total, {_EACH}",
        '[{"ts": $s, "values": {"state": $state, "total": $total}}]',
        (
            '[{"ts": null, "values": {"state": $state, "total": $total}},'
            ' {"ts": $s, "values": {"state": $state, "total": "x"}}]',
            '[{"ts": "?", "values": 7}]',
            '{"a": [{"ts": $s, "values": {"state": $state}}]}',
        ),
    ),
    "broken-beside-good": Style(
        "field: /state",
        "field: /total",
        '{"note": .5, "state": $state, "x": N/A, "total": $total}',
        (
            '{"state": $state, "total": N/A}',
            '{"state": $state, "total": }',
            '{"state": $state, "total": $total',
        ),
    ),
    "epochs": Style(
        "field: /state, time: /s",
        "field: /total, time: /ms, time_unit: ms",
        '{"state": $state, "s": $s, "total": $total, "ms": $ms}',
        (
            '{"state": $state, "s": $ms, "total": $total, "ms": $s}',
            '{"state": $state, "s": 0, "total": $total, "ms": -1}',
            '{"state": $state, "s": "x", "total": $total, "ms": 1e99}',
        ),
    ),
    "local-time": Style(
        f"field: /state, {_LOCAL}",
        f"field: /total, {_LOCAL}",
        '{"state": $state, "total": $total, "t": "$day $clock"}',
        (
            '{"state": $state, "total": $total, "t": "?"}',
            '{"state": $state, "total": $total, "t": "$day 24:61"}',
            '{"state": $state, "total": $total, "t": "$utc+00:30"}',
        ),
    ),
    "nested-lists": Style(
        "field: /d/0/1, time: /d/1/t/0",
        "field: /d/0/2, time: /d/1/t/0",
        '{"d": [["m", $state, $total], {"t": [$s]}]}',
        (
            '{"d": [["m", $state], {"t": [$s]}]}',
            '{"d": [["m", $state, [$total]], {"t": []}]}',
            '{"d": []}',
        ),
    ),
}
