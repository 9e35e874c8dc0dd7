"""The reference of all KPIs as Markdown, a page for each language, made from the registry.

Each KPI stands there with its number, formula, unit, inputs and a worked example: a doctest,
computed by the same functions that compute every row. Words come from `analytics.kpi.words` and
`analytics.kpi.formulas.inputs`, their translations from the catalogues (`api.i18n`).
`python -m lineproof.reference` writes the pages into docs/kpi; a test holds them fresh.
"""

from __future__ import annotations

from pathlib import Path

from analytics.kpi.evaluation import KPIS, Kpi
from analytics.kpi.formulas.inputs import INPUTS, Source
from analytics.kpi.words import KPI_WORDS
from api.documents.kpi_texts import UNITS, formula_text
from api.i18n import LANGUAGES, Language, language
from domain.texts import N_

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "kpi"

_TITLE = N_("Key performance indicators")
_MADE = N_("Made by `python -m lineproof.reference` from the registry of KPIs: change it there.")
_RULES = N_(
    "Numbers are those of ISO 22400-2; a dash is a KPI that is not there. Every value is a "
    "quotient of sums, over the time in which the state is known. A ratio without a "
    "denominator has no value; none is capped. `bounds` give what all unknown time at its "
    "worst and at its best makes of it. The times of the classes depend on the method, which "
    "every row names."
)
_HEADS = (
    N_("No."),
    N_("KPI"),
    N_("Field"),
    N_("Formula"),
    N_("Unit"),
)
_INPUT_HEADS = (
    N_("Symbol"),
    N_("Input"),
    N_("Field"),
    N_("Unit"),
    N_("Source"),
)
_FORMULA, _UNIT = N_("Formula"), N_("Unit")
_COLON = N_(": ")
_NUMBER = N_("ISO 22400-2 KPI")
_EXAMPLE = N_("Worked example:")
_SOURCES = {
    Source.STATES: N_("states and calendar"),
    Source.MACHINE: N_("a signal of the line"),
    Source.MANUAL: N_("a number that people enter"),
    Source.EITHER: N_("signals, or a number that people enter"),
    Source.MEASUREMENT: N_("measurements"),
}


def pages() -> dict[Path, str]:
    """Where each page stands, and its text."""
    return {FOLDER / f"{tag}.md": page(tag) for tag in LANGUAGES}


def write_pages() -> None:
    """What `python -m lineproof.reference` does."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


def page(tag: str) -> str:
    """The page in that language (one of LANGUAGES)."""
    words = language(tag)
    say = words.text
    rows = [
        [
            str(kpi.number or "–"),
            f"[{say(KPI_WORDS[name].name)}](#{name})",
            f"`{name}`",
            formula_text(kpi.formula, words),
            say(UNITS[kpi.unit]),
        ]
        for name, kpi in KPIS.items()
    ]
    parts = [
        f"# {say(_TITLE)}",
        say(_MADE),
        say(_RULES),
        _table([say(head) for head in _HEADS], rows),
        *(_section(kpi, words) for kpi in KPIS.values()),
    ]
    return "\n\n".join(parts) + "\n"


def _section(kpi: Kpi, words: Language) -> str:
    say = words.text
    facts = [
        (_FORMULA, f"`{formula_text(kpi.formula, words)}`"),
        (_UNIT, say(UNITS[kpi.unit])),
    ]
    if kpi.number is not None:
        facts.append((_NUMBER, str(kpi.number)))
    inputs = [
        [
            formula_text(each.symbol, words),
            say(each.text),
            f"`{each.name}`",
            say(UNITS[each.unit]),
            say(_SOURCES[each.source]),
        ]
        for each in (INPUTS[name] for name in kpi.inputs)
    ]
    return "\n\n".join(
        [
            f'<a id="{kpi.name}"></a>\n\n## {say(KPI_WORDS[kpi.name].name)}',
            say(KPI_WORDS[kpi.name].meaning),
            "\n".join(f"- {say(what)}{say(_COLON)}{text}" for what, text in facts),
            _table([say(head) for head in _INPUT_HEADS], inputs),
            say(_EXAMPLE),
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


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
