"""What a person read off a machine's panel while it was tried, against what was decoded. Pure.

A counter goes on while somebody looks at the panel: a number agrees that was decoded at any moment
of the trial, by the rules of `device_profiles.proving.panel`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.queries.connecting.looker import Trial
from device_profiles.files.resolve import resolve
from device_profiles.files.schema import AnyProfile
from device_profiles.proving.check import replay
from device_profiles.proving.panel import WITHIN_MAX_S, Panel, PanelReading, PanelValue, mismatches
from device_profiles.proving.typed_reading import typed_value
from domain.errors import InputError
from domain.samples import Sample


@dataclass(frozen=True, slots=True)
class ComparedValue:
    """`agrees` None: what was typed is no value of the signal, and `decoded` says why."""

    signal: str
    typed: str
    decoded: str
    agrees: bool | None


def compared(trial: Trial, model: AnyProfile, typed: Mapping[str, str]) -> list[ComparedValue]:
    """Of each signal that something was typed for. `model`: of the trial's profile."""
    profile = resolve(model, trial.parameters)
    samples = [it for it in replay(profile, trial.readings) if isinstance(it, Sample)]
    rows = []
    for signal, said in typed.items():
        if not said.strip():
            continue
        try:
            value, step = typed_value(signal, said)
        except InputError as error:
            rows.append(ComparedValue(signal, said, str(error), None))
            continue
        rows.append(_row(trial, samples, signal, said, (value, step)))
    return rows


def _row(
    trial: Trial,
    samples: list[Sample],
    signal: str,
    said: str,
    value: tuple[PanelValue, float | None],
) -> ComparedValue:
    shows, step = value
    middle = trial.begin + (trial.end - trial.begin) / 2
    reading = PanelReading(
        time=middle,
        shows={signal: shows},
        within_s=min((trial.end - trial.begin).total_seconds() / 2, WITHIN_MAX_S),
        steps={} if step is None else {signal: step},
    )
    panel = Panel(read_by="typed in", simulated=False, readings=[reading])
    differ = next(iter(mismatches(samples, panel)), None)
    last = next((it for it in reversed(samples) if it.signal == signal), None)
    decoded = "" if last is None else last.text or ("" if last.value is None else f"{last.value:g}")
    return ComparedValue(signal, said, decoded, differ is None)
