"""What each chart looks like: one Vega-Lite specification, for PNG, SVG and PDF alike, by Altair.

Colour never stands alone: states have heights and words of their own, points that violate a rule
have another shape, bounds are a band and targets are dashes. Times are drawn as the plant's clocks
show them.

Only the process that makes files imports this: Altair is large.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt

from api.exports.charts import BandChart, CausesChart, Chart, PeriodsChart, PointsChart

Spec = dict[str, Any]
_WIDTH, _HEIGHT = 760, 260
_INK, _SOFT, _RULE = "#14212a", "#4b5b66", "#d3dadd"
_VALUE, _BAND, _GOAL, _BAD = "#0b5564", "#9fd0d8", "#8a2c0d", "#a81e1b"
# As on the pages (api/static/app.css).
_STATES = {
    "producing": "#0f7440",
    "setup": "#1d5aa6",
    "maintenance": "#67409c",
    "idle": "#7a5600",
    "starved": "#0a6480",
    "blocked": "#96267a",
    "stopped": "#a34000",
    "fault": "#b01f1f",
    "off": "#4a555d",
    "unknown": "#c9d0d4",
}
_DAY_S = 86_400
_NAMED_MAX = 24  # so many names of periods stand side by side


def chart_spec(chart: Chart, zone: ZoneInfo, fonts: str) -> Spec:
    """The specification. `fonts`: names of families, as in CSS."""
    spec: Spec = _drawn(chart, zone).to_dict()
    spec["title"] = {
        "text": chart.title, "subtitle": chart.note, "anchor": "start", "fontSize": 15,
        "color": _INK, "subtitleColor": _SOFT, "offset": 12,
    }  # fmt: skip
    spec["background"] = "white"
    spec["padding"] = 12
    spec["config"] = {
        "font": fonts,
        "view": {"stroke": None},
        "axis": {
            "labelColor": _SOFT, "titleColor": _SOFT, "gridColor": _RULE, "domainColor": _SOFT,
            "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal",
        },
        "legend": {"labelColor": _INK, "titleColor": _SOFT, "orient": "bottom"},
    }  # fmt: skip
    return spec


def _drawn(chart: Chart, zone: ZoneInfo) -> Any:
    shown = chart.drawn
    if isinstance(shown, BandChart):
        return _band(shown, zone)
    if isinstance(shown, CausesChart):
        return _causes(shown)
    if isinstance(shown, PeriodsChart):
        return _periods(shown)
    return _points(shown, zone)


def _local(at: datetime, zone: ZoneInfo) -> str:
    """What the plant's clocks show, written as if it were UTC: a drawing knows no other zone."""
    return at.astimezone(zone).replace(tzinfo=None).isoformat() + "Z"


def _times(first: datetime, last: datetime) -> Any:
    """An axis of times; with the day where there are several."""
    is_long = (last - first).total_seconds() > 1.1 * _DAY_S
    return alt.Axis(title=None, format="%Y-%m-%d %H:%M" if is_long else "%H:%M", labelOverlap=True)


def _rows(rows: list[dict[str, Any]]) -> Any:
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]  # Altair's own


def _band(shown: BandChart, zone: ZoneInfo) -> Any:
    stretches = shown.stretches
    rows = [
        {"start": _local(it.start, zone), "end": _local(it.end, zone), "word": it.word,
         "height": it.height}
        for it in stretches
    ]  # fmt: skip
    words = dict.fromkeys((it.word, it.state) for it in stretches)
    colours = alt.Scale(
        domain=[word for word, _ in words], range=[_STATES[state] for _, state in words]
    )
    axis = _times(stretches[0].start, stretches[-1].end)
    return (
        alt.Chart(_rows(rows), width=_WIDTH, height=120)
        .mark_rect(stroke="white", strokeWidth=0.2)
        .encode(
            x=alt.X("start:T", scale=alt.Scale(type="utc"), axis=axis),
            x2="end:T",
            y=alt.Y("height:Q", axis=None, scale=alt.Scale(domain=[0, 100])),
            y2=alt.datum(0),
            color=alt.Color("word:N", scale=colours, legend=alt.Legend(title=shown.heading)),
        )
    )


