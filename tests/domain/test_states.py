"""The closed lists of states, modes, plans and time classes."""

from __future__ import annotations

from domain.states import MachineMode, MachineState, Plan, TimeClass


def test_codes_are_permanent() -> None:
    """They are stored and sealed: a new member goes to the end, an old one never moves."""
    assert MachineState.names() == (
        "unknown",
        "producing",
        "idle",
        "starved",
        "blocked",
        "setup",
        "stopped",
        "fault",
        "maintenance",
        "off",
    )
    assert MachineMode.names() == ("unknown", "produce", "maintenance", "manual")
    assert Plan.names() == ("not_planned", "busy", "planned_down")
    assert TimeClass.UNKNOWN.code == 7
