"""Languages: complete catalogues, negotiation, numbers, dates and durations."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from peers import ROOT

from analytics import integrity_flags
from analytics.kpi.row_columns import (
    EFFECTIVENESS_OVER_100,
    REJECTS_EXCEED_TOTAL,
)
from api.i18n import LANGUAGES, language, language_named, match, negotiate
from api.pages import labels
from domain.grants import Reason, VerdictStatus
from domain.states import MachineState, Plan

FOLDERS = ("en", "zh_Hant", "zh_Hans")


def extracted() -> set[str]:
    """Every message id in the sources, as `pybabel extract` with babel.cfg finds them."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {**DEFAULT_KEYWORDS, "N_": None, "Reason": None}
    found = extract_from_dir(str(ROOT), methods, options, keywords)
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def catalogue(folder: str) -> Catalog:
    path = ROOT / "api" / "locale" / folder / "LC_MESSAGES" / "lineproof.po"
    with path.open("rb") as file:
        return read_po(file, locale=folder)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_text_is_in_the_catalogue_and_none_is_stale(folder: str) -> None:
    ids = {str(message.id) for message in catalogue(folder) if message.id}
    texts = extracted()
    assert len(texts) > 150, "the extraction found next to nothing: is babel.cfg right?"
    assert any("%(metric)s" in text for text in texts), "verdict reasons must be extracted too"
    assert texts - ids == set(), "missing: see the docstring of api/i18n.py"
    assert ids - texts == set(), "stale"


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_entry_is_fuzzy_or_obsolete(folder: str) -> None:
    found = catalogue(folder)
    assert [message.id for message in found if message.fuzzy and message.id] == []
    assert list(found.obsolete) == []


@pytest.mark.parametrize("folder", FOLDERS[1:])
def test_chinese_is_complete_and_keeps_the_named_places(folder: str) -> None:
    place = re.compile(r"%\((\w+)\)s")
    for message in catalogue(folder):
        if message.id:
            text, original = str(message.string), str(message.id)
            assert text, f"not translated: {original}"
            assert sorted(place.findall(text)) == sorted(place.findall(original)), original


def test_scripts_are_not_mixed() -> None:
    """Characters that are only simplified never stand in the traditional catalogue, or back."""
    pairs = (
        "線线|產产|設设|備备|標标|達达|數数|據据|計计|劃划|證证|時时|間间|項项|業业|資资|類类|訊讯"
    )
    for folder, wrong in (("zh_Hant", 1), ("zh_Hans", 0)):
        text = "".join(str(message.string) for message in catalogue(folder) if message.id)
        mixed = {pair[wrong] for pair in pairs.split("|")} & set(text)
        assert mixed == set(), folder


def test_every_member_of_the_closed_lists_has_a_word() -> None:
    assert set(labels.STATES) == set(MachineState.names())
    assert set(labels.VERDICTS) == {status.value for status in VerdictStatus}
    assert set(labels.STATUS_ORDER) == set(labels.VERDICTS)
    assert set(labels.PLANS) == set(Plan.names())
    assert {
        *integrity_flags.names(~0),
        EFFECTIVENESS_OVER_100,
        REJECTS_EXCEED_TOTAL,
    } <= set(labels.FLAGS)


