"""What is kept of a machine: one after the other, and as it lies in a chunk."""

from __future__ import annotations

from edge.spool.kept import KNOWN_MESSAGES_MAX, Kept, folded, kept_of, kept_text


def test_the_last_totals_hold_and_all_messages_are_known() -> None:
    rows = [
        Kept("l/a", "1", ("x",)),
        Kept("l/b", "7"),
        Kept("l/a", "2", ("y", "z")),
        Kept("l/a", "", ("w",)),
    ]
    assert folded(rows) == {"l/a": Kept("l/a", "2", ("x", "y", "z", "w")), "l/b": Kept("l/b", "7")}


def test_of_messages_the_last_are_known() -> None:
    rows = [Kept("l/a", "1", (str(n),)) for n in range(KNOWN_MESSAGES_MAX + 3)]
    messages = folded(rows)["l/a"].messages
    assert (messages[0], messages[-1], len(messages)) == (
        "3",
        str(KNOWN_MESSAGES_MAX + 2),
        KNOWN_MESSAGES_MAX,
    )


def test_as_it_lies_in_a_chunk() -> None:
    rows = {"線/機": Kept("線/機", '{"a": "\\n\n"}', ("x", "y"))}
    text = kept_text(rows)
    assert "\n" not in text
    assert kept_of(text) == [*rows.values()]
    assert (kept_text({}), kept_of("")) == ("", [])
