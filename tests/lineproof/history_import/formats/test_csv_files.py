"""CSV files as frames: the header's separator, rows at their lines, nothing lost between blocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import InputError
from lineproof.history_import.formats.csv_files import open_csv


@pytest.mark.parametrize("block", [None, 5, 20])
def test_rows_are_at_their_lines_wherever_blocks_are_cut(tmp_path: Path, block: int | None) -> None:
    text = 'time,note,value\n1,cap 12" jam,a\n\n2,"at\ncutter",b\n3,film 3" torn,c'
    assert rows(tmp_path, text, block) == [
        (2, "1", 'cap 12" jam', "a"),
        (4, "2", "at\ncutter", "b"),
        (6, "3", 'film 3" torn', "c"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "time;value\n1;x\n",
        "time\tvalue\n1\tx\n",
        "time|value\n1|x\n",
        "sep=;\ntime;value\n1;x\n",
        "\n\ntime,value\n1,x\n",
        '"time" , "value"\r\n"1","x"\r\n',
    ],
)
def test_the_header_shows_the_separator(tmp_path: Path, text: str) -> None:
    assert [row[1:] for row in rows(tmp_path, text)] == [("1", "x")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,value\n1,2\n1,2,3\n", "line 3: 3 values for 2 columns"),
        ('time,value\n1,x"\n1,2,"3\n"\n', "line 3: 3 values for 2 columns"),
        ('time,value\n1,"x\n2,y\n3,z"\n', "line 2: a quotation mark opens a text"),
        ('time,value\n1,"x', "line 2: a quotation mark opens a text that never ends"),
        ('"time,value\n', "line 1: the quotation marks in the header do not pair"),
        ("\n\n", "the file is empty"),
    ],
)
def test_what_is_no_row_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        rows(tmp_path, text)
    assert said in str(caught.value)


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,value,value,\n")
    names = open_csv(path, "utf-8", lambda found: True).names
    assert names == ("time", "value", "value (column 3)", "(column 4)")


def rows(folder: Path, text: str, block: int | None = None) -> list[tuple[int | str, ...]]:
    """The rows that are not empty."""
    path = folder / "a.csv"
    path.write_bytes(text.encode())
    file = open_csv(path, "utf-8", lambda names: {"time", "value"} <= set(names))
    found = [row for frame in file.frames(block) for row in frame.rows()]
    return [row for row in found if any(cell is not None for cell in row[1:])]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_header_of_very_many_columns_is_told_soon(tmp_path: Path, mark: str) -> None:
    with pytest.raises(InputError, match=r"line 1: the header has more than 16,384 columns"):
        rows(tmp_path, f"{mark.join('x' * 16_385)}\n1\n")
