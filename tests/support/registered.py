"""What is registered in tests of the registry: a plant, its grant, and what people say of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.corrections import Correction, CorrectionKind
from domain.plan_changes import PlanChange
from domain.plant import CalendarException
from store.files.grant import read_grant
from store.files.plant import read_plant
from store.registry.plant_saves import PlantSave
from store.registry.registry import Registry

EXAMPLES = Path(__file__).parents[1] / "store" / "files" / "examples"
PLANT = (EXAMPLES / "plant.yaml").read_text(encoding="utf-8")
GRANT = (EXAMPLES / "grant.yaml").read_text(encoding="utf-8")
NOW = datetime(2026, 3, 1, 18, 30, 6, 789_012, tzinfo=UTC)
LATER = NOW + timedelta(days=1, microseconds=7)
HOUR = timedelta(hours=1)


def apply_plant(registry: Registry, written: str = PLANT, now: datetime = NOW) -> list[str]:
    return registry.apply.plant(written, read_plant(written, "p.yaml"), now, file="p.yaml")


def save_plant(registry: Registry, added: str, save: PlantSave, now: datetime = NOW) -> list[str]:
    """PLANT with a comment behind it, saved by a person."""
    written = f"{PLANT}# {added}\n"
    return registry.apply.plant(written, read_plant(written, "p.yaml"), now, save=save)


def apply_grant(registry: Registry, written: str = GRANT, now: datetime = NOW) -> list[str]:
    return registry.apply.project(written, read_grant(written, "g.yaml"), now, file="g.yaml")


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


def closure(identity: str, author: str) -> PlanChange:
    """A month later an hour is closed."""
    start = NOW + timedelta(days=30)
    closed = CalendarException(start, start + HOUR, "closed", f"told by {author}", author)
    return PlanChange(identity, "filler-1", author, NOW, closed)


def let_in(_earlier: Sequence[object]) -> None:
    """Whatever comes."""


def let_in_beside(_steps: Sequence[object], _conflicts: Sequence[object]) -> None:
    """The same of a step of a milestone."""


def let_in_frozen(_window: object) -> Callable[[Sequence[object]], None]:
    """And of what it accepts."""
    return let_in
