"""What applying a file changes, what it says of that, and what it refuses."""

from __future__ import annotations

import pytest
from registered import GRANT, LATER, NOW, PLANT, apply_grant, apply_plant
from spoilt import changed
from translatable import left_in_english

from domain.errors import InputError, NotFoundError
from store.registry.registry import Registry

REGISTRIES = ("sqlite", "postgresql")


def test_the_same_plant_again_changes_nothing(registry: Registry) -> None:
    apply_plant(registry)
    assert apply_plant(registry, now=LATER) == []
    (version,) = registry.plants.history("tko-foods")
    assert (version.number, version.applied_at) == (1, NOW)


def test_what_changed_is_said_by_line(registry: Registry) -> None:
    apply_plant(registry)
    line = PLANT[PLANT.index("  filler-1:\n") :]
    more = changed(PLANT, "timezone: Asia/Hong_Kong", "timezone: Asia/Tokyo")
    more = changed(more, "  filler-1:\n", "  filler-9:\n") + line
    more = changed(more, "minor_stop_s: 120", "minor_stop_s: 60")
    overhaul = "exception 2026-03-02T07:00{0} to 2026-03-02T15:00{0} planned_down (annual overhaul)"
    assert apply_plant(registry, more) == [
        "plant tko-foods: zone changed",
        # Exceptions of the calendar are in the plant's zone, so this one moved.
        f"calendar two-shift: {overhaul.format('+09:00')}: new",
        f"calendar two-shift: {overhaul.format('+08:00')}: removed",
        "line filler-9: new, with machines filler, meter, checkweigher, old-press",
    ]
    assert apply_plant(registry, changed(more, line, ""))[-1:] == ["line filler-1: removed"]
    with pytest.raises(NotFoundError, match=r"no line 'filler-1'.*Did you mean 'filler-9'"):
        registry.plants.of_line("filler-1")


def test_a_funded_line_cannot_be_removed(registry: Registry) -> None:
    apply_plant(registry)
    apply_grant(registry)
    renamed = changed(PLANT, "  filler-1:\n", "  filler-2:\n")
    with pytest.raises(InputError, match="'filler-1' is gone, but project NIFS-2025-017") as caught:
        apply_plant(registry, renamed)
    assert left_in_english(caught.value) == []
    assert len(registry.plants.history("tko-foods")) == 1


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "lines: [filler-1]",
            "lines: [filler-1, filler-2]",
            r"g\.yaml, line 4: .*no line 'filler-",
        ),
        ("plant: tko-foods", "plant: tko-food", r"g\.yaml, line 3: .*Did you mean 'tko-foods'"),
    ],
)
def test_a_grant_for_what_does_not_exist_is_refused(
    registry: Registry, old: str, new: str, sentence: str
) -> None:
    apply_plant(registry)
    with pytest.raises(InputError, match=sentence) as caught:
        apply_grant(registry, changed(GRANT, old, new))
    assert left_in_english(caught.value) == []
    assert registry.projects.all() == []


def test_a_grant_before_its_plant_is_told_to_wait(registry: Registry) -> None:
    with pytest.raises(
        InputError, match=r"There is none yet: apply its plant file first\."
    ) as caught:
        apply_grant(registry)
    assert left_in_english(caught.value) == []


def test_a_line_of_another_plant_is_refused(registry: Registry) -> None:
    apply_plant(registry)
    other = changed(PLANT, "plant: tko-foods", "plant: other")
    with pytest.raises(InputError, match="'tko-foods' has a line of that name already") as caught:
        apply_plant(registry, other)
    assert left_in_english(caught.value) == []


def test_a_change_request_or_shift_that_nobody_knows_is_refused(registry: Registry) -> None:
    apply_plant(registry)
    with pytest.raises(InputError, match="has no change request 7") as caught:
        apply_grant(registry, f"{GRANT}change_requests: [7]\n")
    assert left_in_english(caught.value) == []
    assert "nothing was changed" in str(caught.value)
