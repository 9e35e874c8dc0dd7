"""A PackML machine that nobody here wrote, watched live: the figures equal its own timeline.

The machine prints what it did and when by its own clock; that is the truth. It is killed in
full production and comes back after some seconds with items that it made meanwhile. What the
node shows must equal the truth to the millisecond wherever it knows the state, may know it a
publishing interval less at the break, and must not know it while the machine was away.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from command_line import Node, answer, node
from node_machine import NodeMachine, Truth, node_machine
from peers import free_port, wait_until

INTERVAL_S = 0.5  # the publishing interval
AWAY_S = 3.0  # at least: then it has to start
# A busy node may read what came before the kill so much later.
READ_LATE_S = 2.0
CYCLE_S = 0.2
MADE_AWAY, REJECTED_AWAY = 3, 1
CLASSES = (
    "production_time_s",
    "setup_time_s",
    "delay_time_s",
    "down_time_s",
    "maintenance_time_s",
    "unknown_time_s",
)

Event = dict[str, Any]


def items(start_s: float, end_s: float, first: int) -> list[Event]:
    """An item each quarter of a second, from number `first` on."""
    count = round((end_s - start_s) * 4)
    return [{"at_s": start_s + n / 4, "total": first + n} for n in range(count)]


# Execute, starved, Execute, by hand, a fault, Execute until the machine is killed. The first
# item is a reject: the window begins with it. Later ones are rejected a moment after they were
# made, once in another state.
FIRST_LIFE: list[Event] = [
    {"at_s": 0, "state": "Execute"},
    {"at_s": 0.1, "total": 1, "defective": 1},
    *items(0.35, 2, 2),
    {"at_s": 2.2, "defective": 2},
    {"at_s": 2.1, "state": "Suspended", "starved": True},
    {"at_s": 3.5, "state": "Execute", "starved": False},
    *items(3.6, 4.6, 9),
    {"at_s": 4.5, "defective": 3},
    {"at_s": 4.8, "state": "Stopped", "mode": 3},
    {"at_s": 6, "state": "Aborted", "mode": 1, "stop_reason": 7},
    {"at_s": 7.2, "state": "Execute", "stop_reason": 0},
    *items(7.3, 60, 13),
]
KILLED_AT_ITEM = 25  # in its eleventh second
RESTS = 8  # answers in four seconds


def second_life(total: int, defective: int) -> tuple[Event, list[Event]]:
    """How the machine comes back, and what it then does until it rests; its speed goes on
    trembling, so that it is heard at once and not by the next keep-alive."""
    initial = {"state": "Execute", "mode": 1, "total": total, "defective": defective}
    return initial, [
        *items(0.1, 2, total + 1),
        {"at_s": 1.2, "defective": defective + 1},
        {"at_s": 2.5, "state": "Held"},
        {"at_s": 3.7, "state": "Execute"},
        *items(3.8, 4.8, total + 9),
        {"at_s": 5.2, "state": "Idle"},
        *({"at_s": 5.5 + step / 2, "speed": step / 100} for step in range(60)),
    ]


@dataclass(frozen=True)
class Past:
    """What the machine did in both lives, by its own clock; when it was away, by ours; and up
    to when the node had heard it, asked just before the kill and after the return."""

    lives: tuple[NodeMachine, NodeMachine]
    killed: datetime
    heard_before: datetime
    heard_after: datetime

    def truth(self, name: str) -> list[Truth]:
        return [it for life in self.lives for it in life.truth(name)]

    @property
    def start(self) -> datetime:
        """The first item: from here on every item lies inside the window."""
        return next(it.time for it in self.truth("total") if it.value == 1)

    @property
    def last(self) -> datetime:
        return self.truth("state")[-1].time

    def counted(self, name: str, since: datetime) -> int:
        """Items counted after `since`: the counter went on where it stood."""
        values = self.truth(name)
        before = [it.value for it in values if it.time <= since]
        return int(values[-1].value - before[-1])

    def classes(self) -> list[tuple[datetime, str]]:
        """From when on the machine's time was of which class."""
        events = sorted(
            (it for name in ("state", "mode") for it in self.truth(name)), key=lambda it: it.time
        )
        held: dict[str, Any] = {}
        changes = []
        for it in events:
            held[it.signal] = it.value
            changes.append((it.time, time_class(held.get("state"), held.get("mode"))))
        return changes


