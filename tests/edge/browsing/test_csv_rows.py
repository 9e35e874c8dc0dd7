"""Messages of rows of columns: what is one, and what only looks like it."""

from __future__ import annotations

import pytest

from device_profiles.model.addresses import PayloadForm
from edge.browsing.csv_rows import csv_form, named_columns
from edge.browsing.found import leaves
from edge.sources.mqtt.payload import of_form


@pytest.mark.parametrize(
    ("payload", "form"),
    [
        ("2026-03-02T10:00:00;6;1204", PayloadForm("csv", ";")),
        ("6\t7,5\tRUN\x00", PayloadForm("csv", "\t")),
        ("10:00:00,6", PayloadForm("csv", ",")),
        ("6|1204\r\n6|1205\r\n", PayloadForm("csv", "|")),
        ("state;good\n6;1204", PayloadForm("csv", ";", header=True)),
        ("state,good/bad\n6,1204\n6,1205", PayloadForm("csv", ",", header=True)),
        ("state;state\n6;1204", PayloadForm("csv", ";")),
        ("12,5", None),
        ("Jam, 12", None),
        ("ready; steady", None),
        ("1;2\n3;4;5", None),
        ('"1;2', None),
        ("", None),
        ("7", None),
        ("1;" * 60_000, None),
    ],
)
def test_rows_of_columns(payload: str, form: PayloadForm | None) -> None:
    assert csv_form(payload.encode()) == form


@pytest.mark.parametrize(
    ("payload", "columns"),
    [("6;1204", ["/1", "/2"]), ("state;good/bad\n6;1204", ["/state", "/good~1bad"])],
)
def test_each_column_is_told_once_by_the_name_that_a_profile_reads(
    payload: str, columns: list[str]
) -> None:
    form = csv_form(payload.encode())
    assert form is not None
    fields, _ = leaves(of_form(payload.encode(), form, nul_ended=True)[-1])
    told = named_columns(fields, form)
    assert told == list(zip(columns, ["6", "1204"], strict=True))
