"""Each thing that a recording and a panel show to be wrong is a sentence, all at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from peers import require_shared_data
from translatable import marked_texts

from device_profiles.proving import check as checking
from device_profiles.proving.check import ProfileReport, check
from device_profiles.proving.faults import Evidence, faults
from device_profiles.proving.recording import head_line, reading_line
from domain.grants import Reason
from domain.samples import Quality, Reading

AT = datetime(2026, 11, 29, 8, tzinfo=UTC)
PRESS: dict[str, Any] = {
    "name": "mine/press",
    "vendor": "mine",
    "model": "Press",
    "title": {"en": "Press"},
    "protocol": "mqtt-json",
    "documentation": ["https://example.org/press"],
    "inputs": {
        "state": {"sources": [{"topic": "state", "field": "/now", "time": "/at"}]},
        "count": {"sources": [{"topic": "count", "field": ""}]},
        "power": {"sources": [{"topic": "power", "field": ""}]},
    },
    "signals": {
        "state": {"input": "state", "codes": {"run": "producing", "halt": "stopped"}},
        "total_count": {"input": "count"},
        "power": {"input": "power"},
    },
}
STATE, COUNT, POWER = "state#/now", "count#", "power#"
RIGHT = ((1, STATE, "run"), (2, COUNT, 10), (3, POWER, 2.5), (4, COUNT, 12))


@pytest.fixture(autouse=True)
def _told_in_marked_texts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test finds wrong can be translated."""
    told: list[Reason] = []

    def found(evidence: Evidence) -> list[Reason]:
        reasons = faults(evidence)
        told.extend(reasons)
        return reasons

    monkeypatch.setattr(checking, "faults", found)
    yield
    assert {it.message for it in told} <= marked_texts()


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def report(
    folder: Path,
    *said: tuple[float, str, Any],
    panel: list[dict[str, Any]] | None = None,
    profile: dict[str, Any] = PRESS,
    is_timed: bool = True,
) -> ProfileReport:
    """`said`: seconds, address and value; `panel`: readings with their seconds as `time`."""
    (folder / "profile.yaml").write_text(json.dumps(profile))
    readings = [
        Reading("m", address, value, after(at) if is_timed else None, after(at), Quality.GOOD)
        for at, address, value in said
    ]
    lines = [head_line({}, AT, after(60)), *map(reading_line, readings)]
    (folder / "recording.jsonl").write_text("\n".join(lines))
    if panel is not None:
        looks = [{**it, "time": after(it["time"]).isoformat()} for it in panel]
        whole = {"read_by": "Chan", "simulated": False, "readings": looks}
        (folder / "panel.yaml").write_text(yaml.safe_dump(whole))
    return check(str(folder))


def test_nothing_is_wrong_with_what_is_right(tmp_path: Path) -> None:
    shown = {"state": "producing", "total_count": 12, "power": 2.5}
    told = report(tmp_path, *RIGHT, panel=[{"time": 5, "shows": shown}])
    assert (told.faults, told.ok, told.level.value) == ((), True, "panel-verified")
    assert told.for_the_next_level == ()


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (
            RIGHT[1:],
            "input 'state' never gave a value (state#/now)",
        ),
        ((*RIGHT, (5, STATE, "jam")), "state#/now: unknown code 'jam' (1 time)"),
        (
            (*RIGHT, (5, COUNT, 9)),
            "'total_count' falls from 12 to 9 at 2026-11-29T08:00:05+00:00: that is no reset, so it"
            " is no counter",
        ),
        (
            (*RIGHT[:2], (3, POWER, None)),
            "input 'power' gave nothing but empty values (power#)",
        ),
        ((*RIGHT, (5, POWER, "much")), "power#: not a number (1 time)"),
    ],
)
def test_what_the_recording_shows(
    tmp_path: Path, said: tuple[tuple[float, str, Any], ...], fault: str
) -> None:
    told = report(tmp_path, *said)
    assert fault in told.faults
    assert not told.ok


def test_a_time_that_can_never_be_read(tmp_path: Path) -> None:
    told = report(tmp_path, *RIGHT, is_timed=False)
    assert told.faults == (
        "input 'state' has no time in its one message: there is none at '/at' that can be read "
        "as s",
    )


def test_several_times_that_cannot_be_read(tmp_path: Path) -> None:
    (fault,) = report(tmp_path, *RIGHT, (5, STATE, "halt"), is_timed=False).faults
    assert fault == (
        "input 'state' has no time in any of its 2 messages: there is none at '/at' that can be "
        "read as s"
    )
    told = report(tmp_path, *RIGHT, (5, POWER, "much"), (6, POWER, "more")).faults
    assert told == ("power#: not a number (2 times)",)


def test_a_source_time_that_stands_still(tmp_path: Path) -> None:
    """The panel beside it confirms what the decoder made of it; without it, nobody does."""
    field = require_shared_data("field/opcua-frozen-source-time")
    for name in ("profile.yaml", "recording.jsonl"):
        (tmp_path / name).write_bytes((field / name).read_bytes())
    told = check(str(tmp_path)).faults
    assert len(told) == 2
    assert all("source time stands still while the value changes" in it for it in told)
    assert check(str(field)).faults == ()


