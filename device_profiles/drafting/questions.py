"""What a look at a machine cannot tell, as questions to its vendor; what else it showed. Pure."""

from __future__ import annotations

from device_profiles.drafting.fitting import Fit
from device_profiles.drafting.proposing import Proposals
from device_profiles.drafting.seen import Seen
from device_profiles.drafting.standards import STANDARDS, named, types_there
from domain.signals import SIGNALS, SignalKind

_COUNTS = ("total_count", "good_count")
_TYPES_MAX = 4  # that are named of a standard
_UNITS = ("energy", "power", "speed", "ideal_speed")


def questions(found: Proposals) -> list[str]:
    """Of what was proposed by names and movements."""
    chosen = {it.signal: it for it in found.chosen}
    asked = []
    if "state" not in chosen:
        asked.append(
            "Which value says whether the machine produces, and what is each of its codes?"
        )
    asked += [
        f"What does each code of {it} mean, also those that were not seen?"
        for it in ("state", "mode")
        if it in chosen and chosen[it].codes is not None
    ]
    if not any(it in chosen for it in _COUNTS):
        asked.append("Which value counts items, all of them or the good ones alone?")
    elif "reject_count" not in chosen and not all(it in chosen for it in _COUNTS):
        asked.append("Which value counts rejected items?")
    counters = [it for it in chosen if SIGNALS[it].kind is SignalKind.COUNTER and it != "energy"]
    if counters:
        asked.append(f"When do counters go back to zero ({', '.join(counters)}), or never?")
    asked += [
        f"In which unit is {it}?" for it in _UNITS if it in chosen and chosen[it].unit is None
    ]
    return asked


def questions_of_fit(fit: Fit) -> list[str]:
    """Of a packaged profile that fits in part."""
    if not fit.missing:
        return []
    return [f"Can the machine be made to tell {', '.join(fit.missing)} as well?"]


def reports(seen: Seen, fits: list[Fit], used: Fit | None) -> list[str]:
    """What is known of the machine besides: its standards, and other profiles that fit."""
    told = []
    there = types_there(seen.objects)
    for uri in named(seen.namespaces):
        types = there.get(uri, ())
        objects = "no object of it was found"
        if types:
            more = f" and {len(types) - _TYPES_MAX} more" if len(types) > _TYPES_MAX else ""
            objects = f"with objects of {', '.join(types[:_TYPES_MAX])}{more}"
        told.append(f"The server knows {STANDARDS[uri]}: {objects}.")
    others = [it for it in fits if it is not used]
    told += [f"The profile {it.profile.name} fits, too: {it.why}." for it in others]
    return [*told, *([seen.left_out] if seen.left_out else [])]
