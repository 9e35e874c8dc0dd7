"""The reference of all KPIs as Markdown in three languages, made from the registry.

Each KPI with number, formula, unit, inputs and a worked example: a doctest that the same
functions compute which compute every row. `python -m lineproof.reference` writes the pages.
"""

from __future__ import annotations

from analytics.kpi.evaluation import KPIS, Kpi
from analytics.kpi.inputs import INPUTS, Source
from domain.plant import Text
from lineproof.reference.kpi_words import MEANINGS, NAMES

LANGUAGES = ("en", "zh-Hant", "zh-Hans")


def _text(english: str, traditional: str, simplified: str) -> Text:
    return dict(zip(LANGUAGES, (english, traditional, simplified), strict=True))


_TITLE = _text("Key performance indicators", "關鍵績效指標", "关键绩效指标")
_MADE = _text(
    "Made by `python -m lineproof.reference` from the registry of KPIs: change it there.",
    "由 `python -m lineproof.reference` 按指標登記表產生：請在該處修改。",
    "由 `python -m lineproof.reference` 按指标登记表生成：请在该处修改。",
)
_RULES = _text(
    "Numbers are those of ISO 22400-2; a dash is a KPI that is not there. Every value is a "
    "quotient of sums, over the time in which the state is known. A ratio without a "
    "denominator has no value; none is capped. `bounds` give what all unknown time at its "
    "worst and at its best makes of it. The times of the classes depend on the method, which "
    "every row names.",
    "編號為 ISO 22400-2 的編號；短橫表示該標準沒有此指標。每個數值都是總和之商，只計狀態已知的"
    "時間。沒有分母的比率沒有數值；數值從不設上限。`bounds` 為全部未知時間取最差與最佳情況時的"
    "數值。各類時間取決於方法，每行都註明其方法。",
    "编号为 ISO 22400-2 的编号；短横表示该标准没有此指标。每个数值都是总和之商，只计状态已知的"
    "时间。没有分母的比率没有数值；数值从不设上限。`bounds` 为全部未知时间取最差与最佳情况时的"
    "数值。各类时间取决于方法，每行都注明其方法。",
)
_HEADS = (
    _text("No.", "編號", "编号"),
    _text("KPI", "指標", "指标"),
    _text("Field", "欄位", "字段"),
    _text("Formula", "公式", "公式"),
    _text("Unit", "單位", "单位"),
)
_INPUT_HEADS = (
    _text("Symbol", "符號", "符号"),
    _text("Input", "輸入", "输入"),
    _text("Field", "欄位", "字段"),
    _text("Unit", "單位", "单位"),
    _text("Told by", "來源", "来源"),
)
_FORMULA, _UNIT = _text("Formula", "公式", "公式"), _text("Unit", "單位", "单位")
_COLON = _text(": ", "：", "：")
_NUMBER = _text("ISO 22400-2 KPI", "ISO 22400-2 指標", "ISO 22400-2 指标")
_EXAMPLE = _text("Worked example:", "計算例子：", "计算例子：")
_SOURCES = {
    Source.STATES: _text("states and calendar", "狀態及日曆", "状态及日历"),
    Source.MACHINE: _text("a signal of the line", "生產線訊號", "生产线信号"),
    Source.MANUAL: _text("a figure that people record", "人員填報的數字", "人员填报的数字"),
    Source.EITHER: _text(
        "signals, or a figure that people record",
        "訊號，或人員填報的數字",
        "信号，或人员填报的数字",
    ),
    Source.MEASUREMENT: _text("measurements", "測量值", "测量值"),
}
_UNITS = {
    "1": _text("ratio", "比率", "比率"),
    "s": _text("s", "秒", "秒"),
    "items": _text("items", "件", "件"),
    "items/s": _text("items/s", "件/秒", "件/秒"),
    "kWh": _text("kWh", "kWh", "kWh"),
    "kWh/item": _text("kWh/item", "kWh/件", "kWh/件"),
    "events": _text("events", "次", "次"),
    "unit of CM": _text("unit of CM", "與 CM 相同", "与 CM 相同"),
    "unit of the quantity": _text("unit of the quantity", "與數量相同", "与数量相同"),
    "unit of the measurement": _text("unit of the measurement", "與測量值相同", "与测量值相同"),
}
# Words inside formulas and symbols.
_PHRASES = (
    _text(" of the first operation", "（首道工序）", "（首道工序）"),
    _text("total energy", "總能耗", "总能耗"),
    _text("average inventory", "平均庫存", "平均库存"),
    _text("calendar time", "日曆時間", "日历时间"),
    _text("availability", "可用率", "可用率"),
    _text("effectiveness", "性能率", "性能率"),
    _text("quality ratio", "合格率", "合格率"),
)


