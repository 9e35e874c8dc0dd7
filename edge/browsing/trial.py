"""A profile on a real machine for some seconds: what came, what was made of it, what is wrong.

Nothing is sealed or sent, and nothing stays at the machine or its broker.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from device_profiles.decoding.decoder import Decoder
from device_profiles.files.catalogue import load
from device_profiles.model.profile import Profile
from domain.samples import Quality, Sample
from edge.browsing.found import example
from edge.browsing.heard import Heard, Keep, dismiss
from edge.config import MachineConfig
from edge.sources.base import Now, Source
from edge.sources.factory import make_source

_LINE, _MACHINE, _AGENT = "try", "machine", "lineproof-try"


@dataclass(frozen=True, slots=True)
class InputRead:
    """The last value of an input. `value` and `time` are empty where nothing came."""

    input: str
    address: str
    value: str
    time: datetime | None
    quality: str


@dataclass(frozen=True, slots=True)
class SignalMade:
    """The last sample of a signal, its value as the domain has it; empty where there was none."""

    signal: str
    value: str
    quality: str


@dataclass(frozen=True, slots=True)
class TrialReport:
    """`wrong`: what is wrong, a sentence each; empty: every signal of the profile was told."""

    inputs: tuple[InputRead, ...]
    signals: tuple[SignalMade, ...]
    wrong: tuple[str, ...]


async def tried(
    profile_name: str,
    parameters: Mapping[str, str],
    connection: Mapping[str, str],
    seconds: float,
    now: Now,
    folder: Path,
    *,
    stop: asyncio.Event | None = None,
    keep: Keep = dismiss,
) -> TrialReport:
    """`profile_name`: of the catalogue, or the path of a profile.yaml; `folder`: where the agent's
    own certificate is. The machine is read for so many seconds, or until `stop` is set. `keep` is
    given each reading.

    Raises InputError for a profile, parameters or connection that cannot be used.
    """
    profile = load(profile_name, parameters)
    decoder = Decoder(profile, _LINE, _MACHINE)
    heard = Heard(decoder, keep)
    machine = MachineConfig(
        line=_LINE, machine=_MACHINE, profile=profile_name, connection=dict(connection)
    )
    source = make_source(
        machine,
        decoder.addresses,
        now,
        agent=_AGENT,
        folder=folder,
        lasts=False,
        profile=profile,
    )
    reading = asyncio.create_task(source.run(heard))
    stopped = asyncio.create_task((stop or asyncio.Event()).wait())
    try:
        await asyncio.wait((reading, stopped), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        reading.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading
    heard.decode()
    return TrialReport(
        inputs=tuple(_inputs(profile, heard)),
        signals=tuple(
            _signal(name, heard.samples.get(name))
            for name in dict.fromkeys([*profile.signals, *sorted(heard.samples)])
        ),
        wrong=tuple(_wrong(profile, source, heard)),
    )


def _inputs(profile: Profile, heard: Heard) -> list[InputRead]:
    rows = []
    for item in profile.inputs:
        for it in item.sources:
            key = it.address.key
            read = heard.readings.get(key)
            if read is None:
                rows.append(InputRead(item.name, key, "", None, ""))
                continue
            time = read.source_time or read.received
            rows.append(
                InputRead(item.name, key, example(read.value), time, read.quality.name.lower())
            )
    return rows


def _signal(name: str, sample: Sample | None) -> SignalMade:
    if sample is None:
        return SignalMade(name, "", "")
    if sample.text is not None:
        value = sample.text
    else:
        value = "" if sample.value is None else f"{sample.value:g}"
    return SignalMade(name, value, sample.quality.name.lower())


def _wrong(profile: Profile, source: Source, heard: Heard) -> list[str]:
    status = source.status
    found = [*dict.fromkeys(heard.losses)]
    if not status.connected and status.error and status.error not in found:
        found.append(status.error)
    if not heard.readings and not found:
        found.append("nothing came from the machine that the profile reads")
    found += [f"nothing can be read at {it}: {why}" for it, why in status.failed_addresses]
    found += [f"{reason} ({count}×)" for reason, count in heard.rejected.most_common()]
    failed = dict(status.failed_addresses)
    for item in profile.inputs:
        addresses = [it.address for it in item.sources]
        silent = not any(it.key in heard.readings or it.key in failed for it in addresses)
        if silent and not all(it.optional for it in addresses):
            found.append(f"nothing came of input '{item.name}' ({addresses[0].key})")
    optional = {it.name for it in profile.inputs if all(s.address.optional for s in it.sources)}
    for rule in profile.rules:
        sample = heard.samples.get(rule.signal)
        if sample is None and not optional.issuperset(profile.inputs_of(rule)):
            found.append(f"signal '{rule.signal}' was not told")
        elif sample is not None and sample.quality is Quality.BAD:
            found.append(f"signal '{rule.signal}' cannot be used: its quality is bad")
    return found