def time_class(state: str | None, mode: int | None) -> str:
    if mode == 3:
        return "setup_time_s"
    return "production_time_s" if state == "Execute" else "delay_time_s"


def plant_file(folder: Path, machine_port: int) -> Path:
    file = folder / "plant.yaml"
    file.write_text(
        f"""
plant: test
timezone: Asia/Hong_Kong
company: {{name: {{en: Test Ltd}}}}
lines:
  filler-1:
    name: {{en: Filling line 1}}
    ideal_cycle_time_s: {CYCLE_S}
    machines:
      filler:
        profile: packml/opcua
        connection:
          url: opc.tcp://127.0.0.1:{machine_port}
          security: none
          publishing_interval_ms: {INTERVAL_S * 1000:.0f}
    roles: {{state: filler, total_count: filler, good_count: filler}}
"""
    )
    return file


def live_state(running: Node) -> str:
    return str(running.get("lines/filler-1")["state"])


def kpi(running: Node, start: datetime, end: datetime) -> dict[str, Any]:
    """The one row of the window: the same by command line and by HTTP."""
    window = {"start": start.isoformat(), "end": end.isoformat()}
    by_http = running.get("lines/filler-1/kpis", **window)
    options = ("--start", window["start"], "--end", window["end"])
    by_command = answer("kpi", "--url", running.url, "--line", "filler-1", *options)
    assert by_command == by_http
    (row,) = by_http
    assert isinstance(row, dict)
    return row


