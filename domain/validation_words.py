"""What is wrong with a value of a model, in words that can be translated. Pure.

pydantic's own words reach nobody as they are: what it puts before them is left out, and the
commonest are known word for word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.errors import WrongValueError, shortened, suggestion
from domain.texts import N_

Schema = Mapping[str, Any]  # a JSON Schema
OWN = ("value_error", "assertion_error")  # types of pydantic's errors whose words are ours
_BEFORE_OURS = re.compile(r"^(Value error|Assertion failed), ")
_SUBJECT = re.compile(r"^[A-Z][A-Za-z]* (?=should\b)")
_CHOICES = ("literal_error", "enum", "union_tag_invalid")
_NO_KEYS = ("model_type", "dict_type", "model_attributes_type")
# Types of pydantic's errors and what they say. `limit`: the last word.
_KNOWN = {
    "greater_than": N_("%(given)s should be greater than %(limit)s"),
    "greater_than_equal": N_("%(given)s should be greater than or equal to %(limit)s"),
    "less_than": N_("%(given)s should be less than %(limit)s"),
    "less_than_equal": N_("%(given)s should be less than or equal to %(limit)s"),
    "int_type": N_("%(given)s should be a valid integer"),
    "int_parsing": N_("%(given)s should be a valid integer, unable to parse string as an integer"),
    "int_from_float": N_(
        "%(given)s should be a valid integer, got a number with a fractional part"
    ),
    "float_type": N_("%(given)s should be a valid number"),
    "float_parsing": N_("%(given)s should be a valid number, unable to parse string as a number"),
    "finite_number": N_("%(given)s should be a finite number"),
    "bool_type": N_("%(given)s should be a valid boolean"),
    "bool_parsing": N_("%(given)s should be a valid boolean, unable to interpret input"),
    "string_type": N_("%(given)s should be a valid string"),
    "invalid_key": N_("%(given)s should be strings"),
    "string_pattern_mismatch": N_("%(given)s should match pattern '%(pattern)s'"),
    "too_long": N_(
        "%(given)s should have at most %(max_length)s items after validation, not %(actual_length)s"
    ),
}


@dataclass(frozen=True, slots=True)
class Words:
    """What is wrong and what to do, as `domain.errors.FileError` has them."""

    what: str
    todo: str = ""
    values: Mapping[str, str | float] = field(default_factory=dict)
    in_full: str = ""


def our_words(message: str) -> str:
    """The words of an error of our own, without what pydantic puts before them.

    >>> our_words("Value error, 'tcsh' is no shell"), our_words("Field required")
    ("'tcsh' is no shell", 'Field required')
    """
    return _BEFORE_OURS.sub("", message)


def behind_the_value(message: str) -> str:
    """Half a sentence that goes on behind the value itself.

    >>> behind_the_value("Input should be a valid integer"), behind_the_value("String should match")
    ('should be a valid integer', 'should match')
    """
    return _SUBJECT.sub("", our_words(message))


def words_of(error: Mapping[str, Any]) -> Words:
    """Of one of `ValidationError.errors()` of pydantic; keys that are missing or unknown apart."""
    kind, context, given = error["type"], error.get("ctx", {}), _shown(error["input"])
    if kind in OWN:
        return _own(context["error"])
    if kind in _NO_KEYS:
        return Words(N_("must be keys with values, not %(given)s"), values={"given": given})
    if kind in ("list_type", "tuple_type"):
        return Words(N_("must be a list, not %(given)s"), values={"given": given})
    if kind in _CHOICES:
        return _choice(context, error["input"])
    if kind in ("too_short", "string_too_short"):  # nowhere is more than one asked for
        return Words(N_("must not be empty"))
    if kind == "string_too_long":
        most = {"most": context["max_length"]}
        return Words(N_("has more than %(most)s characters"), N_("Shorten it."), most)
    said = f"{given} {behind_the_value(error['msg'])}"
    values = {**context, "given": given, "limit": said.rpartition(" ")[2]}
    if kind in _KNOWN and _KNOWN[kind] % values == said:
        return Words(_KNOWN[kind], values=values)
    return Words(N_("this value cannot be used"), in_full=said)


def _own(error: Exception) -> Words:
    if isinstance(error, WrongValueError):
        return Words(error.message, error.advice, error.values)
    return Words(str(error))


def _choice(context: Mapping[str, Any], given: Any) -> Words:
    """`given`: where a tag chooses, the whole that has it."""
    wrong = context.get("tag", given)
    expected = str(context.get("expected") or context.get("expected_tags"))
    todo, values = suggestion(str(wrong), re.findall(r"'([^']*)'", expected))
    values = {"expected": expected, "given": _shown(wrong), **values}
    if context.get("expected"):
        return Words(N_("must be %(expected)s, not %(given)s"), todo, values)
    return Words(N_("must be one of %(expected)s, not %(given)s"), todo, values)


def _shown(value: Any) -> str:
    if value is None:
        return N_("nothing")
    if isinstance(value, Mapping):
        return N_("keys with values")
    if isinstance(value, list):
        return N_("a list")
    return f"'{shortened(str(value))}'"


def allowed_keys(schema: Schema, value: Any, path: Sequence[str | int]) -> list[str]:
    """The keys that a model knows at that path, by its JSON Schema."""
    places = list(_branches(schema, schema, value))
    for step in path:
        value = value[step]
        places = [
            branch
            for place in places
            for inner in _inside(place, step)
            for branch in _branches(inner, schema, value)
        ]
    return list(dict.fromkeys(key for place in places for key in place.get("properties", {})))


def _inside(place: Schema, step: str | int) -> Iterator[Schema]:
    candidates = (
        place.get("properties", {}).get(str(step)),
        next(iter(place.get("patternProperties", {}).values()), None),
        place.get("additionalProperties"),
        place.get("items"),
    )
    for candidate in candidates:
        if isinstance(candidate, Mapping):
            yield candidate
            return


def _branches(schema: Schema, root: Schema, value: Any) -> Iterator[Schema]:
    """The schema without references and unions; branches with another tag are left out."""
    if "$ref" in schema:
        yield from _branches(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, value)
        return
    options = schema.get("anyOf", schema.get("oneOf"))
    if options is not None:
        for option in options:
            yield from _branches(option, root, value)
        return
    fields = schema.get("properties", {})
    tags = {key: field["const"] for key, field in fields.items() if "const" in field}
    if not isinstance(value, Mapping) or all(value.get(k, tag) == tag for k, tag in tags.items()):
        yield schema
