"""The map file: what it may say, and how it is told what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import InputError, NotFoundError
from lineproof.history_import.file_map import AS_DOCUMENTED, WideColumn
from lineproof.history_import.map_file import read_map
from lineproof.history_import.numbers import NumberFormat


def test_an_empty_map_changes_nothing(tmp_path: Path) -> None:
    assert read_map(written(tmp_path, "columns: {}\n")) == AS_DOCUMENTED


def test_all_that_a_map_can_say(tmp_path: Path) -> None:
    text = (
        "encoding: big5\nseparator: tab\ndecimal: ','\nthousands: '.'\nskip_lines: 2\nsheet: Data\n"
        'time: "%d/%m/%Y %H:%M"\nzone: Europe/Berlin\ncolumns: {time: [Day, Clock]}\n'
        "machine: press\nmachines: {M1: press, M2: null}\ncodes: {state: {1: producing, 0: off}}\n"
        "increments: [total_count]\ninterval_s: 60\nscale: {energy: 0.001}\n"
        "wide: [{column: Run, signal: state}, {column: Wh, signal: energy, machine: meter}]\n"
    )
    found = read_map(written(tmp_path, text))
    assert (found.encoding, found.separator, found.skip_lines) == ("big5hkscs", "\t", 2)
    assert (found.numbers, found.sheet) == (NumberFormat(",", "."), "Data")
    assert (found.time, found.time_format) == (("Day", "Clock"), "%d/%m/%Y %H:%M")
    assert found.zone == "Europe/Berlin"
    assert found.machines == {"M1": "press", "M2": None}
    assert found.codes == {"state": {"1": "producing", "0": "off"}}
    assert (found.increments, found.interval_s) == (frozenset({"total_count"}), 60.0)
    assert found.wide == (WideColumn("Run", "state"), WideColumn("Wh", "energy", "meter"))
    assert found.needed == ("Day", "Clock", "Run", "Wh")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colums: {}", "line 1: field 'colums': unknown key. Did you mean 'columns'?"),
        ("time: '%H:%M'", "'%H:%M' is no way to write times"),
        ("zone: Mars/Base", "'Mars/Base' is no time zone"),
        ("encoding: klingon", "'klingon' is no encoding of text"),
        ("decimal: ;", "must be '.' or ','"),
        ("decimal: ','\nthousands: ','", "cannot both be ','"),
        ("codes:\n  state: {1: runing}", "line 2: field 'codes.state.1'"),
        ("increments: [speed]", "'speed' is no counter"),
        ("signals: {Qty: total}", "unknown signal 'total'"),
        ("scale: {energy: 0}", "scale.energy"),
        ("wide: [{column: A, signal: state}]\nsignal: state", "leave out signal"),
        ("separator: '::'", "separator"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_map(path)
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)


def test_no_map_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such file"):
        read_map(tmp_path / "none.yaml")


def written(folder: Path, text: str) -> Path:
    path = folder / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return path
