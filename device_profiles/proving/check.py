"""How far a profile is proven: its recording is decoded and compared with the machine's panel.

`recording.jsonl`: a header line, then readings as they came (see `read_recording`).
`panel.yaml`: what a person read off the machine at some instants, in the words of the closed
lists. The level is computed here and never claimed in a profile:

- draft: no recording, or one in which a signal of the profile never occurs, or a panel that
  contradicts it;
- recorded: every signal decodes from the recording, nothing contradicts the panel;
- panel-verified: a real machine's panel agrees for every signal. The panel of a simulated machine
  never counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from device_profiles.decoding.decoder import Decoder
from device_profiles.files.catalogue import beside, file_of, read
from device_profiles.files.consistency import opcua_parameters
from device_profiles.files.resolve import resolve
from device_profiles.files.schema import AnyProfile, OpcUaProfile
from device_profiles.model.profile import Profile
from device_profiles.proving.faults import Evidence, faults
from device_profiles.proving.panel import PANEL, Mismatch, Panel, mismatches, read_panel
from device_profiles.proving.recording import RECORDING, Recording, read_recording
from domain.grants import Reason
from domain.samples import Quality, Reading, Rejection, Sample


class Level(StrEnum):
    DRAFT = "draft"
    RECORDED = "recorded"
    PANEL_VERIFIED = "panel-verified"


@dataclass(frozen=True, slots=True)
class ProfileReport:
    """`silent`: signals of the profile that never occur in the recording; `unseen`: those that
    the panel does not show. `rejections` counts by reason. `wrong`: what is wrong, a sentence
    each. `for_the_next_level`: what is missing for it."""

    name: str
    digest: str
    level: Level
    recorded_from: str
    simulated: bool
    signals: tuple[str, ...]
    readings: int
    samples: int
    rejections: dict[str, int]
    silent: tuple[str, ...]
    unseen: tuple[str, ...]
    compared: int
    mismatches: tuple[Mismatch, ...]
    wrong: tuple[Reason, ...]
    for_the_next_level: tuple[str, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong, in English."""
        return tuple(map(str, self.wrong))

    @property
    def ok(self) -> bool:
        """Nothing contradicts the panel or is wrong, and every signal decodes if there is a
        recording."""
        return not self.mismatches and not self.wrong and not (self.readings and self.silent)


def check(name_or_path: str, parameters: Mapping[str, str] | None = None) -> ProfileReport:
    """Replay a profile's recording and compare with its panel.

    The recording says which parameters it was made with; `parameters` are for a profile that
    has none yet. Raises InputError for a profile, recording or panel that cannot be read.
    """
    file = file_of(name_or_path)
    recording = read_recording(beside(file, RECORDING))
    panel = read_panel(beside(file, PANEL))
    model = read(name_or_path)
    if recording is None:
        parameters = _open_ones_named(model, parameters or {})
    profile = resolve(model, recording.parameters if recording else parameters or {})
    decoded = replay(profile, recording.readings if recording else ())
    samples = [item for item in decoded if isinstance(item, Sample)]
    rejected = Counter(item.reason for item in decoded if isinstance(item, Rejection))
    heard = {sample.signal for sample in samples if sample.quality != Quality.BAD}
    shown = {signal for reading in panel.readings for signal in reading.shows} if panel else set()
    differ = tuple(mismatches(samples, panel)) if panel and recording else ()
    silent = tuple(signal for signal in profile.signals if signal not in heard)
    unseen = tuple(signal for signal in profile.signals if signal not in shown)
    level = Level.DRAFT
    if recording and not silent and not differ:
        real = panel is not None and not panel.simulated and not unseen
        level = Level.PANEL_VERIFIED if real else Level.RECORDED
    wrong: list[Reason] = []
    if recording:
        wrong = faults(Evidence(model, profile, recording, decoded, panel, differ))
    return ProfileReport(
        name=profile.name,
        digest=profile.digest,
        level=level,
        recorded_from=profile.recorded_from,
        simulated=panel is not None and panel.simulated,
        signals=profile.signals,
        readings=len(recording.readings) if recording else 0,
        samples=len(samples),
        rejections=dict(rejected),
        silent=silent,
        unseen=unseen,
        compared=sum(len(reading.shows) for reading in panel.readings) if panel else 0,
        mismatches=differ,
        wrong=tuple(wrong),
        for_the_next_level=tuple(_missing(level, recording, panel, silent, unseen)),
    )


def _open_ones_named(model: AnyProfile, given: Mapping[str, str]) -> dict[str, str]:
    """With a name in the place of each parameter that a plant file must give, and of each that is
    part of an OPC UA address: a draft can be looked at before there is a plant."""
    named = {name: name for name, it in model.parameters.items() if it.required}
    if isinstance(model, OpcUaProfile):
        used = [name for _, name in opcua_parameters(model)]
        open_ones = [name for name in used if model.parameters[name].default is None]
        named |= {name: f"{{urn:parameter}}{name}" for name in open_ones}
    return named | dict(given)


def _missing(
    level: Level,
    recording: Recording | None,
    panel: Panel | None,
    silent: Sequence[str],
    unseen: Sequence[str],
) -> Iterator[str]:
    """What stands between that level and the next one."""
    if recording is None:
        yield "there is no recording: 'lineproof profile record' makes one"
    elif level is Level.DRAFT and silent:
        yield f"the recording never tells {', '.join(silent)}"
    elif level is Level.DRAFT:
        yield "the panel contradicts the recording"
    elif level is Level.RECORDED and panel is None:
        yield "nobody has read the machine's panel: 'lineproof profile accept' takes it down"
    elif level is Level.RECORDED and panel is not None:
        if panel.simulated:
            yield "the machine is simulated, so it has no panel of its own"
        if unseen:
            yield f"the panel says nothing of {', '.join(unseen)}"


def replay(profile: Profile, readings: Iterable[Reading]) -> list[Sample | Rejection]:
    """What a fresh decoder makes of the readings; those with the same time of receipt arrived
    together."""
    decoder = Decoder(profile, "recorded", "machine")
    handed_over = groupby(readings, key=lambda reading: reading.received)
    return [item for _, together in handed_over for item in decoder.decode_all(together)]
