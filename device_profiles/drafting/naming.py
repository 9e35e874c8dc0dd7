"""What the name of a value says of it, by the words of `words`. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from device_profiles.drafting.words import (
    BITS,
    NO_NAME,
    NO_RESULT,
    QUALITY_NAMES,
    SETPOINTS,
    TIME_WORDS,
    WORDS,
)

_NAME_LENGTH_MAX = 200  # characters that are looked at
_WORDS_MAX = 10  # of a name that are looked at
_BEGINS_MIN = 4  # letters of a word that may go on
_PARTS = re.compile(r"[a-z]+|[0-9]+|[^\x00-\x7f]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@lru_cache(maxsize=10_000)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, small and without umlauts.

    >>> words_of("ProdProcessedCount")
    ('prod', 'processed', 'count')
    >>> words_of("Stück_gut 良品数")
    ('stueck', 'gut', '良品数')
    """
    text = " ".join(_CAMEL.split(name[:_NAME_LENGTH_MAX])).lower().translate(_UMLAUTS)
    return tuple(_PARTS.findall(text)[:_WORDS_MAX])


def telling_words(names: Sequence[str]) -> tuple[str, ...]:
    """Of the last name; with those above it as long as it says no more than that something is
    counted or is a value.

    >>> telling_words(["Machine", "Good", "Count"])
    ('good', 'count')
    >>> telling_words(["Counters", "Good"])
    ('good',)
    """
    words: tuple[str, ...] = ()
    for name in reversed(names):
        words = (*words_of(name), *words)[-_WORDS_MAX:]
        if not all(it in NO_NAME or it.isdecimal() for it in words):
            break
    return words


def meets(words: Sequence[str], phrase: str) -> bool:
    """Whether all words of the phrase are there.

    >>> meets(("gutteile", "zaehler"), "zaehler"), meets(("goods",), "good"), meets(("ngx",), "ng")
    (True, True, False)
    """
    return all(any(_meets(it, wanted) for it in words) for wanted in phrase.split())


def _meets(word: str, wanted: str) -> bool:
    if not wanted.isascii():
        return wanted in word
    is_long = len(wanted) >= _BEGINS_MIN
    return word == wanted or (is_long and (word.startswith(wanted) or word.endswith(wanted)))


def _is_met(words: tuple[str, ...], above: tuple[str, ...], phrase: str) -> bool:
    """All of the phrase, and some of it by the words themselves."""
    own = [any(_meets(word, it) for word in words) for it in phrase.split()]
    if all(own):
        return True
    return any(own) and meets((*words, *above), phrase)


@lru_cache(maxsize=10_000)
def signals_named(
    words: tuple[str, ...], above: tuple[str, ...] = ()
) -> dict[str, tuple[int, str]]:
    """The signals that the words may mean, each with how much they tell and the phrase met. The
    words of the name `above` can complete a phrase, as of Counters/Good."""
    found: dict[str, tuple[int, str]] = {}
    for signal, phrases in WORDS.items():
        for weight, said in phrases.items():
            met = [phrase for phrase in said if _is_met(words, above, phrase)]
            if met and found.get(signal, (0, ""))[0] < weight:
                found[signal] = weight, max(met, key=len)
    # 不合格 has 合格 in it; and what counts rejects is not the count of all items.
    if found.get("reject_count", (0, ""))[0] >= found.get("good_count", (0, ""))[0]:
        found.pop("good_count", None)
    if found.keys() & {"good_count", "reject_count", "rework_count"}:
        found.pop("total_count", None)
    if found.get("ideal_speed", (0, ""))[0] >= found.get("speed", (0, ""))[0]:
        found.pop("speed", None)
    return found


@lru_cache(maxsize=10_000)
def is_no_result(words: tuple[str, ...]) -> str:
    """The word that says that this is no result of production: a time, a target; else empty."""
    return next((it for it in NO_RESULT if meets(words, it)), "")


@lru_cache(maxsize=10_000)
def is_word_of_bits(words: tuple[str, ...]) -> bool:
    """Whether each bit of the value says something by itself, as of a status word."""
    return any(meets(words, it) for it in BITS)


@lru_cache(maxsize=10_000)
def is_setpoint(words: tuple[str, ...]) -> bool:
    """Whether the name is of what the machine was told, not of what it does."""
    return any(meets(words, it) for it in SETPOINTS)


def is_quality(name: str) -> bool:
    """Whether this is the name of how good another value is."""
    return words_of(name) in QUALITY_NAMES


def is_time(words: Sequence[str]) -> bool:
    return any(it in words or (not it.isascii() and meets(words, it)) for it in TIME_WORDS)
