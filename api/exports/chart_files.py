"""Charts as SVG and PNG, drawn by Vega from their specification, without a browser.

What is drawn asks nothing of the network. A text is drawn as it is; a character that no font of
this machine has is written as its code, and where the Chinese ones are missing, that is said.

Altair and Vega are imported where a chart is drawn: they are large (Vega brings a JavaScript
engine), and only the process that makes files is to have them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import replace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from api.exports.charts import Chart
from api.exports.printable import every_text, printable
from api.exports.tables import Tables
from api.exports.tables_pdf import Picture, tables_pdf
from api.exports.typesetting import fonts_here, not_in_fonts
from api.i18n import language_named

_PNG_SCALE = 2.0
_FONTS = {
    "zh-Hant": "Noto Sans CJK HK, Noto Sans CJK TC, sans-serif",
    "zh-Hans": "Noto Sans CJK SC, sans-serif",
}
_LATIN_FONTS = "Noto Sans, DejaVu Sans, sans-serif"
_NOWHERE: list[str] = []  # the addresses that a drawing may ask
_Value = TypeVar("_Value")


def chart_svg(chart: Chart, zone: ZoneInfo, language: str) -> bytes:
    """The chart as SVG. Raises InputError where no font of this machine has its Chinese."""
    return _svg(chart, zone, language).encode()


def chart_png(chart: Chart, zone: ZoneInfo, language: str) -> bytes:
    """The same as PNG, large enough for print."""
    import vl_convert

    return vl_convert.svg_to_png(_svg(chart, zone, language), scale=_PNG_SCALE)


def pdf_with_charts(tables: Tables) -> bytes:
    """The tables as a PDF with their charts before them, each below its title."""
    zone, tag = tables.zone, tables.language
    pictures = [
        Picture(it.title, f"{it.title}. {it.note}", _svg(replace(it, title=""), zone, tag))
        for it in tables.charts
    ]
    return tables_pdf(tables, pictures)


def _svg(chart: Chart, zone: ZoneInfo, tag: str) -> str:
    import vl_convert

    from api.exports.chart_specs import chart_spec

    texts: list[str] = []
    every_text(dataclasses.asdict(chart), lambda it: texts.append(it) or it)  # type: ignore[func-returns-value]  # what is added
    missing = not_in_fonts(texts, language_named(tag), fonts_here())
    spec = chart_spec(_shown(chart, missing), zone, _FONTS.get(tag, _LATIN_FONTS))
    return vl_convert.vegalite_to_svg(spec, allowed_base_urls=_NOWHERE)


def _shown(value: _Value, missing: Collection[str]) -> _Value:
    """The same of dataclasses, tuples and texts, each text printable."""
    changed: Any = value
    if isinstance(value, str):
        changed = printable(value, missing)
    elif isinstance(value, tuple):
        changed = tuple(_shown(it, missing) for it in value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {it.name: getattr(value, it.name) for it in dataclasses.fields(value)}
        changed = replace(value, **{name: _shown(it, missing) for name, it in fields.items()})
    return changed  # type: ignore[no-any-return]  # of the kind of the value
