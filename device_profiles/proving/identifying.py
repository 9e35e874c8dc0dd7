"""What in a text may say who or which one it is, and the pseudonyms that stand for it.

Patterns find addresses of networks and of mail, serial numbers and credentials. Names of persons
and of computers have no pattern: they are words that somebody gives, or part of a text that is not
needed at all. Rather a word too many is replaced than one too few.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from ipaddress import ip_address

_HEX = "[0-9A-Fa-f]"
# In this order: what a pattern takes is not looked at again.
_IN_TEXTS = (
    ("credentials", r"-----BEGIN [^-]*-----.*?(?:-----END [^-]*-----|\Z)"),
    ("credentials", r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"),  # a JSON Web Token (RFC 7519)
    ("credentials", r"(?<=//)[^\s/@]+(?=@)"),  # user and password of a URL
    (
        "credentials",
        r"(?i:(?<=password)|(?<=passwd)|(?<=pwd)|(?<=secret)|(?<=token)|(?<=api.key)|(?<=apikey))"
        r"\s*[=:]\s*\S+",
    ),
    ("mail", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    ("mac", rf"\b{_HEX}{{2}}([:-]){_HEX}{{2}}(?:\1{_HEX}{{2}}){{4}}\b"),
    ("ip", r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
    ("ip", rf"(?<![\w:.])(?={_HEX}*:){_HEX[:-1]}:.]{{2,45}}(?![\w:])"),
    ("serial", r"(?i:\b(?:s/?n|ser(?:ial)?[ .]*(?:no|nr|num(?:ber)?)?))\b[ .:#=]+(?=\S*\d)\S+"),
)
# In addresses also what has five digits or more, and a MAC address without its colons.
_IN_ADDRESSES = (
    *_IN_TEXTS,
    ("mac", rf"(?<![0-9A-Za-z])(?={_HEX}*[0-9]){_HEX}{{12}}(?![0-9A-Za-z])"),
    ("serial", r"(?<![0-9A-Za-z])(?=(?:[A-Za-z]*[0-9]){5})[0-9A-Za-z]+(?![0-9A-Za-z])"),
)
_NODE_ID = re.compile(r"(?:\A|;)[igb]=")  # numbers and codes that would be none with a pseudonym


def _compiled(rules: Sequence[tuple[str, str]]) -> list[tuple[str, re.Pattern[str]]]:
    return [(kind, re.compile(pattern, re.DOTALL)) for kind, pattern in rules]


_TEXT_RULES, _ADDRESS_RULES = _compiled(_IN_TEXTS), _compiled(_IN_ADDRESSES)


class Pseudonyms:
    """The same text has the same pseudonym, as in `serial-1`. `words`: texts that are replaced
    wherever they stand, with their kinds, as in `{"press-hall-7": "host"}`."""

    def __init__(self, words: dict[str, str]) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._counts: Counter[str] = Counter()
        longest_first = sorted((it for it in words if it), key=len, reverse=True)
        self._words = [
            (words[it], re.compile(rf"(?<!\w){re.escape(it)}(?!\w)", re.IGNORECASE))
            for it in longest_first
        ]

    @property
    def given(self) -> dict[str, str]:
        """What was replaced, by its pseudonym."""
        return {pseudonym: original for (_, original), pseudonym in self._given.items()}

    def of(self, kind: str, text: str) -> str:
        """That of the whole text."""
        if (kind, text) not in self._given:
            self._counts[kind] += 1
            self._given[kind, text] = f"{kind}-{self._counts[kind]}"
        return self._given[kind, text]

    def in_text(self, text: str) -> str:
        """The text without what identifies."""
        return self._replaced(text, _TEXT_RULES)

    def in_address(self, text: str) -> str:
        """The same of a part of an address, in which long numbers are serial numbers."""
        end = _NODE_ID.search(text)
        names = text if end is None else text[: end.start()]
        return self._replaced(names, _ADDRESS_RULES) + text[len(names) :]

    def _replaced(self, text: str, rules: list[tuple[str, re.Pattern[str]]]) -> str:
        # Pseudonyms are put in by marks, so that no later rule finds one.
        marks: list[str] = []

        def marked(kind: str) -> Callable[[re.Match[str]], str]:
            def mark(match: re.Match[str]) -> str:
                if kind == "ip" and not _is_network_address(match[0]):
                    return match[0]
                marks.append(self.of(kind, match[0]))
                return f"\x00{chr(0xE000 + len(marks) - 1)}\x00"

            return mark

        if "\x00" in text:
            return self.of("text", text)
        for kind, pattern in (*self._words, *rules):
            text = pattern.sub(marked(kind), text)
        for index, pseudonym in enumerate(marks):
            text = text.replace(f"\x00{chr(0xE000 + index)}\x00", pseudonym)
        return text


def _is_network_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
