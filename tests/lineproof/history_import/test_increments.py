"""Counts that a file gives as increments: every one counts once, or the file is refused."""

from __future__ import annotations

import pytest
from import_plant import Write, facts, ledger, run, samples

from domain.errors import InputError
from lineproof.history_import.file_map import FileMap
from lineproof.history_import.map_file import read_map
from store.node.opening import Stores

PULSES = "time,n\n" + "".join(f"2026-03-02 08:{minute:02}:00,{minute}\n" for minute in range(1, 6))
INCREMENTS = (
    "machine: filler\nsignal: total_count\ncolumns: {value: n}\nincrements: [total_count]\n"
)


def test_increments_become_totals(stores: Stores, write: Write) -> None:
    how = mapped(write, INCREMENTS + "interval_s: 60\n")
    run(stores, write(PULSES), file_map=how, until="2026-03-02T10:00")
    assert samples(stores)["value"].to_list() == [*[0.0] * 4, 1.0, 3.0, 6.0, 10.0, 15.0]
    assert facts(stores)["total_count"].sum() == 15.0


def test_without_their_interval_the_first_increment_only_begins_the_count(
    stores: Stores, write: Write
) -> None:
    run(stores, write(PULSES), file_map=mapped(write, INCREMENTS))
    assert samples(stores)["value"].to_list() == [*[0.0] * 4, 2.0, 5.0, 9.0, 14.0]


def test_pulses_of_one_instant_all_count_wherever_chunks_are_cut(
    stores: Stores, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineproof.history_import.formats.text_files.BLOCK_BYTES", 25)
    text = "time,n\n" + "2026-03-02 08:01,1\n" * 3 + "2026-03-02 08:02,1\n" * 4
    run(stores, write(text), file_map=mapped(write, INCREMENTS + "interval_s: 60\n"))
    assert samples(stores)["value"].to_list() == [*[0.0] * 4, 3.0, 7.0]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("2026-03-02 08:00:00,1", "line 7: the increment of total_count is earlier"),
        ("2026-03-02 09:00:00,-1", "line 7: the increment of total_count cannot be used: '-1'"),
        ("2026-03-02 09:00:00,x", "line 7: the increment of total_count cannot be used: 'x'"),
    ],
)
def test_increments_that_do_not_add_up_are_refused(
    stores: Stores, write: Write, row: str, what: str
) -> None:
    how = mapped(write, INCREMENTS)
    with pytest.raises(InputError, match=what):
        run(stores, write(PULSES + row + "\n"), file_map=how, keep_good=True)
    assert ledger(stores) == []


def test_files_that_follow_each_other_count_the_same_in_any_order(
    stores: Stores, write: Write
) -> None:
    how = mapped(write, INCREMENTS + "interval_s: 60\n")
    first = write("time,n\n2026-03-02 08:01,5\n2026-03-02 08:02,6\n", "first.csv")
    second = write("time,n\n2026-03-02 08:03,40\n2026-03-02 08:04,2\n", "second.csv")
    state = write(
        "time,machine,signal,value\n2026-03-02 07:00,filler,state,producing\n"
        "2026-03-02 10:00,filler,state,idle\n",
        "state.csv",
    )
    run(stores, state)
    run(stores, second, first, file_map=how)
    assert samples(stores).filter(signal="total_count")["value"].to_list() == [
        *(*[0.0] * 4, 5.0, 11.0),
        *(*[0.0] * 4, 40.0, 42.0),
    ]
    assert facts(stores)["total_count"].sum() == 53.0


def mapped(write: Write, text: str) -> FileMap:
    return read_map(write(text, "map.yaml"))
