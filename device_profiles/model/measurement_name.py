"""The name of a measurement that is called after a variable: safe, and always the same.

Lower case, words apart by `_`. Letters without a place in such a name are written by their number
in Unicode, so that no two names become one by losing them.

>>> measurement_name(["Zone 1", "MeltTemperature"])
'measurement.zone_1_melt_temperature'
>>> measurement_name(["温度"])
'measurement.u6e29_u5ea6'
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence

from domain.signals import MEASUREMENT_PREFIX, is_measurement

_LENGTH_MAX = 100
_HASH_LENGTH = 8
_NEW_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def measurement_name(names: Sequence[str]) -> str:
    """Of a variable along these browse names, the first one the outermost."""
    text = _NEW_WORD.sub("_", "_".join(names))
    plain = "".join(_safe(it) for it in unicodedata.normalize("NFKD", text))
    words = re.sub(r"_+", "_", plain.lower()).strip("_")
    if not words[:1].isalpha():
        words = f"n{words}"
    if len(words) > _LENGTH_MAX:
        digest = hashlib.sha256("/".join(names).encode("utf-8", "replace")).hexdigest()
        words = f"{words[: _LENGTH_MAX - _HASH_LENGTH - 1]}_{digest[:_HASH_LENGTH]}"
    name = MEASUREMENT_PREFIX + words
    assert is_measurement(name), name
    return name


def _safe(mark: str) -> str:
    if mark.isascii():
        return mark if mark.isalnum() else "_"
    if unicodedata.combining(mark):
        return ""  # an accent, which normalisation took off its letter
    return f"_u{ord(mark):x}_" if mark.isalnum() else "_"
