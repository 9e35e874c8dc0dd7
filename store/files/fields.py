"""Field types that plant.yaml and grant.yaml share.

Dates and times come as text (see domain.yaml_text); other YAML readers turn `2026-03-02`
into a date and `07:00` into 420, so dates are taken as they are and such numbers refused with
a sentence that says to quote them.

Every amount and text has a limit. They are far beyond what any plant has, so that what passes one
is a slip (a thousand too many, a file pasted into a name) and nothing later has to reckon with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from domain.errors import FileError, WrongValueError, suggestion
from domain.plant import Text
from domain.texts import N_
from domain.time import PLANT_YEARS, Window, midnight, parse_instant
from domain.yaml_text import Lines, Path

NOTE_LENGTH_MAX = 2_000  # characters of a text that explains something
NAME_LENGTH_MAX = 200  # of what something is called
AMOUNT_MAX = 1e15  # items, dollars, or whatever a process value is measured in
SECONDS_MAX = 366 * 86_400
DAYS_MAX = 36_600
Language = Literal["en", "zh-Hant", "zh-Hans"]
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


class FileModel(BaseModel):
    """A part of a file: unknown keys are errors, numbers may stand for texts. No text is longer
    than NOTE_LENGTH_MAX, and no number is infinite or none."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        coerce_numbers_to_str=True,
        str_max_length=NOTE_LENGTH_MAX,
        allow_inf_nan=False,
    )


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        raise WrongValueError(
            N_("'%(value)s' is a time, not a day: write a day, as in 2026-03-02"),
            {"value": str(value)},
        )
    if isinstance(value, date):
        return _of_a_plant(value)
    if isinstance(value, str) and _DAY.match(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise WrongValueError(
                N_("'%(value)s' is no day of the calendar"), {"value": value}
            ) from None
        return _of_a_plant(day)
    raise WrongValueError(
        N_("'%(value)s' is not a day: write year, month, day, as in 2026-03-02"),
        {"value": str(value)},
    )


def _of_a_plant(day: date) -> date:
    if day.year not in PLANT_YEARS:
        raise WrongValueError(
            N_("'%(day)s' is not a time of any plant: give a year from %(first)s to %(last)s"),
            {"day": str(day), "first": PLANT_YEARS[0], "last": PLANT_YEARS[-1]},
        )
    return day


def _clock(value: Any) -> time:
    if isinstance(value, time):
        return value
    if isinstance(value, str):
        if value == "24:00":
            return time(0)  # the end of a day is the next one's midnight
        if match := _CLOCK.match(value):
            hour, minute, second = (int(part or 0) for part in match.groups())
            return time(hour, minute, second)
        raise WrongValueError(
            N_('\'%(value)s\' is not a time of day: write one from "00:00" to "24:00"'),
            {"value": value},
        )
    raise WrongValueError(
        N_("'%(value)s' is not a time of day: write it in quotes, as in \"07:00\""),
        {"value": str(value)},
    )


def _local_time(value: Any) -> str:
    """An instant as text: its zone is known only where the whole plant is."""
    if isinstance(value, date):  # a datetime is one too
        return _of_a_plant(value).isoformat()
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            _of_a_plant(at.date())
            return value
    raise WrongValueError(
        N_("'%(value)s' is not a time: write ISO 8601, as in 2026-03-02T07:00"),
        {"value": str(value)},
    )


def quoted(value: Any) -> Any:
    """A text that looks like a number and must stay a text: a clause, a machine's code."""
    if isinstance(value, float):
        raise WrongValueError(
            N_("write it in quotes: without them 5.10 is the number 5.1 (got %(value)s)"),
            {"value": value},
        )
    return value


def is_bare_day(text: str) -> bool:
    return bool(_DAY.match(text))


def read_window(
    what: str, start: str, end: str, zone: ZoneInfo, path: Path, lines: Lines
) -> Window:
    """The window of two LocalTimes; an end that is a day includes that day. Raises InputError where
    it is over before it begins."""
    first, last = parse_instant(start, zone), parse_instant(end, zone)
    if is_bare_day(end):
        last = midnight(date.fromisoformat(end) + timedelta(days=1), zone)
    if last <= first:
        raise lines.error(
            (*path, "end"),
            N_("the %(what)s ends (%(end)s) before it starts (%(start)s)"),
            N_("Give an end later than the start."),
            {"what": what, "end": end, "start": start},
        )
    return Window(first, last)


def not_in_file(
    path: Path, what: str, name: str, known: Collection[str], lines: Lines
) -> FileError:
    """What is said where `path` names a `what`, as a calendar, that the file does not have."""
    todo, values = suggestion(name, list(known))
    return lines.error(
        path,
        N_("the %(what)s '%(name)s' is not in this file"),
        todo or N_("Add it under '%(section)s'."),
        {"what": what, "name": name, "section": f"{what}s", **values},
    )


def refuse_day_twice(days: Sequence[date], path: Path, lines: Lines) -> None:
    """Raises InputError where a list of changes at `path` has two from the same day."""
    for index, day in enumerate(days):
        if day in days[:index]:
            raise lines.error(
                (*path, index, "from"),
                N_("a change from %(day)s is there already"),
                N_("Make them one, or correct one of the two days."),
                {"day": str(day)},
            )


def _at_least(least: float) -> Callable[[float], float]:
    """Refuses what is greater than 0, but so small that dividing by it says nothing."""

    def check(value: float) -> float:
        if value < least:
            raise WrongValueError(
                N_("%(value)s is too small: the least is %(least)s"),
                {"value": f"{value:g}", "least": f"{least:g}"},
            )
        return value

    return check


def plain_text(texts: Mapping[Language, str]) -> Text:
    return {str(language): text for language, text in texts.items()}


Identifier = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)
]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Clock = Annotated[
    time,
    BeforeValidator(_clock),
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$|^24:00$"}),
]
LocalTime = Annotated[
    str, BeforeValidator(_local_time), WithJsonSchema({"type": "string", "format": "date-time"})
]
Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH_MAX)]
Clause = Annotated[str, BeforeValidator(quoted), Field(min_length=1, max_length=NAME_LENGTH_MAX)]
Texts = Annotated[dict[Language, Name], Field(min_length=1)]
Number = Annotated[float, Field(ge=-AMOUNT_MAX, le=AMOUNT_MAX)]
PositiveNumber = Annotated[
    float, Field(gt=0, le=AMOUNT_MAX), AfterValidator(_at_least(1 / AMOUNT_MAX))
]
PositiveSeconds = Annotated[float, Field(gt=0, le=SECONDS_MAX), AfterValidator(_at_least(1e-6))]
PositiveDays = Annotated[int, Field(ge=1, le=DAYS_MAX)]
