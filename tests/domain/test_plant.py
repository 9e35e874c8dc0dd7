"""Names in several languages."""

from __future__ import annotations

from dataclasses import replace

from plants import plant

from domain.plant import Machine, line_called, machine_called, text_in


def test_lines_and_machines_are_called_by_name_or_by_id_where_there_is_none() -> None:
    whole = plant(None)
    machines = {"m1": Machine("m1", "import", name={"en": "Filler", "zh-Hant": "灌裝機"})}
    line = replace(whole.lines["l1"], name={"en": "Line 1"}, machines=machines)
    named = replace(whole, lines={"l1": line})
    assert machine_called(line, "m1", "zh-Hant") == "灌裝機"
    assert machine_called(line, "gone", "en") == "gone"
    assert machine_called(replace(line, machines={"m1": Machine("m1", "x")}), "m1", "en") == "m1"
    assert (line_called(named, "l1", "en"), line_called(named, "gone", "en")) == ("Line 1", "gone")


def test_a_name_is_in_the_readers_language_or_in_english_or_in_any() -> None:
    names = {"zh-Hant": "灌裝線", "en": "Filling line"}
    assert text_in(names, "zh-Hant") == "灌裝線"
    assert text_in(names, "zh-Hans") == "Filling line"
