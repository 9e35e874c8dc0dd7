"""Why a value of a machine could not be used, in the reader's language.

Agents write such reasons in English, with what the machine said in them: "unknown code '9'". What
stands here is translated with those parts kept; a reason that does not is shown as it was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from api.i18n import Language
from domain.texts import N_

_WRITTEN = (
    # a value and its rule
    N_("no value"),
    N_("no case holds"),
    N_("bad quality"),
    N_("unknown code '%(code)s'"),
    N_("unknown state '%(code)s'"),
    N_("unknown mode '%(code)s'"),
    N_("a text that is too long"),
    N_("neither a code nor a text"),
    N_("not a code"),
    N_("not a number"),
    N_("not a finite number"),
    N_("a truth value, not a number"),
    N_("not a number written as a text with '%(mark)s'"),
    N_("not an integer of which a bit can be read"),
    N_("not a truth value that has an opposite"),
    N_("no field '%(name)s'"),
    N_("the list has no item %(index)s"),
    N_("not a list that could have an item %(index)s"),
    N_("no signal of the profile uses this address"),
    N_("not the value of a heartbeat"),
    # its time
    N_("source time ahead of receipt: the value stands at its receipt"),
    N_("source time of a clock that was never set: the value stands at its receipt"),
    N_("source time before what had come already: it is not believed"),
    N_("source time stands still while the value changes: the value stands at its receipt"),
    N_("older than the value before it: what holds now is not known"),
    N_("older than a value that was already combined"),
    N_("no time can be read at '%(field)s': the value stands at its receipt"),
    # counters
    N_("a counter of a sum fell: its next value shows whether it was reset"),
    N_("more than a counter of the width that the profile names can show"),
    N_("an increment below zero"),
    N_("an increment that is too large"),
    N_("a retained message: its increment is no news and not counted"),
    # MQTT
    N_("the message has no field '%(field)s'"),
    N_("the message is no JSON: %(why)s"),
    N_("the message is larger than %(most)s bytes"),
    N_("a retained message without a time of its own: its age is unknown"),
    N_("a list of timed values has elements that the profile does not read: use 'each'"),
    N_("two topics match the wildcard: name one, or say 'any_topic' if both are of this value"),
    N_("the quality is none that the profile knows: the value is bad"),
    # Sparkplug B
    N_("a retained message: its age is unknown"),
    N_("a metric that the birth does not have"),
    N_("an alias that the birth does not have"),
    N_("a historical value: it is no current one, and is only kept here"),
    N_("a transient value: its node asks not to store it"),
    N_("the metric has no value and is not null"),
    N_("the text is no UTF-8"),
    N_("the number is no %(type)s"),
    N_("%(field)s cannot hold a value of %(type)s"),
    N_("a whole number cannot be a value of %(type)s"),
    N_("its message says %(said)s, its birth %(born)s"),
    N_("the payload is no Sparkplug B message"),
    N_("the payload is compressed: let the edge node send it as it is"),
    # OPC UA
    N_("the server's history of an outage is not used: %(why)s"),
)
_PART = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class RejectionWords:
    """`is_translated`: else `text` is as the agent wrote it, in English."""

    text: str
    is_translated: bool


def rejection_words(reason: str, language: Language) -> RejectionWords:
    """The reason in the language."""
    for message, pattern in _PATTERNS:
        if found := pattern.fullmatch(reason):
            return RejectionWords(language.text(message, **found.groupdict()), True)
    return RejectionWords(reason, False)


def _pattern(message: str) -> re.Pattern[str]:
    """`no field '%(name)s'` as the pattern that finds the name in what was written."""
    pieces = _PART.split(message)
    written = [
        f"(?P<{piece}>.*)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)
    ]
    return re.compile("".join(written), re.DOTALL)


_PATTERNS = [(it, _pattern(it)) for it in _WRITTEN]