def intervals(
    running: Node, start: datetime, end: datetime
) -> list[tuple[datetime, datetime, str]]:
    rows = running.get("lines/filler-1/states", start=start.isoformat(), end=end.isoformat())
    return [
        (datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"]), row["state"])
        for row in rows
    ]


@contextlib.contextmanager
def watched_machine(tmp_path: Path) -> Iterator[tuple[NodeMachine, Node]]:
    """The machine in its first life, still idle, and a node that begins to watch it."""
    port = free_port()
    with (
        node_machine(
            tmp_path, FIRST_LIFE, port=port, initial={"state": "Idle"}, start_on_signal=True
        ) as first,
        node(tmp_path / "data", plant_file(tmp_path, port)) as running,
    ):
        yield first, running


def play(tmp_path: Path, first: NodeMachine, running: Node) -> Past:
    """Both lives of the machine, watched by the node."""
    wait_until(lambda: live_state(running) == "idle", "the node to see the machine")
    first.process.send_signal(signal.SIGUSR2)
    wait_until(lambda: len(first.truth("state")) > 1, "the timeline to begin")
    wait_until(
        lambda: first.truth("total")[-1].value >= KILLED_AT_ITEM, "the first life to be lived"
    )
    due = datetime.now(UTC)
    wait_until(lambda: heard(running) > due, "the node to have heard that")
    heard_before = heard(running)
    first.process.kill()
    first.process.wait()
    killed = datetime.now(UTC)
    time.sleep(AWAY_S)
    total = first.truth("total")[-1].value + MADE_AWAY
    defective = first.truth("defective")[-1].value + REJECTED_AWAY
    initial, timeline = second_life(total, defective)
    with node_machine(
        tmp_path, timeline, port=first.port, initial=initial, start_on_signal=True
    ) as second:
        back = datetime.now(UTC)
        wait_until(lambda: heard(running) > back, "the node to hear the machine again")
        second.process.send_signal(signal.SIGUSR2)
        past = Past((first, second), killed, heard_before, heard(running))
        wait_until(lambda: past.truth("state")[-1].value == "Idle", "the timeline to end")
        end = past.last + timedelta(seconds=1)
        wait_until(lambda: is_whole(running, past.start, end), "the end to be sealed")
    last: list[bool] = []

    def is_at_rest() -> bool:
        last.append(is_whole(running, past.start, end))
        time.sleep(0.5)
        return all(last[-RESTS:]) and len(last) >= RESTS

    wait_until(is_at_rest, "the figures to stay as they are")
    return past


def is_whole(running: Node, start: datetime, end: datetime) -> bool:
    """Whether the machine's rest is known up to the end, and states and figures say the same: they
    are asked one after the other, while batches come."""
    states = intervals(running, start, end)
    window = {"start": start.isoformat(), "end": end.isoformat()}
    (row,) = running.get("lines/filler-1/kpis", **window)
    made = sum(((to - at).total_seconds() for at, to, it in states if it == "producing"), 0.0)
    is_known = states[-1][1:] == (end, "idle") and datetime.fromisoformat(row["end"]) == end
    return is_known and row["production_time_s"] == pytest.approx(made, abs=1e-6)


def heard(running: Node) -> datetime:
    return datetime.fromisoformat(running.get("lines/filler-1")["last_heard"])


def test_a_machine_that_goes_away_and_comes_back_is_shown_as_it_was(tmp_path: Path) -> None:
    with watched_machine(tmp_path) as (first, running):
        past = play(tmp_path, first, running)
        start, end = past.start, past.last + timedelta(seconds=1)
        row = kpi(running, start, end)
        states = intervals(running, start, end)
        gaps = [(begin, finish) for begin, finish, state in states if state == "unknown"]
        assert len(gaps) == 1, f"unknown besides the time away: {states}"
        check_gap(past, *gaps[0])
        check_times(past, row, gaps[0], start, end)
        check_counts(past, row, gaps[0], start)


def check_gap(past: Past, begin: datetime, finish: datetime) -> None:
    """Unknown from the last confirmation before the machine went until it was heard again."""
    assert past.heard_before <= begin <= past.killed + timedelta(seconds=READ_LATE_S)
    assert past.lives[1].truth("state")[0].time <= finish <= past.heard_after


def check_times(
    past: Past,
    row: dict[str, Any],
    gap: tuple[datetime, datetime],
    start: datetime,
    end: datetime,
) -> None:
    expected = Counter({"unknown_time_s": (gap[1] - gap[0]).total_seconds()})
    changes = [*past.classes(), (end, "")]
    for (begin, name), (finish, _) in pairwise(changes):
        for low, high in ((start, gap[0]), (gap[1], end)):
            expected[name] += max(0.0, (min(finish, high) - max(begin, low)).total_seconds())
    for name in CLASSES:
        assert row[name] == pytest.approx(expected[name], abs=0.0015), name
    assert sum(row[name] for name in CLASSES) == pytest.approx((end - start).total_seconds())
    assert row["unknown_time_s"] >= AWAY_S - READ_LATE_S
    assert min(expected[name] for name in CLASSES[:3]) > 1.0, "the timeline shows nothing"


def check_counts(
    past: Past, row: dict[str, Any], gap: tuple[datetime, datetime], start: datetime
) -> None:
    total, rejected = past.counted("total", start), past.counted("defective", start)
    assert row["total_count"] == pytest.approx(total, abs=1e-9)
    assert row["reject_count"] == pytest.approx(rejected, abs=1e-9)
    assert row["good_count"] == pytest.approx(total - rejected, abs=1e-9)
    assert row["quality_ratio"] == pytest.approx((total - rejected) / total)
    unknown = items_between(past.truth("total"), *gap)
    assert unknown >= MADE_AWAY
    assert row["total_count_unknown"] == pytest.approx(unknown, abs=1.0)
    known = total - row["total_count_unknown"]
    effectiveness = known * CYCLE_S / row["production_time_s"]
    busy = row["planned_busy_time_s"] - row["unknown_time_s"]
    assert row["effectiveness"] == pytest.approx(effectiveness)
    assert row["availability"] == pytest.approx(row["production_time_s"] / busy)
    factors = row["availability"] * row["effectiveness"] * row["quality_ratio"]
    assert row["oee"] == pytest.approx(factors)
    assert row["oee_low"] <= row["oee"] <= row["oee_high"]
    assert row["coverage"] == pytest.approx(busy / row["planned_busy_time_s"])
    assert "gap" in row["flags"]
    assert not {"counter_reset", "good_exceeds_total"} & set(row["flags"])


def items_between(counts: Sequence[Truth], begin: datetime, finish: datetime) -> int:
    """How far the counter went while nobody knew what the machine did."""
    before = [it.value for it in counts if it.time <= begin]
    after = [it.value for it in counts if it.time <= finish]
    return int(after[-1] - before[-1])
