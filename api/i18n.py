"""Languages of everything that people read: catalogues, choice, numbers and dates.

Catalogues are `api/locale/<locale>/LC_MESSAGES/lineproof.po`, read at start and
compiled in memory; message ids are the English texts, so English needs no
translation. Which language: `?lang=`, then the cookie, then Accept-Language.
Numbers, dates and durations follow Babel's CLDR data; times are shown in the
plant's zone, which the caller gives. Knows nothing of HTTP frameworks.

To renew the catalogues after texts changed (lines come out in one order, so a conflict is
resolved by running both again):
`pybabel extract -F babel.cfg -k N_ -k Reason --add-location file --sort-by-file -w 100
-o lineproof.pot .` and `pybabel update -w 100 --no-fuzzy-matching --ignore-obsolete
--ignore-pot-creation-date -D lineproof -i lineproof.pot -d api/locale`.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from api import kept_formats
from domain.errors import InputError
from domain.grants import Reason
from domain.singulars import for_one
from domain.texts import N_

LOCALE_FOLDER = Path(__file__).parent / "locale"
COOKIE = "lang"
DASH = "–"  # what is shown where there is no value

# Language tag (BCP 47) → catalogue folder, locale of numbers and dates, the language's own name,
# and what is left of that where there is little room.
_LANGUAGES = {
    "en": ("en", "en_HK", "English", "EN"),
    "zh-Hant": ("zh_Hant", "zh_Hant_HK", "繁體中文", "繁"),
    "zh-Hans": ("zh_Hans", "zh_Hans_CN", "简体中文", "简"),
}
LANGUAGES = tuple(_LANGUAGES)
_ENGLISH = "en"
_COMMA = N_(", ")
_DAY = re.compile(r"(?<![\w-])(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\w-])")
# Units of KPIs as people read them; others are written as they are.
_UNITS = {
    "kWh/item": N_("kWh per item"),
    "items": N_("items"),
    "items/s": N_("items per second"),
}
_TRADITIONAL = ("zh-hant", "zh-hk", "zh-tw", "zh-mo")


@dataclass(frozen=True)
class Language:
    """One language: `tag` as in HTML's lang attribute, texts, numbers, dates."""

    tag: str
    name: str
    short_name: str
    locale: Locale
    catalogue: gettext.NullTranslations

    def text(self, message: str, **values: object) -> str:
        """The message in this language, its %(name)s filled from `values`."""
        # The catalogue has its own description under the empty text.
        translated = self.catalogue.gettext(message) if message else ""
        if not values:
            return translated
        return (for_one(translated, values) if self.tag == _ENGLISH else translated) % values

    def listed(self, names: Iterable[str]) -> str:
        """Names one after the other: with commas, as 「甲、乙」 in Chinese."""
        return self.text(_COMMA).join(names)

    def reason(self, reason: Reason) -> str:
        """A verdict's sentence, as documents for programs have it: days are ISO days; names of
        metrics inside it are translated."""
        values = {
            name: self.text(value) if isinstance(value, str) else value
            for name, value in reason.values.items()
        }
        return self.text(reason.message, **values)

    def sentence(self, reason: Reason) -> str:
        """The same for people: days, shares and units inside it are written as everywhere else on
        a page."""
        return self.text(
            reason.message, **{name: self.said(it) for name, it in reason.values.items()}
        )

    def said(self, value: str | float) -> str | float:
        """A value of a sentence as people read it: days, shares and units; words translated."""
        if not isinstance(value, str):
            return value
        if _DAY.search(value):
            return _DAY.sub(lambda it: self._day_said(it[0]), value)
        number, _, unit = value.partition(" ")
        if unit == "%":
            return f"{number}%"
        return self.amount(number, unit) if unit in _UNITS else self.text(value)

    def _day_said(self, text: str) -> str:
        """What only looks like a day, as 2026-02-30, stays as it is."""
        try:
            return self.day(date.fromisoformat(text))
        except ValueError:
            return text

    def amount(self, number: str, unit: str) -> str:
        """A number that is written already, with the unit of a KPI."""
        return f"{number} {self.unit(unit)}"

    def unit(self, unit: str) -> str:
        """A unit of a KPI."""
        return self.text(_UNITS.get(unit, unit))

    def ratio(self, value: float) -> str:
        """In per cent with two digits at the most."""
        return str(format_percent(value, format="#,##0.##%", locale=self.locale))

    def number(self, value: float | None, digits: int = 0) -> str:
        if value is None:
            return DASH
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(value, format=pattern, locale=self.locale))

    def short_number(self, value: float) -> str:
        """With one digit behind the point, where it is not 0."""
        return str(format_decimal(value, format="#,##0.#", locale=self.locale))

    def percent(self, value: float | None, digits: int = 1) -> str:
        if value is None:
            return DASH
        return kept_formats.percent(self.locale, value, digits)

    def coverage(self, share: float | None) -> str:
        """A share in per cent that says 100 % only where nothing at all is missing."""
        return self.percent(share if share is None or share >= 1 else min(share, 0.999))

    def recorded(self, share: float | None) -> str:
        """The same with as many digits as stand in a verdict's sentences."""
        if share is None:
            return DASH
        return self.ratio(share if share >= 1 else min(share, 0.9999))

    def significant(self, value: float) -> str:
        """Four significant digits: for figures that may be thousandths or thousands."""
        return str(format_decimal(value, format="@@##", locale=self.locale))

    def money(self, hkd: float | None) -> str:
        """Hong Kong dollars, whole."""
        if hkd is None:
            return DASH
        return f"{'−' if round(hkd) < 0 else ''}HK${self.number(abs(hkd))}"

    def duration(self, seconds: float | None) -> str:
        """Two units at most: '2 d 3 h', '2 h 5 min', '5 min', '40 s'."""
        if seconds is None:
            return DASH
        minutes, rest_s = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        units = [("day", days), ("hour", hours), ("minute", minutes), ("second", rest_s)]
        first = next((i for i, (_, count) in enumerate(units) if count), len(units) - 1)
        shown = [
            kept_formats.unit(self.locale, f"duration-{name}", count)
            for name, count in units[first : first + 2]
            if (count or first == len(units) - 1) and (name != "second" or first >= 2)
        ]
        return " ".join(shown)

    def time(self, instant: datetime | None, zone: ZoneInfo, *, seconds: bool = False) -> str:
        if instant is None:
            return DASH
        local = instant.astimezone(zone).time()
        return kept_formats.time_of_day(self.locale, local, seconds=seconds)

    def day(self, day: date | None) -> str:
        return DASH if day is None else str(format_date(day, "medium", locale=self.locale))

    def short_day(self, day: date) -> str:
        """Day and month."""
        return str(format_skeleton("MMMd", day, locale=self.locale))

    def days(self, first: date, last: date) -> str:
        """From the first to the last day, what they share said once."""
        return str(format_interval(first, last, "yMMMd", locale=self.locale))

    def moment(self, instant: datetime | None, zone: ZoneInfo) -> str:
        """Date and time of day in the zone."""
        if instant is None:
            return DASH
        local = instant.astimezone(zone)
        return f"{self.day(local.date())} {self.time(instant, zone)}"