def page(language: str) -> str:
    """The page in that language (en, zh-Hant, zh-Hans)."""
    parts = [
        f"# {_TITLE[language]}",
        _MADE[language],
        _RULES[language],
        _table(
            [head[language] for head in _HEADS],
            [
                [
                    str(kpi.number or "–"),
                    f"[{NAMES[name][language]}](#{name})",
                    f"`{name}`",
                    _said(kpi.formula, language),
                    _UNITS[kpi.unit][language],
                ]
                for name, kpi in KPIS.items()
            ],
        ),
        *(_section(kpi, language) for kpi in KPIS.values()),
    ]
    return "\n\n".join(parts) + "\n"


def _section(kpi: Kpi, language: str) -> str:
    facts = [
        (_FORMULA, f"`{_said(kpi.formula, language)}`"),
        (_UNIT, _UNITS[kpi.unit][language]),
    ]
    if kpi.number is not None:
        facts.append((_NUMBER, str(kpi.number)))
    inputs = [
        [
            _said(each.symbol, language),
            each.text[language],
            f"`{each.name}`",
            _UNITS[each.unit][language],
            _SOURCES[each.source][language],
        ]
        for each in (INPUTS[name] for name in kpi.inputs)
    ]
    return "\n\n".join(
        [
            f'<a id="{kpi.name}"></a>\n\n## {NAMES[kpi.name][language]}',
            MEANINGS[kpi.name][language],
            "\n".join(f"- {what[language]}{_COLON[language]}{said}" for what, said in facts),
            _table([head[language] for head in _INPUT_HEADS], inputs),
            _EXAMPLE[language],
            f"```pycon\n{example(kpi)}\n```",
        ]
    )


def example(kpi: Kpi) -> str:
    """The worked example as a doctest."""
    given = [f"{name}={_number(amount)}" for name, amount in kpi.example.amounts.items()]
    lines = [">>> from analytics.kpi.evaluation import evaluate, sums_from_amounts"]
    if kpi.example.values:
        lower, upper = map(_number, kpi.example.amounts.values())
        lines += [
            ">>> from analytics.kpi.capability import indices",
            ">>> from analytics.spc.capability import capability",
            *_listed("values", kpi.example.values),
            f">>> measured = capability(values, {kpi.example.subgroup_size}, "
            f"lower={lower}, upper={upper})",
            ">>> amounts = sums_from_amounts(**indices(measured))",
        ]
    else:
        lines += [">>> amounts = sums_from_amounts(", *_wrapped(given), "... )"]
    lines.append(f'>>> round(evaluate("{kpi.name}", amounts).value, {kpi.example.digits})')
    return "\n".join([*lines, repr(float(kpi.example.value))])


def _number(amount: float) -> str:
    return str(int(amount)) if float(amount).is_integer() else str(amount)


def _wrapped(items: list[str]) -> list[str]:
    return [f"...     {item}," for item in items]


def _listed(name: str, values: tuple[float, ...]) -> list[str]:
    half = (len(values) + 1) // 2
    parts = [", ".join(map(_number, part)) for part in (values[:half], values[half:])]
    return [f">>> {name} = [", *_wrapped(parts), "... ]"]


def _said(formula: str, language: str) -> str:
    for phrase in _PHRASES:
        formula = formula.replace(phrase["en"], phrase[language])
    return formula


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
