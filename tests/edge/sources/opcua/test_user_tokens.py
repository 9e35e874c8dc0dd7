"""An agent signs in by the strongest of a server's user token policies, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asyncua import ua
from certificates import make_certificate
from opcua_server import counter, opcua_server
from recording_sink import RecordingSink, running_source, until, utc_now

from domain.source_faults import FaultCode
from edge.config import MachineConfig
from edge.sources.factory import make_source
from edge.sources.opcua.settings import OpcUaSettings, opcua_settings
from edge.sources.opcua.user_tokens import NONE_URI, chosen_token
from edge.sources.runner import LinkError

POLICY = "http://opcfoundation.org/UA/SecurityPolicy#{}".format
ANONYMOUS, NAMED, PROVED = (
    ua.UserTokenType.Anonymous,
    ua.UserTokenType.UserName,
    ua.UserTokenType.Certificate,
)


def settings_of(security: str = "none", **more: str) -> OpcUaSettings:
    return opcua_settings({"url": "opc.tcp://10.0.0.5:4840", "security": security, **more}, "m")


def offered(*policies: tuple[ua.UserTokenType, str]) -> list[ua.UserTokenPolicy]:
    return [
        ua.UserTokenPolicy(PolicyId=str(place), TokenType=kind, SecurityPolicyUri=uri)
        for place, (kind, uri) in enumerate(policies)
    ]


def chosen(settings: OpcUaSettings, *policies: tuple[ua.UserTokenType, str]) -> str:
    """The id of the policy: its place. The endpoint is as the settings want it."""
    uri = POLICY(settings.policy) if settings.secure else NONE_URI
    endpoint = ua.EndpointDescription(SecurityPolicyUri=uri, UserIdentityTokens=offered(*policies))
    token = chosen_token(endpoint, settings)
    assert token is not None
    return str(token.PolicyId)


TOTAL = counter("Total")
WITH_PASSWORD = {"user": "chan", "password": "secret"}


def test_the_strongest_is_taken_wherever_it_stands() -> None:
    weaker = [(NAMED, NONE_URI), (ANONYMOUS, ""), (NAMED, POLICY("Basic128Rsa15"))]
    sound = [(NAMED, POLICY("Basic256Sha256")), (NAMED, POLICY("Aes128_Sha256_RsaOaep"))]
    assert chosen(settings_of(**WITH_PASSWORD), *weaker, *sound, (NAMED, "")) == "3"
    secure = settings_of("Aes256_Sha256_RsaPss", **WITH_PASSWORD)
    assert chosen(secure, *weaker, *sound, (NAMED, "")) == "5"  # the channel's own
    unknown = (NAMED, POLICY("ECC_nistP256"))
    assert chosen(settings_of(**WITH_PASSWORD), unknown, *sound) == "1"


def test_a_kind_of_user_that_the_server_does_not_take_is_a_sentence() -> None:
    with pytest.raises(LinkError, match="not take users with a password here, only anonymous"):
        chosen(settings_of(**WITH_PASSWORD), (ANONYMOUS, ""))
    with pytest.raises(LinkError, match="not take anonymous access here, only users with a pass"):
        chosen(settings_of(), (NAMED, ""), (NAMED, NONE_URI))
    with pytest.raises(LinkError, match="only by 'ECC_nistP256', which we do not know") as error:
        chosen(settings_of(**WITH_PASSWORD), (NAMED, POLICY("ECC_nistP256")))
    assert error.value.fault is FaultCode.SIGN_IN_REFUSED
    assert "on the server" in error.value.todo


@pytest.mark.parametrize(
    ("security", "policy", "why"),
    [
        ("none", NONE_URI, "which is no proof"),
        ("Basic256Sha256", POLICY("Basic256"), "which was broken"),
        ("Basic256Sha256/Sign", POLICY("Aes128_Sha256_RsaOaep"), "is weaker than 'Basic256Sha256'"),
    ],
)
def test_a_user_is_not_proved_by_less_than_is_configured(
    tmp_path: Path, security: str, policy: str, why: str
) -> None:
    user = make_certificate(tmp_path, "chan", uri="urn:chan")
    files = {"user_certificate": str(user.certificate), "user_key": str(user.key)}
    with pytest.raises(LinkError, match=why):
        chosen(settings_of(security, **files), (PROVED, policy))
    sound = (PROVED, POLICY("Basic256Sha256"))
    assert chosen(settings_of(security, **files), (PROVED, policy), sound) == "1"


async def test_a_server_that_lists_a_readable_password_first_gets_it_encrypted(
    tmp_path: Path,
) -> None:
    """asyncua's server, which tells several of its policies."""
    own = make_certificate(tmp_path, "server", uri="urn:freeopcua:python:server")
    async with opcua_server(own=own) as server:
        for endpoint in server.server.iserver.endpoints:
            endpoint.UserIdentityTokens = offered(
                (NAMED, NONE_URI), (NAMED, POLICY("Basic256Sha256"))
            )
        connection: dict[str, Any] = {"url": server.url, "security": "none", **WITH_PASSWORD}
        machine = MachineConfig(line="l", machine="m", profile="p", connection=connection)
        sink = RecordingSink()
        await server.add("Total", 5)
        source = make_source(machine, [TOTAL], utc_now, folder=tmp_path, agent="tester")
        async with running_source(source, sink):
            await until(lambda: bool(sink.readings()), f"a value ({sink.events})")
