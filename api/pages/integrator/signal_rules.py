"""What a profile makes of a machine's values, as rows of a table that people read.

Codes, addresses and names of signals stand as they are written in the profile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from api.documents.profiles import inputs_of, places_of_inputs
from api.i18n import Language
from api.pages.labels import SIGNALS
from device_profiles.files.schema import AnyProfile, SignalRule, TakeCase
from device_profiles.files.schema_words import ParameterRef, TableRef
from domain.signals import signal_named
from domain.texts import N_

_UNIT_WORDS: Mapping[str, str] = {"items": N_("items"), "items/s": N_("items a second")}
_CODES_SHOWN = 60


@dataclass(frozen=True, slots=True)
class InputRow:
    """Where one input of a signal is read, the first choice first."""

    name: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignalRow:
    """`word`: empty for a measurement. `steps`: what is done with the inputs, as it is written;
    `says`: the same in words, where that needs any."""

    name: str
    word: str
    unit: str
    inputs: tuple[InputRow, ...]
    steps: tuple[str, ...]
    says: str


def signal_word(name: str, language: Language) -> str:
    """What people call the signal; a measurement its own name."""
    return language.text(SIGNALS[name]) if name in SIGNALS else name


def unit_word(unit: str, language: Language) -> str:
    return language.text(_UNIT_WORDS[unit]) if unit in _UNIT_WORDS else unit


def signal_rows(model: AnyProfile, language: Language) -> list[SignalRow]:
    """Of every signal of the profile, in its order."""
    places = places_of_inputs(model)
    rows = []
    for name, rule in model.signals.items():
        inputs = _read_by(model, inputs_of(rule))
        unit = signal_named(name).unit
        rows.append(
            SignalRow(
                name=name,
                word=signal_word(name, language) if name in SIGNALS else "",
                unit=unit_word(unit, language),
                inputs=tuple(InputRow(it, tuple(places.get(it, ()))) for it in inputs),
                steps=tuple(_steps(model, rule, unit)),
                says=_says(rule, language),
            )
        )
    return rows


def _read_by(model: AnyProfile, names: list[str]) -> list[str]:
    """The inputs behind these names, those behind derived ones included."""
    found: dict[str, None] = {}
    pending, seen = list(names), set()
    while pending:
        name = pending.pop(0)
        if name in seen:
            continue
        seen.add(name)
        if name in model.derived:
            for case in model.derived[name]:
                pending += [*case.if_, case.take]
        else:
            found[name] = None
    return list(found)


def _steps(model: AnyProfile, rule: SignalRule, unit: str) -> Iterator[str]:
    for name in dict.fromkeys(inputs_of(rule)):
        yield from (_taken(name, it) for it in model.derived.get(name, ()))
    for case in rule.when or ():
        yield f"{_conditions(case.if_)} → {case.then}"
    if rule.otherwise is not None:
        yield f"… → {rule.otherwise}"
    yield from _codes(model, rule)
    if rule.sum is not None:
        yield " + ".join(rule.sum)
    if rule.factor is not None:
        yield f"× {rule.factor:g}"
    if rule.offset is not None:
        yield f"+ {rule.offset:g}"
    if rule.unit is not None:
        yield f"{_written(rule.unit)} → {unit}"


def _taken(name: str, case: TakeCase) -> str:
    conditions = _conditions(case.if_)
    return f"{name} = {case.take}" + (f" ({conditions})" if conditions else "")


def _conditions(conditions: Mapping[str, list[str]]) -> str:
    return ", ".join(f"{name} = {' | '.join(symbols)}" for name, symbols in conditions.items())


def _codes(model: AnyProfile, rule: SignalRule) -> Iterator[str]:
    codes = rule.codes
    if codes is None:
        return
    if isinstance(codes, ParameterRef):
        yield _written(codes)
        return
    table = model.table(codes.table) if isinstance(codes, TableRef) else codes
    lines = [f"{code} → {meaning}" for code, meaning in (table or {}).items()]
    yield from lines[:_CODES_SHOWN]
    if len(lines) > _CODES_SHOWN:
        yield "…"


def _written(value: str | ParameterRef) -> str:
    return f"{{{value.parameter}}}" if isinstance(value, ParameterRef) else value


def _says(rule: SignalRule, language: Language) -> str:
    """What is known of a counter besides its numbers."""
    said = []
    if rule.increments is not None:
        said.append(N_("Each value is what was counted since the value before."))
    if rule.width is not None:
        said.append(N_("The counter begins again at zero when its %(bits)s bits are full."))
    if rule.resets == "to_zero":
        said.append(N_("The machine sets the counter to zero."))
    elif rule.resets is not None and rule.resets != "wraps":
        said.append(N_("The machine sets the counter to %(number)s."))
    number = getattr(rule.resets, "to", None)
    values = {"bits": rule.width, "number": number}
    return " ".join(language.text(it, **values) for it in said)
