"""Counters and gauges that no single value of the machine is: sums, and increments added up. Pure.

A sum is unknown as long as one of its inputs is: never told, or not usable now. Of gauges it is the
sum of what they show. Of counters it must only grow, so a counter that falls is not taken over at
once; its next value tells what happened:

    its values   100, 4, 101          100, 4, 6              100, 60, 61
    it was       a wrong reading      reset to zero          set to an older total
    counted      1                    100, then 6 anew       100, then 1 anew

Of a counter whose falls the profile explains (`Falls`) that decides in the place of what its values
look like; where it always wraps, at once.

The same holds over restarts, so the last values are kept (`KeptTotals`) together with the samples.

Increments are added to a total that never begins anew. An increment counts once and always: one
that comes late, or whose time cannot be believed, counts at the newest time that was given. A
retained message is no news: what it says was counted when it was said, or before anybody listened.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from device_profiles.decoding.address_times import Judged
from device_profiles.decoding.convert import (
    BAD_QUALITY,
    Content,
    Observed,
    Outcome,
    nothing,
    plain_number,
    unusable,
)
from device_profiles.decoding.instant import Instant
from device_profiles.model.profile import IncrementsRule, Rule, SumRule
from device_profiles.model.values import Unusable
from domain.signals import SignalKind, signal_named

INCREMENT_MAX = 1e12  # of one message; more is no count of anything
LATE = "older than a value that was already combined"
FALLEN = "a counter of a sum fell: its next value shows whether it was reset"
_WAITS = ""  # the fall is one that the profile explains; what it was shows the next value
TOO_WIDE = Unusable("more than a counter of the width that the profile names can show")
NEGATIVE = Unusable("an increment below zero")
TOO_LARGE = Unusable("an increment that is too large")
RETAINED = Unusable("a retained message: its increment is no news and not counted")
_SINCE_RESET_SHARE = 0.1  # a counter that shows more of what it did was set, not reset to zero


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class KeptSum(_Model):
    """`base`: what was counted before counters fell; `last`: what each showed last; `fallen`: the
    value of one that fell and has said nothing since."""

    base: float = 0.0
    last: dict[str, float] = {}
    fallen: dict[str, float] = {}


class KeptIncrements(_Model):
    """`until`: the newest time at which the total stood."""

    total: float = 0.0
    until: AwareDatetime | None = None


class KeptTotals(_Model):
    """Of one machine, by signal."""

    sums: dict[str, KeptSum] = {}
    increments: dict[str, KeptIncrements] = {}

    @classmethod
    def of_text(cls, text: str) -> KeptTotals:
        """What a text says that an agent kept; nothing, where it cannot be read."""
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            return cls()


class Sum:
    """The sum of one rule. `kept`: how it was left."""

    def __init__(self, rule: SumRule, kept: KeptSum) -> None:
        self.rule = rule
        self._is_counter = signal_named(rule.signal).kind is SignalKind.COUNTER
        self._seen: dict[str, Observed] = {}
        self._unusable: dict[str, Unusable] = {}
        is_ours = set(kept.last) <= set(rule.inputs)
        self._base = kept.base if is_ours else 0.0
        self._last = dict(kept.last) if is_ours else {}
        self._fallen = dict(kept.fallen) if is_ours else {}

    @property
    def kept(self) -> KeptSum:
        return KeptSum(base=self._base, last=self._last, fallen=self._fallen)

    def take(self, name: str, observed: Observed) -> str | None:
        """A value of an input; the reason for which it is not used, or not yet."""
        before = self._seen.get(name)
        if before is not None and before.timed and observed.timed and observed.time < before.time:
            return LATE
        self._seen[name] = observed
        self._unusable.pop(name, None)
        amount = plain_number(self.rule.signal, observed)
        if isinstance(amount, Unusable):
            self._unusable[name] = amount
            return None if amount is BAD_QUALITY else amount.reason
        falls = self.rule.falls
        if falls is not None and falls.width is not None:
            if not -falls.span / 2 <= amount < falls.span:
                self._unusable[name] = TOO_WIDE
                return TOO_WIDE.reason
            amount %= falls.span  # of one with a sign, too
        if self._is_counter:
            return self._count(name, amount)
        self._last[name] = amount
        return None

    def _count(self, name: str, amount: float) -> str | None:
        last, fallen = self._last.get(name), self._fallen.pop(name, None)
        if last is not None and amount < last:
            fell_to, falls = amount if fallen is None else fallen, self.rule.falls
            counted = None if falls is None else falls.counted(last, fell_to)
            if falls is not None and counted is not None and (falls.wraps or fallen is not None):
                self._base += last + counted - fell_to
                self._last[name] = fell_to
                return None if fallen is None else self._count(name, amount)
            if fallen is None:
                self._fallen[name] = amount
                return FALLEN if counted is None else _WAITS
            is_reset = amount <= last * _SINCE_RESET_SHARE
            self._base += last if is_reset else last - amount
        self._last[name] = amount
        return None

    def outcome(self) -> tuple[Content, Observed] | None:
        """What the sum is by all that was taken; None: it is not complete."""
        if len(self._seen) < len(self.rule.inputs):
            return None
        newest = max(self._seen.values(), key=lambda it: it.time)
        quality = max(it.quality for it in self._seen.values())
        raw = " + ".join(self._seen[name].raw for name in self.rule.inputs)
        whole = replace(newest, raw=raw, quality=quality)
        if self._unusable:
            return nothing(self.rule.signal, quality), whole
        amount = self._base + sum(self._last[name] for name in self.rule.inputs)
        return Content(_scaled(self.rule, amount), None, quality), whole


class RunningTotal:
    """The total of one rule's increments. `kept`: how it was left."""

    def __init__(self, rule: IncrementsRule, kept: KeptIncrements) -> None:
        self.rule = rule
        self._total = kept.total
        self._until: datetime | None = kept.until

    @property
    def kept(self) -> KeptIncrements:
        return KeptIncrements(total=self._total, until=self._until)

    def take(self, observed: Observed, *, is_news: bool) -> tuple[Outcome, Observed]:
        """What an increment leads to, and when."""
        amount = plain_number(self.rule.signal, observed)
        if not isinstance(amount, Unusable) and not is_news:
            return Outcome(None, RETAINED.reason), observed
        if not isinstance(amount, Unusable) and amount < 0:
            amount = NEGATIVE
        elif not isinstance(amount, Unusable) and amount > INCREMENT_MAX:
            amount = TOO_LARGE
        if self._until is not None and observed.time < self._until:
            observed = replace(observed, time=self._until)
        if isinstance(amount, Unusable):
            return unusable(self.rule.signal, amount, observed.quality), observed
        self._total += _scaled(self.rule, amount)
        self._until = observed.time
        return Outcome(Content(self._total, None, observed.quality)), observed