def _causes(shown: CausesChart) -> Any:
    rows = [
        {"place": f"{number:04}", "name": it.name, "group": it.group,
         "hours": it.duration_s / 3600, "share": it.share}
        for number, it in enumerate(shown.causes)
    ]  # fmt: skip
    colours = alt.Scale(domain=list(shown.groups), range=[_VALUE, "#8b979e"])
    # Two causes may have one name: each has a place of its own, and shows its name there.
    names = alt.Axis(title=None, labels=False, ticks=False)
    base = alt.Chart(_rows(rows)).encode(y=alt.Y("place:N", sort=None, axis=names))
    texts = base.mark_text(align="right", limit=220, fontSize=11, color=_INK, dx=-6).encode(
        x=alt.value(0), text="name:N"
    )
    bars = base.mark_bar().encode(
        x=alt.X("hours:Q", title=shown.heading, axis=alt.Axis(tickMinStep=0.1)),
        color=alt.Color("group:N", scale=colours, legend=alt.Legend(title=None)),
    )
    shares = base.mark_text(align="left", dx=5, fontSize=11, color=_SOFT).encode(
        x="hours:Q", text=alt.Text("share:Q", format=".1%")
    )
    return (texts + bars + shares).properties(width=_WIDTH - 240)


def _periods(shown: PeriodsChart) -> Any:
    each = -(-len(shown.periods) // _NAMED_MAX)
    rows = [
        {"place": f"{number:06}", "name": it.name if number % each == 0 else "",
         "value": it.value, "low": it.low, "high": it.high}
        for number, it in enumerate(shown.periods)
    ]  # fmt: skip
    # Two periods may have one name: each has a place of its own, and shows its name there.
    places = alt.Axis(title=None, labels=False)
    values = alt.Axis(title=shown.heading, format="%" if shown.is_share else "~s", tickCount=5)
    base = alt.Chart(_rows(rows), width=_WIDTH, height=_HEIGHT).encode(
        x=alt.X("place:O", sort=None, axis=places)
    )
    bounds = {"y": "low:Q", "y2": "high:Q"} if shown.has_bounds else {"y": "value:Q"}
    axis = alt.Y(bounds.pop("y"), axis=values)
    layers = [
        base.mark_bar(color=_BAND if shown.has_bounds else _VALUE).encode(y=axis, **bounds),
        base.mark_text(angle=320, align="right", limit=170, fontSize=11, color=_SOFT).encode(
            y=alt.value(_HEIGHT + 10), text="name:N"
        ),
    ]
    if shown.has_bounds:
        layers.append(
            base.mark_tick(color=_VALUE, thickness=3).encode(y=alt.Y("value:Q", axis=values))
        )
    if shown.target is not None:
        layers += _dashes([(shown.target_word, shown.target)], values)
    return alt.layer(*layers)


def _dashes(levels: list[tuple[str, float]], axis: Any) -> list[Any]:
    """Named levels all along the chart."""
    rows = [{"name": name, "level": level} for name, level in levels]
    base = alt.Chart(_rows(rows)).encode(y=alt.Y("level:Q", axis=axis))
    return [
        base.mark_rule(color=_GOAL, strokeDash=[6, 4], strokeWidth=1.5),
        base.mark_text(align="right", dy=-6, fontSize=11, color=_GOAL).encode(
            x=alt.value(_WIDTH), text="name:N"
        ),
    ]


def _points(shown: PointsChart, zone: ZoneInfo) -> Any:
    points = shown.points
    rows = [
        {"at": _local(it.at, zone), "value": it.value, "center": it.center, "lower": it.lower,
         "upper": it.upper, "violated": it.is_violated}
        for it in points
    ]  # fmt: skip
    values = alt.Axis(title=shown.heading)
    scale = alt.Scale(zero=False)
    base = alt.Chart(_rows(rows), width=_WIDTH, height=_HEIGHT).encode(
        x=alt.X("at:T", scale=alt.Scale(type="utc"), axis=_times(points[0].at, points[-1].at))
    )

    def level(name: str, dash: list[int]) -> Any:
        return base.mark_line(color=_SOFT, strokeDash=dash, interpolate="step").encode(
            y=alt.Y(f"{name}:Q", scale=scale, axis=values)
        )

    dots = base.mark_point(filled=True, size=34, opacity=1).encode(
        y=alt.Y("value:Q", scale=scale, axis=values),
        color=alt.condition("datum.violated", alt.value(_BAD), alt.value(_VALUE)),
        shape=alt.condition("datum.violated", alt.value("diamond"), alt.value("circle")),
    )
    lines = [level("center", []), level("lower", [4, 3]), level("upper", [4, 3])]
    return alt.layer(*lines, dots, *_dashes(list(shown.specified), values))
