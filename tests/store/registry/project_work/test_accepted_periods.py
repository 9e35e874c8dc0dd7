"""Frozen periods: the facts as they were accepted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal
from registered import HOUR, NOW, let_in
from telemetry import facts

from domain.errors import InputError, StorageError
from domain.time import Window
from store.registry.project_work.accepted_periods import FrozenPeriod, facts_of_bytes
from store.registry.registry import Registry

REGISTRIES = ("sqlite", "postgresql")


def test_frozen_facts_come_back_to_the_bit(
    registry: Registry, tmp_path: Path, registry_place: Path | str
) -> None:
    window = Window(NOW - 2 * HOUR, NOW)
    slices = [(NOW - 2 * HOUR, NOW - HOUR), (NOW - HOUR, NOW)]
    kept = facts(slices, total_count=0.1 + 0.2, reason_kind="planned", flags=5)
    period = registry.record.freeze("filler-1", window, kept, "Officer", NOW, let_in)
    assert (period.line, period.window, period.author) == ("filler-1", window, "Officer")
    registry.close()
    again = Registry(registry_place, tmp_path / "documents")
    assert again.records.frozen("filler-1") == [period]
    assert_frame_equal(again.records.frozen_facts(period), kept)
    assert again.records.frozen("packer-1") == []
    assert again.as_known_at(NOW - HOUR).records.frozen("filler-1") == []
    assert again.as_known_at(NOW).records.frozen("filler-1") == [period]
    again.close()


def test_a_refused_period_is_not_frozen(registry: Registry) -> None:
    window = Window(NOW - HOUR, NOW)
    kept = facts([(window.start, window.end)])
    registry.record.freeze("filler-1", window, kept, "Officer", NOW, let_in)

    def refuse(earlier: Sequence[FrozenPeriod]) -> None:
        raise InputError(f"{len(earlier)} there")

    with pytest.raises(InputError, match="1 there"):
        registry.record.freeze("filler-1", window, kept, "Officer", NOW, refuse)
    assert len(registry.records.frozen("filler-1")) == 1


def test_frozen_facts_that_were_changed_are_not_believed(
    registry: Registry, tmp_path: Path
) -> None:
    window = Window(NOW - HOUR, NOW)
    kept = facts([(window.start, window.end)], good_count=100.0)
    period = registry.record.freeze("filler-1", window, kept, "Officer", NOW, let_in)
    (path,) = (tmp_path / "documents").rglob(period.digest)
    better = facts([(window.start, window.end)], good_count=200.0)
    path.chmod(0o600)
    better.write_ipc(path, compression="uncompressed")
    with pytest.raises(StorageError, match="were changed after they were accepted"):
        registry.records.frozen_facts(period)


def test_facts_that_were_frozen_before_facts_had_all_columns_can_be_read() -> None:
    kept = facts([(NOW - HOUR, NOW)], good_count=3.0)
    buffer = BytesIO()
    kept.drop("implausible_ideal_s", "reason_kind").write_ipc(buffer)
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    assert_frame_equal(facts_of_bytes(buffer.getvalue(), digest), kept)
