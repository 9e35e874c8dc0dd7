"""English sentences about one of something: "1 stop has no reason", and not "1 stops have".

A sentence is written once, about several: "%(count)s stops have no reason yet". Where its count is
1, the noun behind it, and a verb right behind that, are put into the singular. Words that may stand
between count and noun ("more", "production") stay. Chinese knows no such thing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

_BETWEEN = "earlier|good|integrity|more|production|sealed|shorter|submitted|such|unknown"
_NOUNS = {
    "alerts": "alert",
    "batches": "batch",
    "characters": "character",
    "corrections": "correction",
    "days": "day",
    "failures": "failure",
    "findings": "finding",
    "flags": "flag",
    "hours": "hour",
    "items": "item",
    "lines": "line",
    "machines": "machine",
    "milestones": "milestone",
    "minutes": "minute",
    "months": "month",
    "notes": "note",
    "ones": "one",
    "problems": "problem",
    "projects": "project",
    "readings": "reading",
    "rows": "row",
    "samples": "sample",
    "seconds": "second",
    "shifts": "shift",
    "signals": "signal",
    "slices": "slice",
    "stops": "stop",
    "stretches": "stretch",
    "subgroups": "subgroup",
    "things": "thing",
    "times": "time",
    "units": "unit",
    "values": "value",
    "windows": "window",
}
_VERBS = {
    "are": "is",
    "depend": "depends",
    "differ": "differs",
    "do": "does",
    "fit": "fits",
    "have": "has",
    "hold": "holds",
    "tell": "tells",
    "wait": "waits",
    "warn": "warns",
    "were": "was",
}
_COUNTED = re.compile(
    rf"%\((?P<name>\w+)\)s(?P<between>(?: (?:{_BETWEEN}))*)"
    rf"(?: (?P<noun>{'|'.join(_NOUNS)}))?(?: (?P<verb>{'|'.join(_VERBS)}))?\b"
)


def for_one(sentence: str, values: Mapping[str, object]) -> str:
    """The English sentence with its %(name)s still in it, those nouns and verbs in the singular
    whose count among `values` is (or is written as) 1."""
    if not any(str(values.get(name)) == "1" for name in _counts(sentence)):
        return sentence

    def singular(found: re.Match[str]) -> str:
        if not (found["noun"] or found["between"]) or str(values.get(found["name"])) != "1":
            return found[0]
        noun = f" {_NOUNS[found['noun']]}" if found["noun"] else ""
        verb = f" {_VERBS[found['verb']]}" if found["verb"] else ""
        return f"%({found['name']})s{found['between']}{noun}{verb}"

    return _COUNTED.sub(singular, sentence)


@cache
def _counts(sentence: str) -> frozenset[str]:
    """The names of what stands before such a noun."""
    found = _COUNTED.finditer(sentence)
    return frozenset(it["name"] for it in found if it["noun"] or it["between"])
