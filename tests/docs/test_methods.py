"""The page about methods: its table is that of the methods, and its example runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analytics.methods import registry
from analytics.methods.rules import Moment
from domain.states import MachineMode, MachineState, Plan, ReasonKind

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
CELLS = re.findall(r"^\| (.+?) \|$", PAGE, flags=re.MULTILINE)
ROWS = {cells[0]: cells[1:] for cells in (line.split(" | ") for line in CELLS[1:])}
NAMES = ("iso22400", "oee-com", "planned-changeover-excluded")


def moments(text: str) -> list[Moment]:
    """The moments that a row of the table speaks of."""

    def busy(state: MachineState, kind: ReasonKind | None = None, order: bool = True) -> Moment:
        return Moment(Plan.BUSY, None, order, kind, state)

    stopped = MachineState.STOPPED
    off_plan = MachineState.PRODUCING
    return {
        "producing": [busy(MachineState.PRODUCING)],
        "setup, or a stop for a changeover": [
            busy(MachineState.SETUP),
            busy(stopped, ReasonKind.SETUP),
        ],
        "maintenance that the machine reports": [
            busy(MachineState.MAINTENANCE),
            Moment(Plan.BUSY, MachineMode.MAINTENANCE, True, None, MachineState.IDLE),
        ],
        "a stop whose reason is maintenance": [busy(stopped, ReasonKind.MAINTENANCE)],
        "a stop whose reason is planned": [busy(stopped, ReasonKind.PLANNED)],
        "other stops, with an order": [busy(stopped), busy(stopped, ReasonKind.BREAKDOWN)],
        "other stops, without an order": [busy(stopped, order=False)],
        "outside the calendar's plan": [Moment(Plan.NOT_PLANNED, None, True, None, off_plan)],
        "breaks, overhauls in the calendar": [
            Moment(Plan.PLANNED_DOWN, None, True, None, off_plan)
        ],
        "nobody knows": [busy(MachineState.UNKNOWN)],
    }[text]


@pytest.mark.parametrize("text", [text for text in ROWS if text not in ("", "---")])
def test_the_table_says_what_the_methods_do(text: str) -> None:
    for name, said in zip(NAMES, ROWS[text], strict=True):
        for moment in moments(text):
            given = registry.method_named(name).time_class(moment)
            assert given.value.replace("_", " ") == said.removesuffix(" (a loss)"), (name, moment)


def test_the_table_is_there() -> None:
    assert len(ROWS) == 11  # ten and the rule below the heads
    assert all(f"`{name}`" in CELLS[0] for name in NAMES)


def test_the_example_of_another_method_runs() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    before = dict(registry.METHODS)
    try:
        exec(code, {})
        (added,) = registry.METHODS.keys() - before.keys()
        assert f'"{added}"' in code
    finally:
        for name in registry.METHODS.keys() - before.keys():
            del registry.METHODS[name]