def test_a_counter_that_is_reset_or_rolls_over_is_one(tmp_path: Path) -> None:
    said = ((5, COUNT, 0), (6, COUNT, 65_535), (7, COUNT, 3))
    assert report(tmp_path, *RIGHT, *said).faults == ()


def test_all_of_it_is_told_at_once(tmp_path: Path) -> None:
    said = ((5, STATE, "jam"), (6, COUNT, 9), (7, POWER, "much"))
    assert len(report(tmp_path, *RIGHT, *said, is_timed=False).faults) == 4


def test_what_the_panel_confirms_is_no_fault(tmp_path: Path) -> None:
    said = (*RIGHT, (5, STATE, "jam"), (8, STATE, "run"))
    unknown = {"time": 6, "shows": {"state": "unknown"}}
    assert report(tmp_path, *said, panel=[unknown]).faults == ()
    later = {"time": 9, "shows": {"state": "producing"}}
    assert len(report(tmp_path, *said, panel=[later]).faults) == 1
    stopped = {"time": 6, "shows": {"state": "stopped"}}
    told = report(tmp_path, *said, panel=[stopped])
    assert (len(told.faults), len(told.mismatches)) == (1, 1)


@pytest.mark.parametrize(
    ("look", "says"),
    [
        ({"time": 61, "shows": {"state": "producing"}}, "lies outside of the recording"),
        ({"time": 5, "shows": {"stat": "producing"}}, "Did you mean 'state'?"),
        ({"time": 5, "shows": {"state": "runing"}}, "has 'runing', which is no state"),
        ({"time": 5, "shows": {"state": "stoped"}}, "no state. Did you mean 'stopped'?"),
        ({"time": 5, "shows": {"zzz": 1}}, "Known are: state, total_count, power."),
    ],
)
def test_what_is_wrong_with_the_panel(tmp_path: Path, look: dict[str, Any], says: str) -> None:
    (fault,) = report(tmp_path, *RIGHT, panel=[look]).faults
    assert says in fault


def test_a_panel_that_speaks_another_unit_says_which(tmp_path: Path) -> None:
    looks = [{"time": 5, "shows": {"power": 0.0025}}]
    (fault,) = report(tmp_path, *RIGHT, panel=looks).faults
    assert fault == (
        "the panel shows 0.001 times the 'power' that was decoded: the machine's unit is W"
    )


def test_a_fallback_that_is_never_needed_must_be_unknown(tmp_path: Path) -> None:
    when = {
        "when": [{"if": {"state": "running"}, "then": "producing"},
                 {"if": {"state": "halted"}, "then": "stopped"}],
        "otherwise": "idle",
    }  # fmt: skip
    source = {"topic": "state", "field": "/now", "time": "/at", "table": "states"}
    profile = PRESS | {
        "tables": {"states": {"run": "running", "halt": "halted"}},
        "inputs": PRESS["inputs"] | {"state": {"sources": [source]}},
        "signals": PRESS["signals"] | {"state": when},
    }
    (fault,) = report(tmp_path, *RIGHT, profile=profile).faults
    assert fault.startswith("'otherwise: idle' of 'state' is never needed")
    when["otherwise"] = "unknown"
    assert report(tmp_path, *RIGHT, profile=profile).faults == ()


def test_what_is_missing_for_the_next_level_is_told(tmp_path: Path) -> None:
    assert "nobody has read" in report(tmp_path, *RIGHT).for_the_next_level[0]
    silent = report(tmp_path, *RIGHT[1:])
    assert silent.for_the_next_level == ("the recording never tells state",)
    looks = [{"time": 5, "shows": {"power": 2.5}}]
    part = report(tmp_path, *RIGHT, panel=looks)
    assert part.for_the_next_level == ("the panel says nothing of state, total_count",)
    (tmp_path / "recording.jsonl").unlink()
    assert "there is no recording" in check(str(tmp_path)).for_the_next_level[0]


def test_a_code_that_no_case_names_leads_nowhere(tmp_path: Path) -> None:
    when = {
        "when": [{"if": {"now": "running"}, "then": "producing"},
                 {"if": {"now": ["halted", "done"]}, "then": "stopped"}],
        "otherwise": "unknown",
    }  # fmt: skip
    source = {"topic": "state", "field": "/now", "time": "/at", "table": "states"}
    tables = {"run": "running", "halt": "halted", "end": "done", "test": "testing"}
    profile = PRESS | {
        "tables": {"states": tables},
        "inputs": PRESS["inputs"] | {"state": {"sources": [source]}},
        "derived": {"now": [{"take": "state"}]},
        "signals": PRESS["signals"] | {"state": when},
    }
    assert report(tmp_path, *RIGHT, (5, STATE, "end"), profile=profile).faults == ()
    said = (*RIGHT, (5, STATE, "test"), (8, STATE, "run"))
    (fault,) = report(tmp_path, *said, profile=profile).faults
    assert fault.startswith("input 'state' was 'testing' (1 time), which no case names")
    unknown = [{"time": 6, "shows": {"state": "unknown"}}]
    assert report(tmp_path, *said, profile=profile, panel=unknown).faults == ()
