"""What people read of the packaged device profiles, for the catalogues of `api/locale`.

For which machines a profile is, its caveats, where its recording came from and what its parameters
mean stand in `profile.yaml` in English; pages translate them like every other text. Babel asks for
them by `babel.cfg`. An own profile's texts are in no catalogue and are shown as they are written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import BinaryIO

from device_profiles.files import catalogue
from device_profiles.files.schema import AnyProfile


def texts_of(profile: AnyProfile) -> list[str]:
    """All of them, in English."""
    texts = [
        *profile.named_models,
        *(text for text, _ in profile.linked_caveats),
        profile.recorded_from,
        *(it.description for it in profile.parameters.values()),
    ]
    return [it for it in texts if it]


def extract(
    file: BinaryIO, keywords: Collection[str], tags: Collection[str], options: Mapping[str, str]
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Babel's way of an extraction: line (none is known), function, message and comments; it gives
    more than is needed here."""
    profile = catalogue.parse(file.read().decode(), "profile.yaml")
    yield from ((1, "N_", text, []) for text in texts_of(profile))
