"""The map file of an import (YAML): how another system writes its history.

It is checked as all files that people write are: unknown keys, formats that none are and signals
outside the closed list are named with line and field.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from device_profiles.files.yaml_file import yaml_file_text
from domain.errors import InputError, NotFoundError
from domain.signals import SIGNALS, SignalKind, signal_named
from domain.states import MachineMode, MachineState
from domain.yaml_text import validate
from lineproof.history_import.file_map import FileMap, WideColumn
from lineproof.history_import.formats.text_files import known_encoding
from lineproof.history_import.numbers import NumberFormat
from lineproof.history_import.times import EPOCHS, EXCEL, ISO, is_pattern
from store.files.fields import FileModel

_COUNTERS = [it.name for it in SIGNALS.values() if it.kind is SignalKind.COUNTER]


def _signal(name: str) -> str:
    try:
        return signal_named(name).name
    except InputError as error:
        raise ValueError(str(error)) from None


def _counter(name: str) -> str:
    if name not in _COUNTERS:
        raise ValueError(f"'{name}' is no counter: only {', '.join(_COUNTERS)} can be increments")
    return name


def _written(text: str) -> str:
    if text in (ISO, EXCEL, *EPOCHS) or is_pattern(text):
        return text
    raise ValueError(
        f"'{text}' is no way to write times: use {ISO}, {EXCEL}, {', '.join(EPOCHS)}, or a pattern "
        'with day, month and year, such as "%d.%m.%Y %H:%M:%S"'
    )


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"'{name}' is no time zone: write one such as Asia/Hong_Kong") from None
    return name


def _encoding(name: str) -> str:
    try:
        return known_encoding(name)
    except InputError as error:
        raise ValueError(str(error)) from None


def _separator(mark: object) -> object:
    return "\t" if mark == "tab" else mark


def _listed(names: object) -> object:
    return [names] if isinstance(names, str) else names


SignalName = Annotated[str, AfterValidator(_signal)]
Mark = Annotated[str, BeforeValidator(_separator), Field(min_length=1, max_length=1)]


class _Columns(FileModel):
    time: Annotated[list[str], BeforeValidator(_listed), Field(min_length=1)] = Field(
        default_factory=lambda: ["time"]
    )
    machine: str = "machine"
    signal: str = "signal"
    value: str = "value"
    quality: str = "quality"


class _Wide(FileModel):
    column: str
    signal: SignalName
    machine: str | None = None


class _Codes(FileModel):
    state: dict[str, MachineState] | None = None
    mode: dict[str, MachineMode] | None = None


class _Map(FileModel):
    """The keys of a map file; see docs/import.md."""

    encoding: Annotated[str, AfterValidator(_encoding)] | None = None
    separator: Mark | None = None
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", "'", " "] = ""
    skip_lines: Annotated[int, Field(ge=0, le=10_000)] = 0
    sheet: str | None = None
    time: Annotated[str, AfterValidator(_written)] = ISO
    zone: Annotated[str, AfterValidator(_zone)] | None = None
    columns: _Columns = _Columns()
    machine: str | None = None
    signal: SignalName | None = None
    machines: dict[str, str | None] = Field(default_factory=dict)
    signals: dict[str, SignalName | None] = Field(default_factory=dict)
    codes: _Codes = _Codes()
    increments: list[Annotated[str, AfterValidator(_counter)]] = Field(default_factory=list)
    interval_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    scale: dict[SignalName, Annotated[float, Field(gt=0, allow_inf_nan=False)]] = Field(
        default_factory=dict
    )
    wide: list[_Wide] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.thousands == self.decimal:
            raise ValueError(f"decimal and thousands cannot both be '{self.decimal}'")
        if self.wide and (self.signal or self.signals):
            raise ValueError("wide names each column's signal: leave out signal and signals")
        return self


def _texts(table: Mapping[str, MachineState] | Mapping[str, MachineMode]) -> dict[str, str]:
    return {code: name.value for code, name in table.items()}


def read_map(path: Path) -> FileMap:
    """Raises NotFoundError, or InputError with line and field of what is wrong."""
    if not path.exists():
        raise NotFoundError("there is no such file", where=str(path), todo="Check the path.")
    text = yaml_file_text(path, "the map file")
    found = validate(_Map, text, str(path))
    columns = found.columns
    codes = {"state": found.codes.state, "mode": found.codes.mode}
    return FileMap(
        time=tuple(columns.time),
        machine=columns.machine,
        signal=columns.signal,
        value=columns.value,
        quality=columns.quality,
        one_machine=found.machine,
        one_signal=found.signal,
        wide=tuple(WideColumn(it.column, it.signal, it.machine) for it in found.wide),
        machines=found.machines,
        signals=found.signals,
        codes={signal: _texts(table) for signal, table in codes.items() if table is not None},
        increments=frozenset(found.increments),
        interval_s=found.interval_s,
        scale=found.scale,
        time_format=found.time,
        zone=found.zone,
        numbers=NumberFormat(found.decimal, found.thousands),
        encoding=found.encoding,
        separator=found.separator,
        skip_lines=found.skip_lines,
        sheet=found.sheet,
    )
