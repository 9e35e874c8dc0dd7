"""The load of a whole plant at its smallest: that nothing is lost, and that a loss would be seen.

Nothing here looks at a clock.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from plant_load import Size, intervals, measured, summary
from plant_machines import SLOTS, Machines, Tally, mixed, signal_names
from plant_parts import quantile_below
from plant_probe import quantile
from plant_store import Difference, bytes_a_line_day, difference


def test_all_that_five_lines_say_is_stored_once(tmp_path: Path) -> None:
    size = Size(lines=5, signals=10, interval_s=1, seconds=1, agents=2, settle_s=1, bare_s=1)
    load = measured(tmp_path, size)
    assert load.said > 0
    assert load.apart == Difference(missing=0, doubled=0, changed=0)
    assert load.is_whole
    assert not load.failed
    assert set(load.bytes_a_line_day) == {"archive", "telemetry", "registry", "ledger", "spool"}
    assert min(load.cpu_us, load.bare_us) > 0
    assert any("nothing lost, nothing doubled" in it for it in summary(load, size))


def test_a_loss_a_repeat_and_another_value_would_be_seen() -> None:
    said, stored = Tally.of(2, 3), Tally.of(2, 3)
    for tally in (said, stored):
        tally.counts += 7
        tally.sums += np.uint64(11)
    assert difference(said, stored).is_none
    stored.counts[0, 0], stored.counts[1, 1] = 5, 8
    stored.sums[1, 2] = 12
    assert difference(said, stored) == Difference(missing=2, doubled=1, changed=1)


def test_a_checksum_does_not_know_the_order_but_times_and_values() -> None:
    times, values = np.array([1_000, 2_000, 3_000]), np.array([0.5, 7.0, 7.0])
    whole = mixed(times, values).sum()
    assert mixed(times[::-1], values[::-1]).sum() == whole
    assert mixed(times, values + np.array([0, 0, 1e-9])).sum() != whole
    assert mixed(times + np.array([0, 1, 0]), values).sum() != whole
    assert mixed(times[[1, 0, 2]], values).sum() != whole


def test_machines_count_what_they_say(tmp_path: Path) -> None:
    machines = Machines([f"line-{it}" for it in range(40)], signals=6)
    fields = 0
    for turn in range(50):
        for slot in range(SLOTS):
            who = np.arange(slot, 40, SLOTS)
            said = machines.say(who, 1_000_000 + turn * 1000 + slot * 50, chance=0.2)
            fields += sum(message.count('"f') for _, message in said)
    machines.tally.write(tmp_path / "said.npz")
    kept = Tally.read(tmp_path / "said.npz")
    assert kept.counts.sum() == fields
    assert abs(fields - 40 * 6 * 50 * 0.2) < 300
    assert np.array_equal(kept.sums, machines.tally.sums)
    assert len(signal_names(6)) == 6


def test_sums_of_a_run() -> None:
    assert intervals(Size(1, 1, 5, 1, 1), search=True) == [80, 40, 20, 10, 5]
    assert quantile([], 0.99) != quantile([], 0.99)
    assert quantile([1, 2, 3], 0.99) == 3
    before, now = {0.1: 2.0, 0.5: 4.0}, {0.1: 3.0, 0.5: 8.0}
    assert (quantile_below(before, now, 0.2), quantile_below(before, now, 0.99)) == (0.1, 0.5)
    assert quantile_below(now, now, 0.5) == 0.0
    assert bytes_a_line_day({"a": 10}, {"a": 30}, 2, 864) == {"a": 1000.0}
