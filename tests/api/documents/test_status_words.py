"""Every status is a real one, and is said in every language with its name."""

from __future__ import annotations

import errno
import socket

import pytest
from asyncua import ua
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from api.documents.status_words import WORDS, status_words
from api.i18n import LANGUAGES, language
from domain.source_faults import Cause

CAUSES = frozenset(Cause)
# Of all packets, by code.
REASON_CODES = ReasonCode(PacketTypes.CONNACK).names  # type: ignore[no-untyped-call]  # paho's


@pytest.mark.parametrize("status", WORDS)
def test_it_is_said_in_every_language_with_its_name(status: str) -> None:
    said = {status_words(status, language(tag)) or "" for tag in LANGUAGES}
    assert len(said) == len(LANGUAGES)
    for text in said:
        assert text.endswith((f"({status})", f"（{status}）")) is (status not in CAUSES)


def test_every_cause_has_words() -> None:
    assert WORDS.keys() >= CAUSES


@pytest.mark.parametrize("status", ["", "BadDataLost", "MQTT 999", "<b>"])
def test_what_is_not_known_here_is_left_to_the_agents_own_sentence(status: str) -> None:
    assert status_words(status, language("en")) is None


@pytest.mark.parametrize("status", [it for it in WORDS if it not in CAUSES])
def test_the_name_is_that_of_the_protocol_or_the_system(status: str) -> None:
    kind, _, number = status.partition(" ")
    if kind == "MQTT":
        assert int(number) in REASON_CODES
    elif status.startswith("Bad"):
        assert hasattr(ua.StatusCodes, status)
    else:
        assert status in errno.errorcode.values() or hasattr(socket, status)
