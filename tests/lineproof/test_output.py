"""What people read: numbers, times, tables, and one JSON document."""

from __future__ import annotations

import json

import pytest
from rich.progress import TextColumn

from lineproof import output


def test_what_has_no_value_is_a_dash() -> None:
    assert (output.percent(None), output.number(None)) == ("–", "–")
    assert (output.percent(0.71256), output.percent(0.0)) == ("71.3", "0.0")
    assert (output.number(1234.5), output.number(1234.5, 1)) == ("1,234", "1,234.5")


def test_times_are_cut_not_converted() -> None:
    assert output.second("2026-03-02T07:00:00.5+08:00") == "2026-03-02 07:00:00"
    assert output.minute("2026-03-02T07:00:00+08:00") == "2026-03-02 07:00"


def test_the_document_is_all_that_is_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_json({"reason": "卡料", "value": None})
    output.note("by the way")
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"reason": "卡料", "value": None}
    assert "卡料" in printed.out
    assert printed.err == "by the way\n"


def test_what_is_no_number_in_json_is_an_error_of_ours() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        output.print_json({"oee": float("nan")})


def test_a_table_in_a_pipe_has_whole_rows(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table("Stops", ("Reason", "Duration s"), [("x" * 90, "5"), ("jam", "1,234")])
    lines = capsys.readouterr().out.splitlines()
    (long,) = (line for line in lines if "xxx" in line)
    (short,) = (line for line in lines if "jam" in line)
    assert "x" * 90 in long
    assert long.rstrip(" │").endswith(" 5"), "numbers align right"
    assert len(long) == len(short)


FOREIGN = "\x1b[2J\x9b1A\u202e\r[red]x[/red] [/y]"
SHOWN = r"\x1b[2J\x9b1A\x202e\x0d[red]x[/red] [/y]"


def test_foreign_texts_in_a_table_are_neither_style_nor_control(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = (FOREIGN, output.styled(FOREIGN, "red"))
    output.print_table(FOREIGN, (FOREIGN, "B"), [row], caption=FOREIGN)
    printed = capsys.readouterr().out
    assert printed.count(SHOWN) == 5
    assert not set(printed) & set("\x1b\x9b\u202e\r")


def test_foreign_texts_in_lines_move_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    output.say(f"{FOREIGN}\nnext")
    output.note(FOREIGN)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (f"{SHOWN}\nnext\n", f"{SHOWN}\n")


def test_foreign_texts_in_the_document_are_what_they_are_and_move_no_cursor(
    capsys: pytest.CaptureFixture[str],
) -> None:
    document = {f"{FOREIGN}\U000e0001": [FOREIGN, "卡料\u3000x"]}
    output.print_json(document)
    printed = capsys.readouterr().out
    assert json.loads(printed) == document
    assert not set(printed) & set("\x1b\x9b\u202e\r\U000e0001")
    assert "卡料\u3000x" in printed


def test_foreign_texts_in_a_progress_bar_are_no_style() -> None:
    bar = output.progress_bar()
    output.Steps(bar)("[/x].csv", 1, 2)
    (column,) = (it for it in bar.columns if type(it) is TextColumn)
    assert str(column.render(bar.tasks[0])) == "[/x].csv"