@cache
def language(tag: str) -> Language:
    """The language of that tag (one of LANGUAGES), its catalogue compiled in memory."""
    folder, locale, name, short_name = _LANGUAGES[tag]
    path = LOCALE_FOLDER / folder / "LC_MESSAGES" / "lineproof.po"
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=folder))
    compiled.seek(0)
    known = gettext.GNUTranslations(compiled)
    return Language(tag, name, short_name, Locale.parse(locale), known)


def language_named(tag: str) -> Language:
    """The same for a tag that somebody gave. Raises InputError with those that there are."""
    if tag not in _LANGUAGES:
        raise InputError(
            f"there is no language '{tag}'",
            where="lang",
            todo=f"Use one of {', '.join(LANGUAGES)}.",
        )
    return language(tag)


def match(tag: str) -> str | None:
    """The language served for a BCP 47 tag: zh-HK → zh-Hant, zh-CN → zh-Hans; None for others."""
    lower = tag.strip().replace("_", "-").lower()
    if lower.startswith(_TRADITIONAL):
        return "zh-Hant"
    if lower == "zh" or lower.startswith("zh-"):
        return "zh-Hans"
    return "en" if lower == "en" or lower.startswith("en-") else None


def negotiate(query: str | None, cookie: str | None, accept: str | None) -> str:
    """A request's language tag: ?lang=, cookie, Accept-Language (RFC 9110 12.5.4), English."""
    for wanted in (query, cookie):
        found = match(wanted) if wanted else None
        if found:
            return found
    for tag in _accepted(accept or ""):
        found = match(tag)
        if found:
            return found
    return "en"


def _accepted(header: str) -> list[str]:
    """Tags by falling weight; those with q=0 or an unreadable weight are left out."""
    weighted = []
    for order, part in enumerate(header.split(",")):
        tag, _, parameter = part.partition(";")
        name, _, text = parameter.strip().partition("=")
        try:
            weight = float(text) if name.strip() == "q" else 1.0
        except ValueError:
            continue
        if tag.strip() and weight > 0:
            weighted.append((-weight, order, tag))
    return [tag for _, _, tag in sorted(weighted)]
