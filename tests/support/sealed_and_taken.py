"""What a decoder gives, sealed as an agent does and decoded as the intake does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sender import Sender

from collector.intake.payload import decode
from device_profiles.files.catalogue import PACKAGED, load
from device_profiles.model.profile import Profile
from device_profiles.proving.recording import read_recording
from domain.samples import Rejection, Sample
from edge.spool.sealing import rejections_frame, samples_frame

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SEALING = Sender()


def profile_of(name: str) -> Profile:
    """A packaged profile with the parameters of its recording."""
    recording = read_recording(PACKAGED / name / "recording.jsonl")
    assert recording is not None
    return load(name, recording.parameters)


def taken(items: Iterable[Sample | Rejection]) -> None:
    """What was decoded is sealed, and the intake makes of it what can be stored."""
    them = list(items)
    batch = SEALING.seal(
        samples_frame([it for it in them if isinstance(it, Sample)]),
        rejections_frame([it for it in them if isinstance(it, Rejection)]),
    )
    content = decode(batch, NOW + timedelta(days=1))
    assert content.samples.height + content.rejections.height == len(them)
