"""A draft of a profile, or of a plant file that names a packaged one, from a machine's address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from device_profiles.drafting.fitting import Fit, fits
from device_profiles.drafting.plant_text import (
    MachineEntry,
    ideal_of_fit,
    ideal_of_proposals,
    pace_of,
    plant_text,
)
from device_profiles.drafting.profile_text import (
    About,
    connection_topic,
    machine_name,
    profile_text,
)
from device_profiles.drafting.proposing import Proposals, proposals
from device_profiles.drafting.questions import questions, questions_of_fit, reports
from device_profiles.drafting.seen import MetricPlace, Seen
from device_profiles.files import catalogue
from device_profiles.model.profile import NumberRule
from domain.errors import InputError
from lineproof.browsing import connection_to, watch
from lineproof.packaged_profiles import packaged, with_counters

_SPARKPLUG_KEYS = ("group", "node", "device")


@dataclass(frozen=True, slots=True)
class Draft:
    """`profile`: the text of a profile of its own, None where a packaged one fits; `plant`: of a
    plant file that uses it, with the machine's `entry`; `topic`: that of its connection. `fit` and
    `found`: what it was made of. `notes`: what else is known of the machine; `ask`: what to ask
    its vendor."""

    profile: str | None
    plant: str
    entry: MachineEntry
    topic: str
    fit: Fit | None
    found: Proposals
    notes: tuple[str, ...]
    ask: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`url`, `below`, `settings`, `seconds` and `folder` as for `profile browse`; `own`: a profile
    of its own even where a packaged one fits; `profile_path`: where that will lie."""

    url: str
    below: str
    settings: Sequence[str]
    seconds: float
    folder: Path
    own: bool
    profile_path: str


def drafted_from(wanted: Wanted, day: str) -> Draft:
    """Looks at the machine and proposes; `day` of the look.

    Raises InputError for what cannot be used and where nothing can be proposed, LinkError where the
    machine refuses or is not there.
    """
    seen = watch(wanted.url, wanted.below, wanted.settings, wanted.seconds, wanted.folder)
    return drafted(seen, wanted, day)


def drafted(seen: Seen, wanted: Wanted, day: str) -> Draft:
    """The proposals from what was seen. Raises InputError where there is nothing to propose."""
    fitting = fits(seen, packaged(seen))
    fit = fitting[0] if fitting and not wanted.own else None
    found = proposals(seen.values)
    notes = reports(seen, fitting, fit)
    if fit is not None:
        fit, more = with_counters(fit, found)
        notes = [*more, *notes]
        entry = _entry_of_fit(fit, wanted)
        asked = questions_of_fit(fit)
        return Draft(
            None, plant_text(entry), entry, fit.topic, fit, found, tuple(notes), tuple(asked)
        )
    if not found.chosen:
        raise InputError(
            f"nothing there could be told to be a state, a count or an energy "
            f"({len(seen.values)} values{_first(found.undecided)})",
            where=wanted.url,
            todo="Look for longer while the machine runs (--seconds), see what is there by "
            "`lineproof profile browse`, or begin with `lineproof profile new`.",
        )
    text = profile_text(found, seen, About(wanted.url, day))
    catalogue.parse(text, wanted.profile_path)  # what is written must load
    entry = _entry_of_own(found, seen, wanted)
    topic, asked = connection_topic(found), questions(found)
    return Draft(text, plant_text(entry), entry, topic, None, found, tuple(notes), tuple(asked))


def _entry_of_fit(fit: Fit, wanted: Wanted) -> MachineEntry:
    topic = {"topic": fit.topic} if fit.topic else {}
    by_signal = {
        rule.signal: fit.values[rule.input]
        for rule in fit.profile.rules
        if isinstance(rule, NumberRule) and rule.input in fit.values
    }
    return MachineEntry(
        name=fit.at.rpartition("/")[2],
        profile=fit.profile.name,
        connection={**connection_to(wanted.url, wanted.settings), **topic},
        parameters=fit.parameters,
        signals=fit.signals,
        why=fit.why,
        ideal=ideal_of_fit(fit),
        pace_s=pace_of(by_signal),
    )


def _entry_of_own(found: Proposals, seen: Seen, wanted: Wanted) -> MachineEntry:
    topic = connection_topic(found)
    return MachineEntry(
        name=seen.model or machine_name(found),
        profile=wanted.profile_path,
        connection={
            **connection_to(wanted.url, wanted.settings),
            **({"topic": topic} if topic else {}),
            **_device(found),
        },
        parameters={},
        signals=[it.signal for it in found.chosen],
        ideal=ideal_of_proposals(found),
        pace_s=pace_of({it.signal: it.looked.value for it in found.chosen}),
    )


def _device(found: Proposals) -> dict[str, str]:
    """The Sparkplug B edge node or device of the proposals."""
    places = (it.looked.value.place for it in found.chosen)
    device = next((it.device for it in places if isinstance(it, MetricPlace)), "")
    return dict(zip(_SPARKPLUG_KEYS, device.split("/"), strict=False)) if device else {}


def _first(sentences: Sequence[str]) -> str:
    return f"; {sentences[0]}" if sentences else ""
