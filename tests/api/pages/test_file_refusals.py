"""What is wrong in a file that somebody wrote, on a Chinese page: place, what, what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.i18n import language_named
from api.pages.refusals import Refusal, refusal_beside_line, refusal_of
from domain.errors import FileError
from store.files.grant import read_grant
from store.files.plant import read_plant

CHINESE = language_named("zh-Hant")
FILES = Path(__file__).parents[2] / "store" / "files" / "examples"
PLANT = (FILES / "full-plant.yaml").read_text(encoding="utf-8")
GRANT = (FILES / "grant.yaml").read_text(encoding="utf-8")


def refused(old: str, new: str) -> FileError:
    assert PLANT.count(old) >= 1
    with pytest.raises(FileError) as caught:
        read_plant(PLANT.replace(old, new, 1), "plant.yaml")
    return caught.value


def said(old: str, new: str) -> str:
    """In Chinese, behind the place: all of it."""
    error = refused(old, new)
    refusal = refusal_of(error, CHINESE)
    place = f"plant.yaml 第 {error.line} 行"
    head = f"{place}，欄位「{error.field}」：" if error.field else f"{place}："
    assert refusal.said.startswith(head)
    assert refusal.exact == ""
    assert refusal_of(error, language_named("en")) == Refusal(str(error))
    return refusal.said.removeprefix(head)


def test_the_place_is_said_before() -> None:
    error = refused("timezone:", "timezones:")
    assert (error.file, error.line, error.field) == ("plant.yaml", 3, "timezones")
    assert str(error) == (
        "plant.yaml, line 3: field 'timezones': unknown key. Did you mean 'timezone'?"
    )
    assert refusal_of(error, CHINESE).said == (
        "plant.yaml 第 3 行，欄位「timezones」：沒有這個欄位。是否應為「timezone」？"
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("from: 2026-10-01", "from: soon", "「soon」並非日期：請填寫年、月、日，例如 2026-03-02。"),
        ('start: "14:00"', "start: 1400", '「1400」並非時刻：請加上引號，例如 "07:00"。'),
        ("decided_on: 2026-02-20", "decided_on: 2026-02-30", "日曆上沒有「2026-02-30」這一天。"),
        ("codes: [18]", "codes: 18", "必須是列表，而不是「18」。"),
        ("codes: [18]", "codes: 2026-03-02", "必須是列表，而不是「2026-03-02」。"),
        ("rollover: 65536", "rollover: many", "「many」不是數字，無法讀作數字。"),
        ("rollover: 65536", "rollover: [1]", "列表不是數字，此處必須填寫數字。"),
        ("rollover: 65536", "rollover: 0", "「0」不得小於 1。"),
        ("rollover: 65536", "rolover: 1", "沒有這個欄位。是否應為「rollover」？"),
        ("kind: breakdown", "kind: breakage", "必須是「unplanned」、「breakdown」、「planned」、"),
        ("machine: checkweigher", "machine: checkwigher", "此生產線沒有機器「checkwigher」。是否"),
        ("codes: [18]", "codes: [17]", "代碼「17」已用於原因「jam」。一個代碼只能代表一個原因："),
        ('start: "14:00"', 'start: "13:00"', "班次 B（13:00–22:30）與班次 A 重疊。"),
        ("plant:", "plant: x\nplant:", "不是有效的 YAML：第 2 行已有欄位「plant」。請修正該處："),
    ],
)
def test_it_is_said_whole(old: str, new: str, words: str) -> None:
    assert said(old, new).startswith(words)


def test_what_is_missing_and_how_much_more_is_wrong() -> None:
    assert said("plant:", "pliant:").endswith(
        "沒有這個欄位。是否應為「plant」？（此檔案另有 1 個問題。）"
    )
    assert said("{name: A, days", "{days") == "缺少此欄位。請補上。"


@pytest.mark.parametrize(
    ("old", "new", "exact"),
    [
        ("plant:", "plant: [\nplant:", "not valid YAML: "),
        ("plant: ", "plant: !!int ", "not valid YAML: "),
    ],
)
def test_what_a_library_says_can_be_opened(old: str, new: str, exact: str) -> None:
    error = refused(old, new)
    refusal = refusal_of(error, CHINESE)
    assert "不是有效的 YAML。請修正該處：縮排用空格，每個欄位只有一個數值。" in refusal.said
    assert refusal.exact == str(error)
    assert exact in refusal.exact


def test_words_of_pydantic_that_are_not_known_can_be_opened() -> None:
    error = refused("subgroup_size: 4", "subgroup_size: 1e20")
    refusal = refusal_of(error, CHINESE)
    assert refusal.said.endswith("：此數值無法使用。")
    assert refusal.exact == str(error)
    assert "exceeded maximum size" in refusal.exact


def test_a_name_that_looks_like_a_day_is_let_be() -> None:
    old = 'name: N, days: [mon, tue, wed, thu, fri], start: "22:00"'
    new = 'name: 2026-02-30, days: [mon], start: "14:00"'
    assert said(old, new).startswith("班次 2026-02-30（")


def test_the_clause_of_a_milestone_can_be_opened() -> None:
    with pytest.raises(FileError) as caught:
        read_grant(GRANT.replace("metric: oee", "metric: oeee", 1), "grant.yaml")
    refusal = refusal_of(caught.value, CHINESE)
    assert "沒有指標「oeee」。是否應為「oee」？" in refusal.said
    assert f", clause {caught.value.clause}: field " in refusal.exact


def test_however_long_a_value_is_the_sentence_is_short() -> None:
    error = refused("from: 2026-10-01", f"from: {'x' * 5_000}")
    assert len(refusal_of(error, CHINESE).said) < 800


def test_beside_its_line_the_place_is_left_out() -> None:
    error = refused("timezone:", "time_zone:")
    beside = refusal_beside_line(error, CHINESE)
    assert beside.said.startswith(f"欄位「{error.field}」：")
    assert "plant.yaml" not in beside.said
    assert beside.exact == ""
    assert refusal_beside_line(error, language_named("en")).said.startswith("field 'time_zone': ")
    assert error.file == "plant.yaml", "and the error is as it was"
