"""Errors of the OPC UA library in words and names."""

from __future__ import annotations

import pytest
from asyncua import ua
from asyncua.ua.uaerrors import UaStatusCodeError

from domain.source_faults import Cause
from edge.sources.opcua.errors import is_of_security, reason, remedy, status_of


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


def test_whatever_a_server_says_of_security_or_room_comes_with_what_to_do() -> None:
    """But for what is said of trust: the caller knows of which certificate."""
    of_trust = {"BadCertificateUntrusted", "BadSecurityChecksFailed"}
    codes = {it: code for it, code in vars(ua.StatusCodes).items() if it.startswith("Bad")}
    asked = {it for it in codes if it.startswith(("BadCertificate", "BadSecurity"))} - of_trust
    asked |= {"BadTooManySessions", "BadTooManySubscriptions", "BadServerHalted"}
    for name in asked:
        assert remedy(UaStatusCodeError(codes[name])).endswith("."), name
    for name in of_trust:
        error = UaStatusCodeError(codes[name])
        assert is_of_security(error)
        assert remedy(error, "Have it trusted.") == "Have it trusted."
    assert not is_of_security(TimeoutError())
