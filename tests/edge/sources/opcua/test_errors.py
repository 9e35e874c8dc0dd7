"""Errors of the OPC UA library in words and names."""

from __future__ import annotations

import pytest
from asyncua import ua
from asyncua.ua.uaerrors import UaStatusCodeError

from domain.source_faults import Cause
from edge.sources.opcua.errors import reason, status_of


@pytest.mark.parametrize(
    ("error", "words", "status"),
    [
        (
            UaStatusCodeError(ua.StatusCodes.BadNodeIdUnknown),
            "BadNodeIdUnknown (The node id refers to a node that does not exist",
            "BadNodeIdUnknown",
        ),
        (TimeoutError(), "no answer in time", Cause.NO_ANSWER),
        (ConnectionRefusedError(111, "Connect call failed"), "Connect call failed", "ECONNREFUSED"),
        (ConnectionError("Connection is closed"), "Connection is closed", Cause.CLOSED),
        (AssertionError(), "AssertionError", ""),
    ],
)
def test_it_has_words_and_a_name(error: BaseException, words: str, status: str) -> None:
    assert words in reason(error)
    assert status_of(error) == status
