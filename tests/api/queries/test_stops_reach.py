"""Stops at the borders of a window: what is told of one does not depend on the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from telemetry import batch
from web_plant import PLANT, ZONE, Clock, registry_of, sample_frame, spans, store_of

from api.documents.stops import stops_document
from api.queries.lines import Queries
from api.queries.stops import StopsQuestion
from domain.corrections import Correction, CorrectionKind
from domain.states import MachineState
from domain.time import Window
from store.files.plant import read_plant
from store.registry.registry import Registry
from store.telemetry.duckdb.store import DuckDBStore

FIRST = datetime(2026, 3, 23, 22, tzinfo=ZONE)
NOW = datetime(2026, 3, 24, 22, tzinfo=ZONE)
REASONS = """\
reasons:
  jam: {kind: breakdown}
  clean: {kind: planned}
lines:
"""
Told = list[tuple[str, str]]  # time of day, state or reason


def at(time: str) -> datetime:
    hour, minute = time.split(":")
    return datetime(2026, 3, 24, int(hour), int(minute), tzinfo=ZONE)


def window(start: str, end: str) -> Window:
    return Window(at(start).astimezone(UTC), at(end).astimezone(UTC))


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Callable[..., Queries]]:
    """filler-1 with these states and reasons on 24 March, producing since the evening before
    with a counter that makes an item a second."""
    text = PLANT.replace("lines:\n", REASONS, 1)
    registry = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    store = DuckDBStore(tmp_path / "telemetry.duckdb", memory_limit="200MB")
    registry.apply.plant(text, read_plant(text, "plant.yaml"), FIRST)

    def filled(states: Told, reasons: Told = (), first: datetime = FIRST) -> Queries:  # type: ignore[assignment]  # no reasons
        told = [(first, "producing"), *((at(time), state) for time, state in states)]
        rows: list[dict[str, object]] = [
            {
                "signal": "state",
                "time": time,
                "value": float(MachineState(state).code),
                "text": state,
            }
            for time, state in told
        ]
        rows += [
            {"signal": "stop_reason", "time": at(time), "text": text} for time, text in reasons
        ]
        for signal, share in (("total_count", 1.0), ("good_count", 0.9)):
            made = 0.0
            for (time, state), (until, _) in zip(told, [*told[1:], (NOW, "")], strict=True):
                rows.append({"signal": signal, "time": time, "value": made})
                made += (until - time).total_seconds() * share * (state == "producing")
            rows.append({"signal": signal, "time": NOW, "value": made})
        known = spans(("filler-1", "filler", first, NOW))
        store.append([batch(1, sample_frame("filler-1", "filler", rows), known)])
        return Queries(store, registry, Clock(NOW))

    yield filled
    store.close()
    registry.close()


def seconds(document: dict[str, Any]) -> dict[str, float]:
    return {each["loss"]: each["duration_s"] for each in document["losses"]["losses"]}


def test_shifts_say_the_same_of_a_stop_as_the_day(line: Callable[..., Queries]) -> None:
    """SysOEE#35: one stop, two answers. Its reason is given after the end of the shift, its
    state changed long before the next one began."""
    queries = line(
        [("14:20", "fault"), ("14:30", "stopped"), ("16:00", "producing")], [("15:40", "clean")]
    )
    day, early, late, edge = (
        stops_document(queries, "filler-1", window(*times))
        for times in (("7:00", "22:00"), ("7:00", "15:00"), ("15:00", "22:00"), ("15:30", "15:35"))
    )
    (first, second) = day["stops"]
    assert (first["reason"], first["state"], first["planned"]) == ("clean", "fault", True)
    assert early["stops"] == [first]
    assert late["stops"] == [second]
    assert edge["stops"][0]["state"] == "fault"
    assert edge["losses"]["losses"][1]["duration_s"] == 300
    for loss in ("breakdowns", "setup_and_adjustment", "minor_stops"):
        parts = seconds(early)[loss] + seconds(late)[loss]
        assert parts == pytest.approx(seconds(day)[loss]), loss


def test_a_merge_that_ends_after_the_window_makes_its_stops_one(
    line: Callable[..., Queries],
) -> None:
    queries = line(
        [("14:58", "fault"), ("14:59", "producing"), ("15:18", "fault"), ("15:20", "producing")]
    )
    merged = Correction(
        "m",
        "filler-1",
        CorrectionKind.MERGE,
        at("14:58").astimezone(UTC),
        at("15:19").astimezone(UTC),
        "operator",
        NOW.astimezone(UTC),
    )
    registry_of(queries).record.correction(merged, lambda earlier: None)
    for times in (("14:00", "15:00"), ("14:00", "16:00"), ("15:00", "16:00")):
        found = stops_document(queries, "filler-1", window(*times))["stops"]
        assert {stop["category"] for stop in found} == {"major"}, times


def test_a_long_stop_at_the_windows_start_is_no_start_up(line: Callable[..., Queries]) -> None:
    """Production began at 07:00; what goes on at 10:05 after a stop does not start up."""
    queries = line([("9:30", "stopped"), ("10:05", "producing")])
    told = StopsQuestion(start_up_s=600)
    assert (
        seconds(stops_document(queries, "filler-1", window("10:00", "11:00"), told))["start_up"]
        == 0
    )


def test_a_setup_long_before_the_window_is_a_start_up_in_it(line: Callable[..., Queries]) -> None:
    queries = line([("9:00", "setup"), ("9:10", "stopped"), ("10:05", "producing")])
    told = StopsQuestion(start_up_s=600)
    found = seconds(stops_document(queries, "filler-1", window("10:00", "11:00"), told))["start_up"]
    day = seconds(stops_document(queries, "filler-1", window("7:00", "22:00"), told))["start_up"]
    assert found == pytest.approx(day)
    assert found > 0


def test_a_stop_longer_than_anyone_looks_back_is_told_all_the_same(
    line: Callable[..., Queries],
) -> None:
    before = FIRST - timedelta(days=20)
    queries = line([("20:00", "producing")], first=before)
    rows: list[dict[str, object]] = [
        {"signal": "state", "time": time, "value": float(state.code), "text": state.value}
        for time, state in (
            (before + timedelta(hours=1), MachineState.FAULT),
            (FIRST, MachineState.STOPPED),
        )
    ]
    store_of(queries).append([batch(2, sample_frame("filler-1", "filler", rows))])
    (stop,) = stops_document(queries, "filler-1", window("8:00", "9:00"))["stops"]
    assert (stop["state"], stop["continued"], stop["category"]) == ("fault", True, "major")
