"""Sentences about machines that are written in English where no reader is known, in the reader's
language: why a value could not be used, why a value is proposed for a signal, and what is wrong
where a machine is tried.

They come with what the machine said in them: "unknown code '9'". What stands here is translated and
those parts are kept; a sentence that does not is shown as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from api.i18n import Language
from domain.texts import N_

# As agents and the decoding write them.
_REJECTIONS = (
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
# As the trial of a profile at a machine writes them (`edge.browsing.trial`).
_TRIALS = (
    N_("nothing came from the machine that the profile reads"),
    N_("nothing can be read at %(address)s: %(why)s"),
    N_("the server has no such node (%(status)s)"),
    N_("nothing came of input '%(input)s' (%(address)s)"),
    N_("signal '%(signal)s' was not told"),
    N_("signal '%(signal)s' cannot be used: its quality is bad"),
    N_("%(why)s (%(count)s×)"),
)
# As the drafting of profiles writes them.
_PROPOSALS = (
    # why this value
    N_("its name has '%(phrase)s'"),
    N_("its name has the unit %(unit)s"),
    N_("the machine gives its unit as %(unit)s"),
    N_("nothing else counted"),
    N_("nothing else looks like a code"),
    N_("is always %(good)s + %(rejects)s"),
    N_("with %(other)s is always %(total)s"),
    # of which type it is, and how it moved
    N_("true or false"),
    N_("text"),
    N_("integer"),
    N_("number"),
    N_("integer written as a text"),
    N_("number written as a text"),
    N_("did not change meanwhile"),
    N_("changed once"),
    N_("changed %(times)s times"),
    N_("only rises, in whole steps (from %(first)s to %(last)s)"),
    N_("only rises, in fractions (from %(first)s to %(last)s)"),
    N_("falls now and then"),
    N_("goes up and down"),
    # what is open
    N_("%(signal)s may also be %(names)s"),
    N_("no name says which count is which: %(names)s"),
    N_("no name says which code is the state: %(names)s"),
    N_("no count of items was found"),
    N_("no state of the machine was found"),
    N_("the state may be in the bits of %(names)s: read them by 'bit'"),
    N_(
        "several parts look like a machine: %(names)s; this is of '%(name)s': name another by "
        "--below"
    ),
    # profiles and standards
    N_("'%(at)s' has the nodes of '%(title)s'"),
    N_("'%(at)s' has the topics and fields of '%(title)s'"),
    N_("'%(at)s' is of type %(type)s (%(namespace)s)"),
    N_("The profile %(name)s fits, too: %(why)s."),
    N_("The server knows %(standard)s: no object of it was found."),
    N_("The server knows %(standard)s: with objects of %(names)s."),
    # what to ask the vendor
    N_("Which value says whether the machine produces, and what is each of its codes?"),
    N_("What does each code of %(signal)s mean, also those that were not seen?"),
    N_("Which value counts items, all of them or the good ones alone?"),
    N_("Which value counts rejected items?"),
    N_("When do counters go back to zero (%(names)s), or never?"),
    N_("In which unit is %(signal)s?"),
    N_("Can the machine be made to tell %(names)s as well?"),
)
_PART = re.compile(r"%\((\w+)\)s")
_MORE = N_("%(names)s and %(more)s more")


@dataclass(frozen=True, slots=True)
class WrittenWords:
    """`is_translated`: else `text` is as it was written, in English."""

    text: str
    is_translated: bool


def written_words(sentence: str, language: Language) -> WrittenWords:
    """The sentence in the language, and so is the reason inside it; no further, however deep what
    came from outside is nested."""
    return _words(sentence, language, lambda why: _words(why, language, str).text)


def _words(sentence: str, language: Language, of_why: Callable[[str], str]) -> WrittenWords:
    for message, pattern in _PATTERNS:
        if found := pattern.fullmatch(sentence):
            parts = found.groupdict()
            if "why" in parts:
                parts["why"] = of_why(parts["why"])
            if "names" in parts:
                parts["names"] = _listed(parts["names"], language)
            return WrittenWords(language.text(message, **parts), True)
    return WrittenWords(sentence, False)


def _listed(names: str, language: Language) -> str:
    """Names are the machine's own; that there are more is not."""
    found = _LIST.fullmatch(names)
    return language.text(_MORE, **found.groupdict()) if found else names


def _pattern(message: str) -> re.Pattern[str]:
    """`no field '%(name)s'` as the pattern that finds the name in what was written."""
    pieces = _PART.split(message)
    written = [
        f"(?P<{piece}>.*)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)
    ]
    return re.compile("".join(written), re.DOTALL)


_LIST = _pattern(_MORE)
_PATTERNS = [(it, _pattern(it)) for it in (*_REJECTIONS, *_TRIALS, *_PROPOSALS)]
