"""How long work says how far it is."""

from __future__ import annotations

from lineproof.progress import adding_up


def test_parts_add_up_and_what_was_expected_may_be_too_little() -> None:
    told: list[tuple[str, int, int | None]] = []
    tell = adding_up(lambda *step: told.append(step), "copying", 10)
    for part in (4, 6, 5):
        tell(part)
    assert told == [("copying", 4, 10), ("copying", 10, 10), ("copying", 15, 15)]
    adding_up(None, "copying", 10)(4)  # nobody looks
