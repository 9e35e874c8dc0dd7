"""Charts drawn for real, and looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from export_tables import TEXTS, ZONE, row, tables
from peers import require

from api.exports.chart_files import chart_png, chart_svg, pdf_with_charts
from api.exports.charts import (
    BandChart,
    Cause,
    CausesChart,
    Chart,
    ChartPoint,
    Period,
    PeriodsChart,
    PointsChart,
    Stretch,
)

CHINESE_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
START = datetime(2026, 3, 23, 23, tzinfo=UTC)  # seven in the morning in Hong Kong
HOUR = timedelta(hours=1)
BAND = BandChart(
    (
        Stretch(START, START + HOUR, "producing", "生產中", 100),
        Stretch(START + HOUR, START + 2 * HOUR, "fault", "故障", 30),
    ),
    "狀態",
)
CAUSES = CausesChart(
    (Cause("Jam", "Unplanned", 7_200, 0.5), Cause("Jam", "Planned", 3_600, 1.0)),
    ("Unplanned", "Planned"),
    "Hours",
)
PERIODS = PeriodsChart(
    (Period("A", 0.6, 0.5, 0.7), Period("B", None), Period("A", 0.8, 0.8, 0.8)),
    "OEE", True, True, 0.65, "Target 65%",
)  # fmt: skip
POINTS = PointsChart(
    tuple(ChartPoint(START + n * HOUR, 330 + n / 10, 330.5, 329, 332, n == 3) for n in range(6)),
    "g", (("USL", 333.0),),
)  # fmt: skip
EACH = {"band": BAND, "causes": CAUSES, "periods": PERIODS, "points": POINTS}


def texts(svg: bytes) -> list[str]:
    return [it.text or "" for it in ElementTree.fromstring(svg).iter() if it.tag.endswith("}text")]


def drawn(chart: Chart, language: str = "zh-Hant") -> list[str]:
    require(path=CHINESE_FONT)
    return texts(chart_svg(chart, ZONE, language))


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("band", {"生產中", "故障", "狀態", "07:00", "08:00"}),  # as the plant's clocks show
        ("causes", {"Jam", "Unplanned", "50.0%", "100.0%", "Hours"}),
        ("periods", {"A", "B", "Target 65%", "OEE"}),
        ("points", {"g", "USL", "07:00"}),
    ],
)
def test_what_a_chart_says_stands_in_it(kind: str, says: set[str]) -> None:
    found = drawn(Chart(kind, "一號灌裝線", "24 Mar 2026", EACH[kind]))  # type: ignore[arg-type]  # each of them
    assert says | {"一號灌裝線", "24 Mar 2026"} <= set(found)


def test_chinese_is_no_row_of_boxes() -> None:
    """Characters without a font look all the same."""
    require(path=CHINESE_FONT)
    one, other = (chart_png(Chart("c", it, "", CAUSES), ZONE, "en") for it in ("產", "停"))
    assert one != other


def test_texts_of_others_are_drawn_and_nothing_else() -> None:
    hostile = [*TEXTS[:-3], '</text><script>alert("x")</script>', '{"signal": "1+1"}', "a\\u0041"]
    causes = tuple(Cause(it, "Unplanned", 60, 0.1) for it in hostile)
    chart = Chart("c", hostile[-3], hostile[-2], replace(CAUSES, causes=causes))
    svg = chart_svg(chart, ZONE, "en")
    assert b"<script" not in svg
    found = texts(svg)
    for said in ("=1+1", hostile[-3], hostile[-2], hostile[-1], "007"):
        assert said in found
    assert any("\\x1b[31m" in it for it in found)


def test_a_pdf_has_the_charts_with_their_words() -> None:
    require(path=CHINESE_FONT)
    charts = tuple(Chart(name, name, "read out", it) for name, it in EACH.items())  # type: ignore[arg-type]  # each of them
    with_charts = pdf_with_charts(replace(tables(row("x")), charts=charts))
    assert len(with_charts) > len(pdf_with_charts(tables(row("x")))) + 5_000