class Totals:
    """All that a machine's rules add up."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self.go_on_from(KeptTotals())

    def go_on_from(self, kept: KeptTotals) -> None:
        """Before the first reading: how whoever read the machine before us left it."""
        self._sums: dict[str, list[Sum]] = {}  # by input
        self._running: dict[str, list[RunningTotal]] = {}
        for rule in self._rules:
            if isinstance(rule, SumRule):
                added = Sum(rule, kept.sums.get(rule.signal, KeptSum()))
                for name in rule.inputs:
                    self._sums.setdefault(name, []).append(added)
            elif isinstance(rule, IncrementsRule):
                running = RunningTotal(rule, kept.increments.get(rule.signal, KeptIncrements()))
                self._running.setdefault(rule.input, []).append(running)

    @property
    def kept(self) -> KeptTotals:
        """What whoever comes after us must go on from, with all samples given so far."""
        return KeptTotals(
            sums={it.rule.signal: it.kept for sums in self._sums.values() for it in sums},
            increments={it.rule.signal: it.kept for all_ in self._running.values() for it in all_},
        )

    @property
    def inputs(self) -> frozenset[str]:
        return frozenset(self._sums) | self.incremented

    @property
    def incremented(self) -> frozenset[str]:
        """The inputs whose values are increments."""
        return frozenset(self._running)

    def take(self, name: str, observed: Observed, is_news: bool, instant: Instant) -> Iterator[str]:
        """Adds a value of an input; gives the reasons for what is not added, or not yet."""
        for running in self._running.get(name, ()):
            outcome, counted = running.take(observed, is_news=is_news)
            instant.add(running.rule.signal, outcome.content, counted)
            if outcome.reason is not None:
                yield outcome.reason
        for added in self._sums.get(name, ()):
            reason = added.take(name, observed)
            if reason not in (LATE, FALLEN, _WAITS):
                instant.touched.add(name)
            if reason:
                yield reason

    def sums_of(self, touched: Collection[str]) -> Iterator[tuple[str, Content, Observed]]:
        """Each sum that is complete and has one of these inputs, once."""
        sums = {it.rule.signal: it for name in touched for it in self._sums.get(name, ())}
        for signal in sorted(sums):
            outcome = sums[signal].outcome()
            if outcome is not None:
                yield (signal, *outcome)


def always_placed(judged: Judged) -> Judged:
    """An increment was counted at some time, however little its time is believed."""
    if judged.is_placed and not judged.is_old:
        return judged
    return Judged(judged.time, judged.timed, judged.is_certain, judged.doubt)


def _scaled(rule: SumRule | IncrementsRule, amount: float) -> float:
    numerator, denominator = rule.conversion
    return amount * rule.factor * numerator / denominator
