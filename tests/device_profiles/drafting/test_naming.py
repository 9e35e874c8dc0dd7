"""What names say, in four languages, and what they do not say."""

from __future__ import annotations

import pytest

from device_profiles.drafting.naming import (
    is_no_result,
    is_time,
    signals_named,
    telling_words,
    words_of,
)


@pytest.mark.parametrize(
    ("path", "signal"),
    [
        ("Counters/Good", "good_count"),
        ("Production/GoodParts", "good_count"),
        ("DB10/Gutteile", "good_count"),
        ("DB10/GUT_STÜCK", "good_count"),
        ("计数/良品数", "good_count"),
        ("line/ok_count", "good_count"),
        ("ProdDefectiveCount/0/AccCount", "reject_count"),
        ("Reject/Total", "reject_count"),
        ("Zähler/Ausschuss", "reject_count"),
        ("机台/不良品", "reject_count"),
        ("机台/不合格数", "reject_count"),
        ("NOK_Zaehler", "reject_count"),
        ("ProdProcessedCount/0/AccCount", "total_count"),
        ("Gesamtzähler", "total_count"),
        ("设备/产量", "total_count"),
        ("設備/生産数", "total_count"),
        ("Machine/Count", "total_count"),
        ("Rework", "rework_count"),
        ("meter/total_act_energy", "energy"),
        ("电表/总电能", "energy"),
        ("Energy/Total", "energy"),
        ("Wirkleistung", "power"),
        ("MachDesignSpeed", "ideal_speed"),
        ("CurMachSpeed", "speed"),
        ("Maschine/Betriebszustand", "state"),
        ("机器/运行状态", "state"),
        ("UnitModeCurrent", "mode"),
        ("运行模式", "mode"),
        ("Auftrag", "order"),
        ("品番", "product"),
        ("停机原因", "stop_reason"),
        ("Starved", "starved"),
        ("Identification/SerialNumber", "serial_number"),
    ],
)
def test_a_name_says_what_it_is(path: str, signal: str) -> None:
    names = path.split("/")
    above = words_of(names[-2]) if len(names) > 1 else ()
    found = signals_named(telling_words(names), above)
    assert found, path
    assert max(found, key=lambda it: found[it][0]) == signal


@pytest.mark.parametrize("name", ["Temperature", "Ingot", "Engine", "x7", "", "温度", "Gateway"])
def test_other_names_say_nothing(name: str) -> None:
    assert signals_named(words_of(name)) == {}


def test_a_phrase_needs_a_word_of_the_name_itself() -> None:
    """What is below Reject is not all a count of rejects."""
    assert "reject_count" not in signals_named(("temperature",), ("reject",))


@pytest.mark.parametrize(
    "name", ["TargetCount", "RunTime", "CycleTimeMax", "目标产量", "SollMenge"]
)
def test_targets_and_times_are_no_results(name: str) -> None:
    assert is_no_result(words_of(name))
    assert not is_no_result(words_of("GoodCount"))


def test_names_of_times() -> None:
    assert all(
        is_time(words_of(it)) for it in ("ts", "timeStamp", "Zeitstempel", "时间", "eventTime")
    )
    assert not any(is_time(words_of(it)) for it in ("data", "state", "totals"))


def test_a_name_of_any_length_is_looked_at_in_part() -> None:
    assert len("".join(words_of("Good" * 10_000))) <= 200
