"""What a recording and a panel show to be wrong with a profile, a sentence each, in words that
can be translated.

A fault is what somebody must mend, in the profile or at the machine. What looks odd and is
confirmed by the panel (a code that nobody explained, which the panel does not know either) is none.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise, product
from math import prod

from device_profiles.files.consistency import MEMBERS, symbols_of
from device_profiles.files.schema import AnyProfile
from device_profiles.model.addresses import MqttAddress
from device_profiles.model.profile import NumberRule, Profile, WhenRule
from device_profiles.model.units import CONVERSIONS
from device_profiles.model.values import picked, symbol
from device_profiles.proving.panel import Mismatch, Panel
from device_profiles.proving.recording import Recording
from domain.errors import listed, shortened, suggestion
from domain.grants import Reason
from domain.samples import Reading, Rejection, Sample
from domain.signals import SignalKind, signal_named
from domain.texts import N_

_RESET_RATIO = 10  # a counter that falls to less than this part of what it was has been reset
_COMBINATIONS_MAX = 20_000
_RATIO_TOLERANCE = 0.02  # of what the panel shows to what was decoded


@dataclass(frozen=True, slots=True)
class Evidence:
    """A profile, what was recorded with it, and what that decodes to."""

    model: AnyProfile
    profile: Profile
    recording: Recording
    decoded: Sequence[Sample | Rejection]
    panel: Panel | None
    mismatches: Sequence[Mismatch]
    _by_address: dict[str, list[Reading]] = field(default_factory=dict)
    _signals: dict[str, set[str]] = field(default_factory=dict)

    def readings_of(self, address: str) -> list[Reading]:
        """Those of one address, in order of arrival."""
        if not self._by_address:
            for reading in self.recording.readings:
                self._by_address.setdefault(reading.address, []).append(reading)
        return self._by_address.get(address, [])

    def signals_of(self, address: str) -> set[str]:
        """Those that are made of what is said at the address."""
        if address not in self._signals:
            inputs = {
                item.name
                for item in self.profile.inputs
                if any(it.address.key == address for it in item.sources)
            }
            self._signals[address] = {
                rule.signal
                for rule in self.profile.rules
                if not inputs.isdisjoint(self.profile.inputs_of(rule))
            }
        return self._signals[address]


def faults(evidence: Evidence) -> list[Reason]:
    """All that is wrong."""
    return [
        *_times(evidence),
        *_silent_inputs(evidence),
        *_refused(evidence),
        *_leading_nowhere(evidence),
        *_falling_counters(evidence),
        *_idle_fallbacks(evidence.model, evidence.profile),
        *_panel(evidence),
        *_units(evidence),
    ]


def _times(evidence: Evidence) -> Iterator[Reason]:
    for item in evidence.profile.inputs:
        for source in item.sources:
            address = source.address
            if not isinstance(address, MqttAddress) or address.time_field is None:
                continue
            readings = evidence.readings_of(address.key)
            if not readings or any(it.source_time for it in readings):
                continue
            several = N_(
                "input '%(input)s' has no time in any of its %(messages)s messages: there is none "
                "at '%(field)s' that can be read as %(unit)s"
            )
            one = N_(
                "input '%(input)s' has no time in its one message: there is none at '%(field)s' "
                "that can be read as %(unit)s"
            )
            yield Reason(
                several if len(readings) > 1 else one,
                {
                    "input": item.name,
                    "messages": len(readings),
                    "field": address.time_field,
                    "unit": address.time_unit,
                },
            )


def _silent_inputs(evidence: Evidence) -> Iterator[Reason]:
    for item in evidence.profile.inputs:
        addresses = [it.address for it in item.sources]
        came = [reading for it in addresses for reading in evidence.readings_of(it.key)]
        if not came and not all(it.optional for it in addresses):
            yield Reason(
                N_("input '%(input)s' never gave a value (%(address)s)"),
                {"input": item.name, "address": addresses[0].key},
            )
        elif came and all(it.value is None for it in came):
            yield Reason(
                N_("input '%(input)s' gave nothing but empty values (%(address)s)"),
                {"input": item.name, "address": came[0].address},
            )


def _refused(evidence: Evidence) -> Iterator[Reason]:
    counts: dict[tuple[str, str], int] = {}
    for it in evidence.decoded:
        if isinstance(it, Rejection) and not _is_confirmed(evidence, it):
            counts[it.address, it.reason] = counts.get((it.address, it.reason), 0) + 1
    for (address, reason), count in counts.items():
        yield Reason(
            N_("%(address)s: %(reason)s (%(count)s times)"),
            {"address": address, "reason": reason, "count": count},
        )


def _leading_nowhere(evidence: Evidence) -> Iterator[Reason]:
    """Names of codes that came, and that no case knows: what they mean is left to `otherwise`."""
    named = _named_symbols(evidence.profile)
    for item in evidence.profile.inputs:
        counts: dict[str, int] = {}
        for source in item.sources:
            for reading in evidence.readings_of(source.address.key):
                code = symbol(picked(reading.value, source.field))
                name = (source.table or {}).get(code) if isinstance(code, str) else None
                is_lost = name is not None and name not in named.get(item.name, {name})
                if name is not None and is_lost and not _is_confirmed(evidence, reading):
                    counts[name] = counts.get(name, 0) + 1
        for name, count in counts.items():
            yield Reason(
                N_(
                    "input '%(input)s' was '%(code)s' (%(count)s times), which no case names: what "
                    "that means is left to 'otherwise'"
                ),
                {"input": item.name, "code": name, "count": count},
            )


def _named_symbols(profile: Profile) -> dict[str, set[str]]:
    """What the cases name of each input that only cases read, through derived inputs too."""
    named: dict[str, set[str]] = {}
    rules = [it for it in profile.rules if isinstance(it, WhenRule)]
    cases = [case for it in rules for case in it.cases]
    for case in [*cases, *(case for it in profile.derived for case in it.cases)]:
        for condition in case.conditions:
            named.setdefault(condition.input, set()).update(condition.symbols)
    for derived in reversed(profile.derived):  # each takes those that stand above it
        for case in derived.cases:
            named.setdefault(case.result, set()).update(named.get(derived.name, ()))
    alone = {name for it in profile.rules if it not in rules for name in profile.inputs_of(it)}
    return {name: symbols for name, symbols in named.items() if name not in alone}


def _is_confirmed(evidence: Evidence, said: Rejection | Reading) -> bool:
    """Whether the panel was read while that value held, and agrees."""
    if evidence.panel is None:
        return False
    readings = evidence.readings_of(said.address)
    index = bisect_right(readings, said.received, key=lambda it: it.received)
    ends = readings[index].received if index < len(readings) else None
    signals = evidence.signals_of(said.address)
    wrong = {(it.time, it.signal) for it in evidence.mismatches}
    return any(
        name in signals and (reading.time, name) not in wrong
        for reading in evidence.panel.readings
        if reading.time >= said.received and (ends is None or reading.time < ends)
        for name in reading.shows
    )


def _falling_counters(evidence: Evidence) -> Iterator[Reason]:
    for name in evidence.profile.signals:
        if signal_named(name).kind is not SignalKind.COUNTER:
            continue
        samples = [it for it in evidence.decoded if isinstance(it, Sample) and it.signal == name]
        told = sorted((it.time, it.value) for it in samples if it.value is not None)
        for (_, before), (time, after) in pairwise(told):
            if after < before and after * _RESET_RATIO > before:
                yield Reason(
                    N_(
                        "'%(signal)s' falls from %(before)s to %(after)s at %(time)s: that is no "
                        "reset, so it is no counter"
                    ),
                    {
                        "signal": name,
                        "before": f"{before:g}",
                        "after": f"{after:g}",
                        "time": time.isoformat(),
                    },
                )
                break


def _idle_fallbacks(model: AnyProfile, profile: Profile) -> Iterator[Reason]:
    for rule in profile.rules:
        if isinstance(rule, WhenRule) and rule.otherwise != "unknown":
            names = sorted({it.input for case in rule.cases for it in case.conditions})
            possible = [symbols_of(model, name) for name in names]
            if all(possible) and prod(map(len, possible)) <= _COMBINATIONS_MAX:
                said = (dict(zip(names, it, strict=True)) for it in product(*possible))
                if all(_is_covered(rule, it) for it in said):
                    yield Reason(
                        N_(
                            "'otherwise: %(otherwise)s' of '%(signal)s' is never needed, its cases "
                            "are complete: write 'otherwise: unknown'"
                        ),
                        {"otherwise": rule.otherwise, "signal": rule.signal},
                    )


def _is_covered(rule: WhenRule, said: Mapping[str, str]) -> bool:
    return any(all(said[it.input] in it.symbols for it in case.conditions) for case in rule.cases)


def _panel(evidence: Evidence) -> Iterator[Reason]:
    if evidence.panel is None:
        return
    begin, end = evidence.recording.begin, evidence.recording.end
    for reading in evidence.panel.readings:
        at = reading.time.isoformat()
        if begin and end and not begin <= reading.time <= end:
            yield Reason(
                N_(
                    "the panel's reading of %(time)s lies outside of the recording (%(begin)s to "
                    "%(end)s): remove it"
                ),
                {"time": at, "begin": _second(begin), "end": _second(end)},
            )
        for name, value in reading.shows.items():
            if name not in evidence.profile.signals:
                yield _no_signal(at, name, evidence.profile.signals)
            members = MEMBERS.get(name)
            if members is not None and value is not None and value not in members:
                yield _no_member(at, name, str(value), members)


def _no_signal(time: str, name: str, known: Sequence[str]) -> Reason:
    _, near = suggestion(name, known)
    what = N_(
        "the panel's reading of %(time)s names '%(name)s', which is no signal of the profile."
    )
    if "near" in near:
        what = N_(
            "the panel's reading of %(time)s names '%(name)s', which is no signal of the profile. "
            "Did you mean '%(near)s'?"
        )
    elif near:
        what = N_(
            "the panel's reading of %(time)s names '%(name)s', which is no signal of the profile. "
            "Known are: %(known)s."
        )
    return Reason(what, {"time": time, "name": name, **near})


def _no_member(time: str, signal: str, value: str, members: Sequence[str]) -> Reason:
    """`signal`: state or mode."""
    _, near = suggestion(value, members)
    if "near" in near:
        what = (
            N_(
                "the panel's reading of %(time)s has '%(value)s', which is no state. Did you mean "
                "'%(near)s'?"
            )
            if signal == "state"
            else N_(
                "the panel's reading of %(time)s has '%(value)s', which is no mode. Did you mean "
                "'%(near)s'?"
            )
        )
    else:
        what = (
            N_(
                "the panel's reading of %(time)s has '%(value)s', which is no state. Known are: "
                "%(known)s."
            )
            if signal == "state"
            else N_(
                "the panel's reading of %(time)s has '%(value)s', which is no mode. Known are: "
                "%(known)s."
            )
        )
    return Reason(what, {"time": time, "value": shortened(value), **near})


def _second(time: datetime) -> str:
    return time.isoformat(timespec="seconds")


def _units(evidence: Evidence) -> Iterator[Reason]:
    """A panel that shows the same multiple each time speaks another unit."""
    for rule in evidence.profile.rules:
        if not isinstance(rule, NumberRule):
            continue
        pairs = [
            (it.panel, it.decoded)
            for it in evidence.mismatches
            if it.signal == rule.signal
            and isinstance(it.panel, float)
            and isinstance(it.decoded, float)
            and it.panel * it.decoded != 0
        ]
        if not pairs:
            continue
        ratios = [panel / decoded for panel, decoded in pairs]
        now = rule.conversion[0] / rule.conversion[1]
        fitting = [
            unit
            for unit, (numerator, denominator) in CONVERSIONS.get(
                signal_named(rule.signal).unit, {}
            ).items()
            if all(
                abs(ratio / (numerator / denominator / now) - 1) < _RATIO_TOLERANCE
                for ratio in ratios
            )
        ]
        if fitting:
            yield Reason(
                N_(
                    "the panel shows %(ratio)s times the '%(signal)s' that was decoded: the "
                    "machine's unit is %(units)s"
                ),
                {
                    "ratio": f"{ratios[0]:.4g}",
                    "signal": rule.signal,
                    "units": listed(fitting),
                },
            )
