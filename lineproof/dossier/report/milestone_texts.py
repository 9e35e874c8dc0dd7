"""One milestone of a report: terms, verdict with why, chart, what people did with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from api.i18n import DASH, Language
from api.pages import labels
from api.pages.drawing.day_chart import milestone_chart
from api.pages.flag_meanings import FLAG_MEANINGS
from api.pages.officer.grants import ShownMilestone, shown_milestone
from api.pages.officer.milestone import ShownStep, shown_step
from domain.grants import MilestoneForecast
from domain.texts import N_
from lineproof.dossier.report.content import ReportContent

_AT_LEAST, _AT_MOST = N_("at least %(target)s"), N_("at most %(target)s")
_BETWEEN = N_("between %(low)s and %(high)s")
_ALL_RECORDED, _NEARLY_ALL = N_("all time recorded"), N_("nearly all time recorded")
_VERDICT, _TERMS, _WHY, _FLAGS = N_("Verdict"), N_("Terms"), N_("Why"), N_("Flags of the data")
_CLAUSE, _DUE, _KIND = N_("Clause"), N_("Due"), N_("Kind")
_AGREED = N_("agreed: %(day)s")
_WINDOW, _COVERAGE, _MET_ON, _TARGET = N_("Window"), N_("Coverage"), N_("Met on"), N_("Target")
_DUE_AGREED = N_("%(due)s (%(agreed)s)")
_FORECAST = N_("Forecast")
_PROBABILITY = N_("Probability of being met")
_DRAWN_FROM = N_("Drawn from production days")
_DAYS_LEFT = N_("Production days to come")
_NEEDED = N_("Needed a day, on average")
_RESTATED = N_("According to what is known now")
_RESTATED_SAYS = N_(
    "The verdict above stands as it was accepted on %(moment)s. Later data or corrections would "
    "make it:"
)
_STATE = N_("State")
_STEP_COLUMNS = (N_("Step"), N_("Who"), N_("When"), N_("Why"))
_NO_STEPS = N_("Nothing has been done with it yet.")
_DATA_SAID = N_("The data said then:")
_OTHER_TERMS = N_("The terms were changed after this decision: it is of the earlier ones.")
_NEW_DUE = N_("New due day: %(day)s")
_FACTS = N_("Facts")


def milestone_texts(
    shown: ShownMilestone, content: ReportContent, language: Language
) -> dict[str, Any]:
    say, verdict = language.text, shown.verdict
    figures = content.figures.get(shown.milestone.id)
    return {
        "id": shown.milestone.id,
        "title": shown.title,
        "verdict": _verdict(shown, language),
        "terms": {"heading": say(_TERMS), "rows": list(_terms(shown, language))},
        "why": {"heading": say(_WHY), "says": shown.reasons},
        "flags": {
            "heading": say(_FLAGS),
            "rows": list(_flags(shown, language)),
        },
        "mix": shown.product_mix and asdict(shown.product_mix),
        "chart": milestone_chart(figures, verdict, language) if figures else None,
        "forecast": _forecast(verdict.forecast, shown, language) if verdict.forecast else None,
        "restated": _restated(shown, content, language),
        "life": _life(shown, content, language),
    }


def _flags(shown: ShownMilestone, language: Language) -> Iterator[list[str]]:
    """Each flag with what it means, or with what was found and what to ask."""
    say = language.text
    found = {it.flag for it in shown.verdict.findings}
    for flag in shown.verdict.flags:
        if flag not in found:
            meaning = say(FLAG_MEANINGS[flag]) if flag in FLAG_MEANINGS else ""
            yield [say(labels.FLAGS.get(flag, flag)), meaning]
    for it in shown.findings:
        yield [it.name, f"{it.says} {it.asks}"]


def target_text(shown: ShownMilestone, language: Language) -> str | None:
    """The target with its side."""
    if shown.verdict.target is None:
        return None
    bound = _AT_MOST if shown.verdict.op == "<=" else _AT_LEAST
    return language.text(bound, target=shown.target)


def _verdict(shown: ShownMilestone, language: Language) -> dict[str, Any]:
    """What the data say, with the drawing of its bounds (parts of its width from 0 to 1)."""
    say, verdict, bar = language.text, shown.verdict, shown.bar
    word, _, means = labels.VERDICTS[verdict.status.value]
    has_figure = not (verdict.value is None and verdict.low is None and verdict.high is None)
    rows = [
        [say(_TARGET), target_text(shown, language)],
        [
            say(_COVERAGE),
            language.coverage(verdict.coverage) if verdict.coverage is not None else None,
        ],
        [say(_WINDOW), shown.window],
        [say(_MET_ON), shown.met_on],
    ]
    return {
        "heading": say(_VERDICT),
        "status": verdict.status.value,
        "word": say(word),
        "means": say(means),
        "figure": {
            "value": shown.value,
            "metric": shown.metric,
            "range": _range(shown, language),
            "alt": shown.figures,
            "bar": {
                name: None if (at := getattr(bar, name)) is None else at / 100
                for name in ("low", "high", "value", "target")
            },
        }
        if has_figure
        else None,
        "rows": [row for row in rows if row[1] is not None],
    }


def _range(shown: ShownMilestone, language: Language) -> str | None:
    low, high = shown.verdict.low, shown.verdict.high
    if low is None or high is None:
        return None
    if low == high:
        return language.text(_ALL_RECORDED)
    if shown.show(low) == shown.show(high):
        return language.text(_NEARLY_ALL)
    return language.text(_BETWEEN, low=shown.show(low), high=shown.show(high))


def _terms(shown: ShownMilestone, language: Language) -> Iterator[list[str]]:
    say, due = language.text, shown.due
    if shown.agreed_due:
        due = say(_DUE_AGREED, due=due, agreed=say(_AGREED, day=shown.agreed_due))
    yield [say(_CLAUSE), shown.milestone.clause]
    yield [say(_DUE), due]
    yield [say(_KIND), shown.kind]
    for name, value in shown.terms:
        yield [name, value]


def _forecast(
    expected: MilestoneForecast, shown: ShownMilestone, language: Language
) -> dict[str, Any]:
    say = language.text
    rows = [
        [say(_PROBABILITY), language.percent(expected.probability)],
        [say(_DRAWN_FROM), language.number(expected.days)],
        [say(_DAYS_LEFT), language.number(expected.days_left)],
    ]
    if expected.needed_a_day is not None:
        rows.append([say(_NEEDED), shown.show(expected.needed_a_day)])
    return {"heading": say(_FORECAST), "rows": rows}


def _restated(
    shown: ShownMilestone, content: ReportContent, language: Language
) -> dict[str, Any] | None:
    if shown.milestone.id not in content.restated:
        return None
    verdict, since = content.restated[shown.milestone.id]
    now = shown_milestone(verdict, language, content.found)
    moment = language.moment(since, content.found.plant.zone)
    return {
        "heading": language.text(_RESTATED),
        "says": language.text(_RESTATED_SAYS, moment=moment),
        "verdict": _verdict(now, language),
    }


def _life(shown: ShownMilestone, content: ReportContent, language: Language) -> dict[str, Any]:
    """Where it stands, and how it came there."""
    say, found = language.text, content.found
    steps = [
        shown_step(it, it.author, found.plant, shown.milestone, language)
        for it in found.steps_of(shown.milestone.id)
    ]
    return {
        "heading": f"{say(_STATE)}{say(': ')}{say(labels.MILESTONE_STATES[shown.state])}",
        "columns": [say(it) for it in _STEP_COLUMNS],
        "steps": [
            {
                "step": say(labels.STEPS[it.step]),
                "author": it.author,
                "at": it.at,
                "reason": it.reason or DASH,
                "notes": list(_notes(it, language)),
            }
            for it in steps
        ],
        "nothing": say(_NO_STEPS),
    }


def _notes(step: ShownStep, language: Language) -> Iterator[str]:
    if step.due:
        yield language.text(_NEW_DUE, day=step.due)
    if step.status:
        word = language.text(labels.VERDICTS[step.status][0])
        facts = f" · {language.text(_FACTS)} {step.digest[:12]}" if step.digest else ""
        yield f"{language.text(_DATA_SAID)} {word}{facts}"
    if step.is_of_other_terms:
        yield language.text(_OTHER_TERMS)
