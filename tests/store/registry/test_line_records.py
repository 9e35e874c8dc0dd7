"""Corrections, frozen periods and earlier views in a registry on a real SQLite file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from polars.testing import assert_frame_equal
from sqlalchemy import create_engine, text
from telemetry import facts

from domain.corrections import Correction, CorrectionKind, LineCorrections
from domain.errors import BusyError, InputError, NotFoundError, StorageError
from domain.time import Window
from store.files.plant import read_plant
from store.registry.accepted_periods import FrozenPeriod, facts_of_bytes
from store.registry.database import MIGRATIONS
from store.registry.registry import Registry

NOW = datetime(2026, 3, 3, 4, 5, 6, 789_012, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLANT = (Path(__file__).parents[1] / "files" / "examples" / "plant.yaml").read_text("utf-8")


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    yield registry
    registry.close()


def quantity(identity: str, recorded_at: datetime = NOW, line: str = "filler-1") -> Correction:
    return Correction(
        id=identity,
        line=line,
        kind=CorrectionKind.QUANTITY,
        start=NOW - 3 * HOUR,
        end=NOW - 2 * HOUR - timedelta(microseconds=1),
        author="陳大文",
        recorded_at=recorded_at,
        element="reject_count",
        amount=0.1 + 0.2,
        comment="重新點算",
    )


def withdrawal(of: Correction, recorded_at: datetime) -> Correction:
    return Correction(
        id=f"no-{of.id}",
        line=of.line,
        kind=CorrectionKind.WITHDRAWAL,
        start=of.start,
        end=of.end,
        author="Ann",
        recorded_at=recorded_at,
        withdraws=of.id,
    )


def let_in(_earlier: Sequence[object]) -> None:
    """Whatever comes."""


# corrections


def test_a_correction_comes_back_as_it_was(registry: Registry, tmp_path: Path) -> None:
    first, other = quantity("a"), quantity("b", line="packer-1")
    registry.add_correction(first, let_in)
    registry.add_correction(other, let_in)
    registry.close()
    again = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    assert again.corrections("filler-1") == [first]
    assert again.correction("b") == other
    assert again.corrections("filler-9") == []
    with pytest.raises(NotFoundError, match="there is no correction 'c'"):
        again.correction("c")
    again.close()


def test_the_check_sees_what_was_recorded_and_its_refusal_leaves_nothing(
    registry: Registry,
) -> None:
    first = quantity("a")
    registry.add_correction(first, let_in)
    seen: list[object] = []

    def refuse(earlier: Sequence[Correction]) -> None:
        seen.extend(earlier)
        raise InputError("no")

    with pytest.raises(InputError, match="no"):
        registry.add_correction(quantity("b"), refuse)
    assert seen == [first]
    assert registry.corrections("filler-1") == [first]


def test_an_id_is_taken_once(registry: Registry) -> None:
    registry.add_correction(quantity("a"), let_in)
    with pytest.raises(BusyError, match="Nothing was changed"):
        registry.add_correction(quantity("a"), let_in)
    assert len(registry.corrections("filler-1")) == 1


def test_of_two_registries_on_one_database_the_slower_is_told_to_look_again(
    tmp_path: Path,
) -> None:
    """Two processes check at the same moment, see nothing, and write what contradicts."""
    one, two = (Registry(tmp_path / "registry.sqlite", tmp_path / "documents") for _ in range(2))

    def meanwhile(_earlier: Sequence[Correction]) -> None:
        two.add_correction(quantity("b"), let_in)

    with pytest.raises(BusyError, match="at the same moment"):
        one.add_correction(quantity("a"), meanwhile)
    assert [it.id for it in one.corrections("filler-1")] == ["b"]
    two.add_correction(withdrawal(quantity("b"), NOW), let_in)
    assert [it.id for it in one.corrections("filler-1")] == ["b", "no-b"], "though b was read"
    assert one.line_corrections("filler-1").in_force == ()
    one.close()
    two.close()


def test_what_held_at_an_earlier_time(registry: Registry) -> None:
    first, second = quantity("a"), quantity("b", NOW + HOUR)
    gone = withdrawal(first, NOW + 2 * HOUR)
    for it in (first, second, gone):
        registry.add_correction(it, let_in)
    assert registry.corrections("filler-1", NOW + HOUR) == [first, second]
    view = registry.as_known_at(NOW + HOUR)
    assert view.corrections("filler-1") == [first, second]
    assert view.corrections("filler-1", NOW) == [first]
    assert view.line_corrections("filler-1") == LineCorrections((first, second))
    assert registry.line_corrections("filler-1").in_force == (second,)
    with pytest.raises(NotFoundError):
        view.correction(gone.id)


def test_what_facts_do_not_follow_yet_is_remembered(registry: Registry, tmp_path: Path) -> None:
    """A crash between the computing and the word of it repeats the work, never skips it."""
    first, second = quantity("a"), quantity("b", NOW + HOUR)
    registry.add_correction(first, let_in)
    assert registry.line_corrections("filler-1") == LineCorrections((first,), (first,), 1)
    registry.mark_applied("filler-1", 1)
    registry.add_correction(second, let_in)
    registry.add_correction(withdrawal(first, NOW + HOUR), let_in)
    registry.close()
    again = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    found = again.line_corrections("filler-1")
    assert found.in_force == (second,)
    assert [it.id for it in found.not_yet_applied] == ["b", "no-a"]
    again.mark_applied("filler-1", found.last)
    assert again.line_corrections("filler-1").not_yet_applied == ()
    again.close()


# frozen periods


def test_frozen_facts_come_back_to_the_bit(registry: Registry, tmp_path: Path) -> None:
    window = Window(NOW - 2 * HOUR, NOW)
    slices = [(NOW - 2 * HOUR, NOW - HOUR), (NOW - HOUR, NOW)]
    kept = facts(slices, total_count=0.1 + 0.2, reason_kind="planned", flags=5)
    period = registry.freeze("filler-1", window, kept, "Officer", NOW, let_in)
    assert (period.line, period.window, period.author) == ("filler-1", window, "Officer")
    registry.close()
    again = Registry(tmp_path / "registry.sqlite", tmp_path / "documents")
    assert again.frozen("filler-1") == [period]
    assert_frame_equal(again.frozen_facts(period), kept)
    assert again.frozen("packer-1") == []
    assert again.as_known_at(NOW - HOUR).frozen("filler-1") == []
    assert again.as_known_at(NOW).frozen("filler-1") == [period]
    again.close()


def test_a_refused_period_is_not_frozen(registry: Registry) -> None:
    window = Window(NOW - HOUR, NOW)
    kept = facts([(window.start, window.end)])
    registry.freeze("filler-1", window, kept, "Officer", NOW, let_in)

    def refuse(earlier: Sequence[FrozenPeriod]) -> None:
        raise InputError(f"{len(earlier)} there")

    with pytest.raises(InputError, match="1 there"):
        registry.freeze("filler-1", window, kept, "Officer", NOW, refuse)
    assert len(registry.frozen("filler-1")) == 1


def test_frozen_facts_that_were_changed_are_not_believed(
    registry: Registry, tmp_path: Path
) -> None:
    window = Window(NOW - HOUR, NOW)
    kept = facts([(window.start, window.end)], good_count=100.0)
    period = registry.freeze("filler-1", window, kept, "Officer", NOW, let_in)
    (path,) = (tmp_path / "documents").rglob(period.digest)
    better = facts([(window.start, window.end)], good_count=200.0)
    path.chmod(0o600)
    better.write_ipc(path, compression="uncompressed")
    with pytest.raises(StorageError, match="were changed after they were accepted"):
        registry.frozen_facts(period)


def test_facts_that_were_frozen_before_facts_had_all_columns_can_be_read() -> None:
    kept = facts([(NOW - HOUR, NOW)], good_count=3.0)
    buffer = BytesIO()
    kept.drop("implausible_ideal_s", "reason_kind").write_ipc(buffer)
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    assert_frame_equal(facts_of_bytes(buffer.getvalue(), digest), kept)


# views and migration


def test_a_view_has_the_plant_of_its_time(registry: Registry) -> None:
    slower = PLANT.replace("ideal_cycle_time_s: 1.0", "ideal_cycle_time_s: 1.5", 1)
    assert slower != PLANT
    for written, at in ((PLANT, NOW), (slower, NOW + HOUR)):
        registry.apply_plant(written, read_plant(written, "p.yaml"), at)

    def cycle_time_s(known: Registry) -> float | None:
        return known.plant_of_line("filler-1").lines["filler-1"].ideal_cycle_time_s

    assert cycle_time_s(registry) == 1.5
    assert cycle_time_s(registry.as_known_at(NOW + HOUR)) == 1.5
    assert cycle_time_s(registry.as_known_at(NOW + HOUR - timedelta(microseconds=1))) == 1.0
    assert cycle_time_s(registry.as_known_at(NOW - HOUR)) == 1.0, "the first one, before any"


def test_a_registry_of_the_first_version_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO plant_lines VALUES ('filler-1', 'tko-foods')"))
    engine.dispose()
    registry = Registry(path, tmp_path / "documents")
    registry.add_correction(quantity("a"), let_in)
    assert len(registry.corrections("filler-1")) == 1
    registry.close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        kept = connection.execute(text("SELECT plant FROM plant_lines")).scalars().all()
    engine.dispose()
    assert kept == ["tko-foods"]


def test_the_version_grows_by_what_is_recorded_and_by_nothing_else(registry: Registry) -> None:
    before = registry.version
    registry.corrections("filler-1")
    registry.mark_applied("filler-1", 0)
    assert registry.version == before, "how far stored facts follow is in no answer"
    registry.add_correction(quantity("q1"), let_in)
    assert registry.version > before
