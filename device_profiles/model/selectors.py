"""Where in a document a value stands: a JSON Pointer (RFC 6901) or a JMESPath expression. Pure.

A pointer begins with "/" ("" is the whole document), which no expression does. An expression of
names and indices alone is walked here; anything else is left to the library. An expression chooses
a value and makes none: lists and objects that it would put together, literals that nothing is
compared with, and functions that make more of what they are given are refused. So what it costs
grows with the document and its own length alone, and none comes out that the machine never said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

from domain.errors import WrongValueError
from domain.texts import N_

MISSING: Final = object()  # the document has no such field
EXPRESSION_LENGTH_MAX = 500  # characters of an expression
EXPRESSION_PARTS_MAX = 60
EXPRESSION_DEPTH_MAX = 20
FUNCTIONS = (
    *("abs", "avg", "ceil", "contains", "ends_with", "floor", "keys", "length", "max", "max_by"),
    *("min", "min_by", "not_null", "reverse", "sort", "sort_by", "starts_with", "sum"),
    *("to_number", "type", "values"),
)
_COMPARING_FUNCTIONS = ("contains", "starts_with", "ends_with")

_STEP = r'[A-Za-z_][A-Za-z0-9_]*|"(?:[^"\\]|\\.)*"'
_INDEX = r"\[-?\d{1,9}\]"
_PATH = re.compile(rf"(?:{_STEP}|{_INDEX})(?:\.(?:{_STEP})|{_INDEX})*")
_PARTS = re.compile(rf"{_STEP}|{_INDEX}")
_MAKES_MORE = {
    "multi_select_list": "[a, b]",
    "multi_select_dict": "{a: b}",
}


def pointed(document: Any, pointer: str) -> Any:
    """The value at a JSON Pointer (RFC 6901), or MISSING."""
    for name in _names(pointer):
        if isinstance(document, dict) and name in document:
            document = document[name]
        elif isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        else:
            return MISSING
    return document


@lru_cache(maxsize=10_000)
def _names(pointer: str) -> tuple[str, ...]:
    tokens = pointer[1:].split("/") if pointer else ()
    return tuple(it.replace("~1", "/").replace("~0", "~") for it in tokens)


def selected(document: Any, selector: str) -> Any:
    """The value that a pointer or an expression chooses, or MISSING. Never raises."""
    if not selector or selector[0] == "/":
        return pointed(document, selector)
    return _compiled(selector)(document)


def check_selector(text: str) -> str:
    """The text. Raises WrongValueError where it is neither pointer nor expression."""
    if text and not text.startswith("/"):
        _compiled(text)
    return text


@lru_cache(maxsize=1_000)
def _compiled(expression: str) -> Callable[[Any], Any]:
    if len(expression) > EXPRESSION_LENGTH_MAX:
        most = {"most": EXPRESSION_LENGTH_MAX}
        raise WrongValueError(N_("an expression has at most %(most)s characters"), most)
    if _PATH.fullmatch(expression):
        return _walk([_step(part) for part in _PARTS.findall(expression)])
    return _by_library(expression)


def _step(part: str) -> str | int:
    if part[0] == "[":
        return int(part[1:-1])
    if part[0] != '"':
        return part
    try:
        return str(json.loads(part))
    except ValueError:
        what = N_("%(part)s is no name in quotation marks")
        raise WrongValueError(what, {"part": part}) from None


def _walk(steps: list[str | int]) -> Callable[[Any], Any]:
    def walk(document: Any) -> Any:
        for step in steps:
            if isinstance(step, str):
                is_there = isinstance(document, dict) and step in document
            else:
                is_there = isinstance(document, list) and -len(document) <= step < len(document)
            if not is_there:
                return MISSING
            document = document[step]
        return document

    return walk


def _by_library(expression: str) -> Callable[[Any], Any]:
    import jmespath  # few profiles have expressions
    from jmespath.exceptions import JMESPathError

    try:
        compiled = jmespath.compile(expression)
    except (JMESPathError, ValueError, RecursionError):
        raise WrongValueError(
            N_(
                "'%(expression)s' is neither a JSON Pointer (RFC 6901), as in /%(word)s, nor a "
                "JMESPath expression"
            ),
            {"expression": expression, "word": _first_word(expression)},
        ) from None
    _check_cost(compiled.parsed)

    def search(document: Any) -> Any:
        try:
            found = compiled.search(document)
        except (JMESPathError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError):
            return MISSING  # a function of something that it is not for
        return MISSING if found is None else found

    return search


def _first_word(expression: str) -> str:
    return re.split(r"[.\[ ]", expression, maxsplit=1)[0]


def _check_cost(tree: dict[str, Any]) -> None:
    for count, (node, parent, depth) in enumerate(_nodes(tree, None, 1), 1):
        kind, value = node["type"], node.get("value")
        if kind in _MAKES_MORE:
            what = N_("an expression chooses a value: %(form)s makes new ones")
            raise WrongValueError(what, {"form": _MAKES_MORE[kind]})
        if kind == "literal" and isinstance(value, list | dict):
            raise WrongValueError(
                N_("an expression compares with single values: no lists, no objects")
            )
        if kind == "literal" and not _compares(parent):
            raise WrongValueError(
                N_("an expression chooses a value: one of its own is none of the machine")
            )
        if kind == "function_expression" and value not in FUNCTIONS:
            known = {"name": str(value), "known": ", ".join(FUNCTIONS)}
            raise WrongValueError(N_("the function '%(name)s' is none of %(known)s"), known)
        if count > EXPRESSION_PARTS_MAX or depth > EXPRESSION_DEPTH_MAX:
            raise WrongValueError(
                N_("an expression as long as this one costs too much: simplify it")
            )


def _compares(parent: dict[str, Any] | None) -> bool:
    return parent is not None and (
        parent["type"] == "comparator" or parent.get("value") in _COMPARING_FUNCTIONS
    )


def _nodes(
    node: dict[str, Any], parent: dict[str, Any] | None, depth: int
) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None, int]]:
    """Every part with the one that it is part of, and how deep it is."""
    yield node, parent, depth
    for child in node["children"]:
        if isinstance(child, dict):
            yield from _nodes(child, node, depth + 1)
