"""The closed list of signals, and its one open family."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import InputError
from domain.plant import CHATTER_MAX_S, REASON_REACHES_BACK
from domain.signals import REACH_MARGIN, SIGNALS, SignalKind, reach_of, signal_named


def test_an_unknown_signal_is_told_with_the_closed_list() -> None:
    with pytest.raises(InputError, match="unknown signal 'god_count'") as error:
        signal_named("god_count")
    assert all(name in str(error.value) for name in SIGNALS)


def test_process_values_are_an_open_family() -> None:
    assert signal_named("measurement.fill_weight_g").kind is SignalKind.GAUGE
    assert signal_named("measurement.fill-weight").kind is SignalKind.GAUGE
    with pytest.raises(InputError):
        signal_named("measurement.")


@pytest.mark.parametrize("name", [*SIGNALS, "measurement.fill_weight_g"])
def test_every_signal_has_its_reach(name: str) -> None:
    """The table's rule, told again by kind: what the store reads and the analytics ask for."""
    reach, kind = reach_of(name), signal_named(name).kind
    assert reach.increments is (kind is SignalKind.COUNTER)
    assert (reach.before, reach.after) == {
        SignalKind.STATE: (0, 0),
        SignalKind.COUNTER: (12, 9),
        SignalKind.GAUGE: (0, 0),
        SignalKind.TEXT: (int(name == "stop_reason"), 0),
    }[kind]
    assert reach.whole is (kind is SignalKind.COUNTER or name == "stop_reason")
    assert (reach.whole_max is not None) is (name == "stop_reason")
    assert reach.by_state is (signal_named(name).unit == "items")


def test_the_margin_holds_the_chatter_of_any_line() -> None:
    assert (
        reach_of("state").margin
        == REACH_MARGIN
        == timedelta(seconds=CHATTER_MAX_S) + REASON_REACHES_BACK
    )


def test_an_unknown_signal_has_no_reach() -> None:
    with pytest.raises(InputError, match="unknown signal 'god_count'"):
        reach_of("god_count")
