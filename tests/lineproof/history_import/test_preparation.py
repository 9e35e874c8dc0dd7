"""A history is read to its end before anything is changed."""

from __future__ import annotations

from import_plant import GOOD, Write, run

from store.node.opening import Stores


def test_progress_says_what_is_done(stores: Stores, write: Write) -> None:
    heard: list[tuple[str, int, int | None]] = []
    run(stores, write(GOOD), progress=lambda *said: heard.append(said))
    assert heard == [
        ("reading history.csv", 6, None),
        ("storing history.csv", 6, 6),
        ("computing facts", 5, 5),
    ]
