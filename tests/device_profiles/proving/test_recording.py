"""A recording is a text that people can read and mend."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from own_profiles import own_profile, rewrite

from device_profiles.files.catalogue import PACKAGED
from device_profiles.proving.check import check
from device_profiles.proving.recording import RECORDING, read_recording, recording_lines
from domain.errors import InputError
from domain.samples import Quality, Reading


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return own_profile(tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"address": "x"}', "line 2: not a line of a recording (KeyError: 'value')"),
        ("{", "line 2: not a line of a recording (JSONDecodeError"),
        ("[]", "line 2: not a line of a recording (TypeError"),
    ],
)
def test_a_line_that_is_no_reading_is_named(own: Path, line: str, message: str) -> None:
    lines = (own / RECORDING).read_text(encoding="utf-8").splitlines()
    (own / RECORDING).write_text("\n".join([lines[0], line]), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        check(str(own))
    assert message in str(caught.value)


def test_a_time_without_offset_is_refused(own: Path) -> None:
    rewrite(own / RECORDING, "+00:00", "", 1)
    with pytest.raises(InputError, match="has no offset"):
        check(str(own))


def test_a_recording_is_written_as_it_is_read() -> None:
    path = PACKAGED / "packml/opcua" / RECORDING
    recording = read_recording(path)
    assert recording is not None
    lines = list(recording_lines(recording.parameters, recording.readings))
    assert [json.loads(line) for line in lines] == [
        json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()
    ]


def test_what_a_broker_had_kept_is_no_news_in_a_recording_either(tmp_path: Path) -> None:
    at = datetime(2026, 11, 29, tzinfo=UTC)
    kept, said = (
        Reading("machine", "state#", "run", None, at, Quality.GOOD, is_news=it)
        for it in (False, True)
    )
    (tmp_path / RECORDING).write_text("\n".join(recording_lines({}, [kept, said])))
    recording = read_recording(tmp_path / RECORDING)
    assert recording is not None
    assert recording.readings == (kept, said)
