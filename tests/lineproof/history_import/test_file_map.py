"""Files of other systems, imported as their map says."""

from __future__ import annotations

from pathlib import Path

import pytest
from import_plant import Write, run, samples

from domain.errors import InputError
from lineproof.history_import.file_map import FileMap
from lineproof.history_import.map_file import read_map
from store.node.opening import Stores


def mapped(write: Write, text: str) -> FileMap:
    return read_map(write(text, "map.yaml"))


def told(stores: Stores) -> list[tuple[str, str, float | str]]:
    rows = samples(stores).sort("time", "machine", "signal").iter_rows(named=True)
    return [(it["machine"], it["signal"], it["text"] or it["value"]) for it in rows]


def test_columns_names_and_codes_of_another_system(stores: Stores, write: Write) -> None:
    how = mapped(
        write,
        "columns: {time: [Datum, Zeit], machine: Anlage, signal: Kanal, value: Wert}\n"
        'time: "%d.%m.%Y %H:%M"\ndecimal: ","\n'
        "machines: {A 01: filler, Zähler: meter, A 02: null}\n"
        "signals: {Status: state, Arbeit: energy, Temp: null}\n"
        "codes: {state: {1: producing, 0: stopped}}\nscale: {energy: 0.001}\n",
    )
    path = write(
        "Datum;Zeit;Anlage;Kanal;Wert\n02.03.2026;07:00;A 01;Status;1\n"
        "02.03.2026;07:00;Zähler;Arbeit;1500,5\n02.03.2026;07:30;A 02;Status;1\n"
        "02.03.2026;07:40;A 01;Temp;21,5\n\n02.03.2026;08:00;A 01;Status;0\n"
    )
    run(stores, path, file_map=how)
    assert told(stores) == [
        ("filler", "state", "producing"),
        ("meter", "energy", 1.5005),
        ("filler", "state", "stopped"),
    ]
    assert run(stores, path, file_map=how).already_imported


def test_a_column_for_each_signal(stores: Stores, write: Write) -> None:
    how = mapped(
        write,
        "machine: filler\nwide:\n- {column: Run, signal: state}\n- {column: Qty, signal: "
        "total_count}\n- {column: kWh, signal: energy, machine: meter}\n"
        "codes: {state: {'1': producing, '0': idle}}\n",
    )
    path = write("time,Run,Qty,kWh\n2026-03-02 07:00,1,10,5\n2026-03-02 08:00,0,,\n")
    run(stores, path, file_map=how)
    assert told(stores) == [
        ("filler", "state", "producing"),
        ("filler", "total_count", 10.0),
        ("meter", "energy", 5.0),
        ("filler", "state", "idle"),
    ]
    bad = write("time,Run,Qty,kWh\n2026-03-02 09:00,1,10,x\n")
    with pytest.raises(InputError, match="line 2: column 'kWh' cannot be used: 'x'"):
        run(stores, bad, file_map=how)


def test_codes_come_from_one_place(stores: Stores, write: Write) -> None:
    how = mapped(write, "codes: {state: {1: idle}}\n")
    with pytest.raises(InputError, match="not from both"):
        run(stores, Path("none.csv"), file_map=how, profile="packml/opcua")


def test_a_column_of_the_map_that_the_file_lacks_is_named(stores: Stores, write: Write) -> None:
    how = mapped(write, "columns: {value: Wert}\n")
    with pytest.raises(InputError, match=r"'Wert' is missing.*map file needs time, machine"):
        run(stores, write("time,machine,signal,value\n"), file_map=how)