@pytest.mark.parametrize(
    ("tag", "served"),
    [
        ("zh-HK", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("zh_Hant", "zh-Hant"),
        ("zh-CN", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("en-GB", "en"),
        ("de", None),
        ("enx", None),
    ],
)
def test_language_of_a_tag(tag: str, served: str | None) -> None:
    assert match(tag) == served


@pytest.mark.parametrize(
    ("query", "cookie", "accept", "served"),
    [
        ("zh-Hans", "zh-Hant", "en", "zh-Hans"),
        (None, "zh-Hant", "en", "zh-Hant"),
        ("nonsense", None, "zh-HK", "zh-Hant"),
        (None, None, "de, zh-HK;q=0.8, en;q=0.9", "en"),
        (None, None, "fr;q=x, zh-CN;q=0.3, en;q=0", "zh-Hans"),
        (None, None, None, "en"),
    ],
)
def test_negotiation(
    query: str | None, cookie: str | None, accept: str | None, served: str
) -> None:
    assert negotiate(query, cookie, accept) == served


@pytest.mark.parametrize(("tag", "shown"), [("en", "a, b"), ("zh-Hant", "a、b")])
def test_names_stand_one_after_the_other(tag: str, shown: str) -> None:
    assert language_named(tag).listed(["a", "b"]) == shown


def test_numbers_and_what_is_missing() -> None:
    english = language("en")
    assert english.number(34486) == "34,486"
    assert english.percent(0.74789) == "74.8%"
    assert english.percent(1.213) == "121.3%", "never capped"
    assert (english.coverage(0.99976), english.coverage(1.0)) == ("99.9%", "100.0%")
    assert (english.coverage(0.963), english.coverage(None)) == ("96.3%", "–")
    assert english.significant(0.0048021) == "0.004802"
    assert english.money(15_000_000) == "HK$15,000,000"
    assert (english.money(-116_667), english.money(-0.2)) == ("−HK$116,667", "HK$0")
    assert {english.number(None), english.percent(None), english.money(None)} == {"–"}


@pytest.mark.parametrize(
    ("seconds", "english", "traditional"),
    [
        (0, "0 secs", "0 秒"),
        (59.6, "1 min", "1 分鐘"),
        (90, "1 min 30 secs", "1 分鐘 30 秒"),
        (3600, "1 hr", "1 小時"),
        (7_500, "2 hrs 5 mins", "2 小時 5 分鐘"),
        (90_000, "1 day 1 hr", "1 日 1 小時"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float, english: str, traditional: str) -> None:
    assert language("en").duration(seconds).replace("\xa0", " ") == english
    assert language("zh-Hant").duration(seconds).replace("\xa0", " ") == traditional


def test_times_are_those_of_the_plant() -> None:
    """odoo/odoo#70841: slots in the wrong zone."""
    at = datetime(2026, 3, 2, 23, 5, tzinfo=UTC)
    zone = ZoneInfo("Asia/Hong_Kong")
    assert language("en").time(at, zone) == "07:05"
    assert language("zh-Hans").moment(at, zone) == "2026年3月3日 07:05"
    assert language("zh-Hant").days(date(2026, 3, 2), date(2026, 3, 5)) == "2026年3月2日至5日"


def test_a_reason_is_translated_with_the_metric_inside_it() -> None:
    values: dict[str, str | float] = {
        "metric": "Availability",
        "start": "2026-03-02",
        "end": "2026-03-05",
        "value": "88 %",
    }
    reason = Reason("%(metric)s from %(start)s to %(end)s is %(value)s.", values)
    assert language("en").reason(reason) == str(reason)
    assert language("zh-Hant").reason(reason) == "由 2026-03-02 至 2026-03-05，可用率為 88 %。"
    # For people days and shares are written as everywhere on a page.
    said = "Availability from 2 Mar 2026 to 5 Mar 2026 is 88%."
    assert language("en").sentence(reason) == said
    traditional = "由 2026年3月2日 至 2026年3月5日，可用率為 88%。"
    assert language("zh-Hant").sentence(reason) == traditional


def test_days_inside_a_sentences_value_are_days_as_people_read_them() -> None:
    told = "2026-03-12 = 2026-03-11; NIFS-2026-03-12"
    assert language("en").said(told) == "12 Mar 2026 = 11 Mar 2026; NIFS-2026-03-12"
    assert language("zh-Hant").said("2026-03-12") == "2026年3月12日"


def test_catalogues_are_text_only() -> None:
    """The .po files are the only form that is kept: no compiled copy can be out of date."""
    assert set(LANGUAGES) == {"en", "zh-Hant", "zh-Hans"}
    assert list(Path(ROOT / "api" / "locale").rglob("*.mo")) == []
