"""The closed list of signals, and its one open family."""

from __future__ import annotations

import pytest

from domain.errors import InputError
from domain.signals import SIGNALS, SignalKind, signal_named


def test_an_unknown_signal_is_told_with_the_closed_list() -> None:
    with pytest.raises(InputError, match="unknown signal 'god_count'") as error:
        signal_named("god_count")
    assert all(name in str(error.value) for name in SIGNALS)


def test_process_values_are_an_open_family() -> None:
    assert signal_named("measurement.fill_weight_g").kind is SignalKind.GAUGE
    assert signal_named("measurement.fill-weight").kind is SignalKind.GAUGE
    with pytest.raises(InputError):
        signal_named("measurement.")
