"""Eight styles in which devices tell state and count as JSON over MQTT, and how each breaks.

A style says what is true in its own way (`say`), and the same spoilt (`spoil`): a number, a time or
a list that cannot be read, often beside fields that can. What a spoilt message says of the state is
never untrue.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from mqtt_machine import PROFILE

HONG_KONG = ZoneInfo("Asia/Hong_Kong")
Say = Callable[[int, int, datetime], str]


@dataclass(frozen=True)
class Style:
    """`state`, `total`: what the profile says of the two sources."""

    state: str
    total: str
    say: Say
    spoil: tuple[Say, ...]

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


def _local(at: datetime) -> str:
    return f"{at.astimezone(HONG_KONG):%Y-%m-%d %H:%M:%S.%f}"


def _utc_as_local(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"


_LOCAL = "time: /t, time_unit: iso, time_zone: Asia/Hong_Kong"
_EACH = "each: '', time: /ts"
STYLES = {
    "numbers-as-text": Style(
        "field: /state",
        'field: /total, decimal_mark: "."',
        lambda state, total, at: f'{{"state": "{state}", "total": "{total}.0"}}',
        (
            lambda state, total, at: f'{{"state": "{state}", "total": "{total},0"}}',
            lambda state, total, at: f'{{"state": "{state}", "total": ""}}',
            lambda state, total, at: f'{{"state": "{state}", "total": "{total} pcs"}}',
        ),
    ),
    "decimal-comma": Style(
        "field: /state",
        'field: /total, decimal_mark: ","',
        lambda state, total, at: f'{{"state": {state}, "total": "{total},0"}}',
        (
            lambda state, total, at: f'{{"state": {state}, "total": "{total}.000,0"}}',
            lambda state, total, at: f'{{"state": {state}, "total": "{total},,0"}}',
            lambda state, total, at: f'{{"state": {state}, "total": {total},0}}',
        ),
    ),
    "not-a-number": Style(
        "field: /state",
        "field: /total",
        lambda state, total, at: f'{{"state": {state}, "total": {total}, "speed": NaN}}',
        (
            lambda state, total, at: f'{{"state": {state}, "total": nan}}',
            lambda state, total, at: f'{{"state": {state}, "total": -Infinity}}',
            lambda state, total, at: f'{{"state": {state}, "total": 1e999}}',
        ),
    ),
    "timed-list": Style(
        f"field: /values/state, {_EACH}",
        f"field: /values/total, {_EACH}",
        lambda state, total, at: (
            f'[{{"ts": {at.timestamp()}, "values": {{"state": {state}, "total": {total}}}}}]'
        ),
        (
            lambda state, total, at: (
                f'[{{"ts": null, "values": {{"state": {state}, "total": {total}}}}},'
                f' {{"ts": {at.timestamp()}, "values": {{"state": {state}, "total": "x"}}}}]'
            ),
            lambda state, total, at: '[{"ts": "?", "values": 7}]',
            lambda state, total, at: (
                f'{{"a": [{{"ts": {at.timestamp()}, "values": {{"state": {state}}}}}]}}'
            ),
        ),
    ),
    "broken-beside-good": Style(
        "field: /state",
        "field: /total",
        lambda state, total, at: f'{{"note": .5, "state": {state}, "x": N/A, "total": {total}}}',
        (
            lambda state, total, at: f'{{"state": {state}, "total": N/A}}',
            lambda state, total, at: f'{{"state": {state}, "total": }}',
            lambda state, total, at: f'{{"state": {state}, "total": {total}',
        ),
    ),
    "epochs": Style(
        "field: /state, time: /s",
        "field: /total, time: /ms, time_unit: ms",
        lambda state, total, at: (
            f'{{"state": {state}, "s": {at.timestamp()}, "total": {total},'
            f' "ms": {at.timestamp() * 1000}}}'
        ),
        (
            lambda state, total, at: (
                f'{{"state": {state}, "s": {at.timestamp() * 1000}, "total": {total},'
                f' "ms": {at.timestamp()}}}'
            ),
            lambda state, total, at: f'{{"state": {state}, "s": 0, "total": {total}, "ms": -1}}',
            lambda state, total, at: (
                f'{{"state": {state}, "s": "x", "total": {total}, "ms": 1e99}}'
            ),
        ),
    ),
    "local-time": Style(
        f"field: /state, {_LOCAL}",
        f"field: /total, {_LOCAL}",
        lambda state, total, at: f'{{"state": {state}, "total": {total}, "t": "{_local(at)}"}}',
        (
            lambda state, total, at: f'{{"state": {state}, "total": {total}, "t": "?"}}',
            lambda state, total, at: (
                f'{{"state": {state}, "total": {total}, "t": "{_local(at)[:10]} 24:61"}}'
            ),
            lambda state, total, at: (
                f'{{"state": {state}, "total": {total}, "t": "{_utc_as_local(at)}+00:30"}}'
            ),
        ),
    ),
    "nested-lists": Style(
        "field: /d/0/1, time: /d/1/t/0",
        "field: /d/0/2, time: /d/1/t/0",
        lambda state, total, at: f'{{"d": [["m", {state}, {total}], {{"t": [{at.timestamp()}]}}]}}',
        (
            lambda state, total, at: f'{{"d": [["m", {state}], {{"t": [{at.timestamp()}]}}]}}',
            lambda state, total, at: f'{{"d": [["m", {state}, [{total}]], {{"t": []}}]}}',
            lambda state, total, at: '{"d": []}',
        ),
    ),
}
