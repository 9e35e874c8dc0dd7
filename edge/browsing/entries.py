"""Lists in messages whose entries name themselves, as gateways send many tags in one message:

    {"values": [{"id": "Press.Good", "v": 7, "t": 1767225600000}, …]}

Such an entry is found by its name, not by its place in the list, which may be another next time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from edge.browsing.found import leaves

NAMES = ("id", "name", "tag", "key", "metric", "Id", "ID", "Name", "Tag")
ENTRIES_MAX = 500  # of one list
_DEPTH_MAX = 3  # levels below the top at which a list is looked for


@dataclass(frozen=True, slots=True)
class ListOfEntries:
    """`each`: where it stands (JSON Pointer); `key`: the field that names an entry; `entries`: by
    that name the other fields of each, with their values."""

    each: str
    key: str
    entries: dict[str, list[tuple[str, Any]]]


def lists_of_entries(document: Any) -> list[ListOfEntries]:
    """Those in the document.

    >>> [found] = lists_of_entries({"values": [{"id": "Good", "v": 7}, {"id": "Bad", "v": 1}]})
    >>> found.each, found.key, found.entries
    ('/values', 'id', {'Good': [('/v', 7)], 'Bad': [('/v', 1)]})
    """
    return list(_lists(document, "", 0))


def without_entries(document: Any) -> Any:
    """The document without those lists."""
    if _key_of(document):
        return None
    if isinstance(document, dict):
        return {
            name: without_entries(it) if _is_nested(it) else it for name, it in document.items()
        }
    return document


def _is_nested(value: Any) -> bool:
    return isinstance(value, list) or (
        isinstance(value, dict) and any(map(_key_of, value.values()))
    )


def _lists(document: Any, pointer: str, depth: int) -> Iterator[ListOfEntries]:
    key = _key_of(document)
    if key:
        entries = {}
        for it in document[:ENTRIES_MAX]:
            rest = {name: value for name, value in it.items() if name != key}
            entries[it[key]] = leaves(rest)[0]
        yield ListOfEntries(pointer, key, entries)
    elif isinstance(document, dict) and depth < _DEPTH_MAX:
        for name, it in document.items():
            step = str(name).replace("~", "~0").replace("/", "~1")
            yield from _lists(it, f"{pointer}/{step}", depth + 1)


def _key_of(document: Any) -> str:
    """The field by whose text each entry of the list can be told; empty: there is none."""
    if not isinstance(document, list) or not document:
        return ""
    if not all(isinstance(it, dict) for it in document):
        return ""
    for name in NAMES:
        named = [it.get(name) for it in document]
        if all(isinstance(it, str) and it for it in named) and len(set(named)) == len(named):
            return name
    return ""
