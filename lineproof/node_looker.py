"""Looks at machines for the page that connects them: what `lineproof profile draft` and `try` do,
within a minute and in the networks that the node may look in.

Each question has an event loop of its own, in the thread that asks. A profile that was typed in
lies in a file of its own only while it is tried.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from api.queries.connecting.looker import (
    DecodedValue,
    MachineAddress,
    Proposed,
    ProposedSignal,
    RawValue,
    Trial,
)
from device_profiles.drafting.plant_text import machine_text
from device_profiles.drafting.proposing import name_of
from device_profiles.drafting.seen import SeenValue
from device_profiles.files import catalogue
from domain.errors import InputError, LineproofError
from domain.samples import Reading
from domain.texts import one_line
from edge.browsing.found import example
from edge.browsing.trial import tried
from edge.sources.runner import LinkError
from lineproof.browsing import connection_to, watching
from lineproof.clock import utc_now
from lineproof.drafting import Draft, Wanted, drafted
from lineproof.machine_networks import Network, pinned

ANSWER_MAX_S = 60.0
SECONDS_MAX = 20.0
# What may be typed in of a connection: nothing that names a file of this computer.
TYPED_IN = ("security", "user", "password", "topic", "group", "node", "device")
_READINGS_MAX = 50_000
_OTHERS_SHOWN = 300
_Answer = TypeVar("_Answer")


class NodeLooker:
    """`folder`: where the node's own OPC UA certificate is."""

    def __init__(self, folder: Path, networks: Sequence[Network]) -> None:
        self._folder = folder
        self._networks = tuple(networks)

    @property
    def networks(self) -> tuple[str, ...]:
        return tuple(map(str, self._networks))

    def check(self, url: str) -> None:
        """As `api.queries.connecting.looker` has it."""
        pinned(url, self._networks)

    def look(self, address: MachineAddress) -> Proposed:
        """As `api.queries.connecting.looker` has it."""
        settings = _settings(address)
        url = pinned(address.url, self._networks)
        seconds = min(address.seconds, SECONDS_MAX)
        seen = _within_a_minute(watching(url, address.below, settings, seconds, self._folder))
        wanted = Wanted(
            address.url, address.below, settings, seconds, self._folder, False, "profile.yaml"
        )
        return _proposed(drafted(seen, wanted, f"{utc_now():%Y-%m-%d}"))

    def try_out(
        self, address: MachineAddress, profile: str, parameters: Mapping[str, str]
    ) -> Trial:
        """As `api.queries.connecting.looker` has it."""
        connection = connection_to(pinned(address.url, self._networks), _settings(address))
        readings: list[Reading] = []

        def keep(reading: Reading) -> None:
            if len(readings) < _READINGS_MAX:
                readings.append(reading)

        begin = utc_now()
        with tempfile.TemporaryDirectory() as folder:
            place = profile
            if profile not in catalogue.names():
                catalogue.parse(profile, "profile.yaml")
                place = str(Path(folder) / catalogue.FILE_NAME)
                Path(place).write_text(profile, encoding="utf-8")
            seconds = min(address.seconds, SECONDS_MAX)
            report = _within_a_minute(
                tried(place, parameters, connection, seconds, utc_now, self._folder, keep=keep)
            )
        return Trial(
            profile,
            dict(parameters),
            tuple(RawValue(it.input, it.address, it.value, it.quality) for it in report.inputs),
            tuple(DecodedValue(it.signal, it.value, it.quality) for it in report.signals),
            report.wrong,
            tuple(readings),
            begin,
            utc_now(),
        )


def _settings(address: MachineAddress) -> list[str]:
    """As `name=value`. Raises InputError for a setting that may not be typed in."""
    for name in address.settings:
        if name not in TYPED_IN:
            raise InputError(
                f"'{name}' is no setting that can be typed in here",
                todo="Try a connection that needs files by 'lineproof profile try'.",
            )
    return [f"{name}={value}" for name, value in address.settings.items() if value]


def _within_a_minute(work: Coroutine[Any, Any, _Answer]) -> _Answer:
    async def limited() -> _Answer:
        async with asyncio.timeout(ANSWER_MAX_S):
            return await work

    try:
        return asyncio.run(limited())
    except TimeoutError:
        raise SlowMachineError(
            f"the machine has not told everything within {ANSWER_MAX_S:.0f} s",
            todo="Name the node or topic below which to look.",
        ) from None
    except LinkError as error:  # no fault of this node's
        raise UnreachableMachineError(error.what, where=error.where, todo=error.todo) from None


class UnreachableMachineError(LineproofError):
    """A machine that is not there, or refuses."""

    http_status = 502


class SlowMachineError(LineproofError):
    """A machine that takes longer than anybody waits for a page."""

    http_status = 504


def _proposed(draft: Draft) -> Proposed:
    entry, fit = draft.entry, draft.fit
    besides = {it: entry.connection[it] for it in TYPED_IN[3:] if it in entry.connection}
    if fit is not None:
        signals = [
            _signal(it, fit.values[inputs[0]] if inputs and inputs[0] in fit.values else None)
            for it in fit.signals
            for inputs in [_inputs(draft, it)]
        ]
    else:
        signals = [
            ProposedSignal(
                it.signal,
                name_of(it.looked.value),
                one_line(example(it.looked.value.last)),
                it.unit or it.looked.value.unit,
                it.reasons,
            )
            for it in draft.found.chosen
        ]
    others = [it for it in draft.found.others if it.moments][:_OTHERS_SHOWN]
    return Proposed(
        draft.profile,
        "" if fit is None else fit.profile.name,
        "" if fit is None else fit.why,
        {} if fit is None else fit.parameters,
        besides,
        machine_text(entry),
        tuple(signals),
        tuple((name_of(it), one_line(example(it.last))) for it in others),
        draft.found.undecided if fit is None else (),
        draft.notes,
        draft.ask,
    )


def _inputs(draft: Draft, signal: str) -> tuple[str, ...]:
    """Those of the fitting profile that the signal is made of."""
    assert draft.fit is not None
    rules = {it.signal: it for it in draft.fit.profile.rules}
    return draft.fit.profile.inputs_of(rules[signal]) if signal in rules else ()


def _signal(signal: str, value: SeenValue | None) -> ProposedSignal:
    if value is None or not value.moments:
        return ProposedSignal(signal, "" if value is None else name_of(value), "", "", ())
    return ProposedSignal(signal, name_of(value), one_line(example(value.last)), value.unit, ())
