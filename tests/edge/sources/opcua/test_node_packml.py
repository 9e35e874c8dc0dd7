"""The OPC UA source and the PackML profile together, against node-opcua."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest
from node_machine import node_machine
from node_source import EXECUTE, counts, source_of, true_counts, watching, without_repeats
from recording_sink import RecordingSink, until

from device_profiles.decoding.decoder import Decoder
from device_profiles.files.catalogue import load
from domain.samples import Sample


@pytest.mark.parametrize(("state_numbers", "language"), [(True, ""), (False, "état ")])
async def test_the_packml_profile_gives_the_timeline(
    tmp_path: Path, state_numbers: bool, language: str
) -> None:
    """Source and profile together: every state and count of the machine, at its own time.

    Without Number the Id tells the state, whatever the language of its text.
    """
    timeline = [
        {"at_s": 0.5, "state": "Starting"},
        {"at_s": 0.8, "state": "Execute", "total": 10, "defective": 0},
        {"at_s": 1.1, "total": 11, "defective": 1},
        {"at_s": 1.4, "state": "Stopping"},
        {"at_s": 1.5, "state": "Stopped"},
        {"at_s": 1.8, "state": "Aborted"},
        {"at_s": 2.1, "state": "Clearing"},
        {"at_s": 2.3, "state": "Idle"},
        {"at_s": 2.5, "state": "Execute", "total": 12},
    ]
    decoder = Decoder(load("packml/opcua", {}), "filler-1", "filler")
    options = {"state_numbers": state_numbers, "state_text_prefix": language}
    with node_machine(tmp_path, timeline, **options, start_on_signal=True) as machine:
        sink = RecordingSink()
        source = source_of(machine.url, *decoder.addresses)
        async with watching(machine, source, sink):
            await until(lambda: true_counts(machine)[-1][0] == 12, "the end of the timeline")
            end = machine.truth("state")[-1].time
            await until(lambda: counts(sink)[-1:] == true_counts(machine)[-1:], "the last count")
            await until(
                lambda: end in {it.source_time for it in sink.readings(EXECUTE.key)},
                "the last state",
            )
            await asyncio.sleep(0.5)  # what else was told with them
        assert source.status.failed_addresses == ()
        handed_over = itertools.groupby(sink.readings(), key=lambda it: it.received)
        decoded = [it for _, together in handed_over for it in decoder.decode_all(together)]
        samples = [it for it in decoded if isinstance(it, Sample)]
        expected = {
            "Idle": "idle",
            "Starting": "idle",
            "Execute": "producing",
            "Stopping": "stopped",
            "Stopped": "stopped",
            "Aborted": "fault",
            "Clearing": "stopped",
        }
        told = [(it.text, it.time) for it in samples if it.signal == "state"]
        last = {it.time: it.value for it in machine.truth("state")}  # of those of one millisecond
        true = [(expected[state], time) for time, state in last.items()]
        assert without_repeats(told) == without_repeats(true)
        totals = [(it.value, it.time) for it in samples if it.signal == "total_count"]
        assert totals == true_counts(machine)
        rejects = [it.value for it in samples if it.signal == "reject_count"]
        assert rejects[-1] == 1
