"""A password is told to the server that is meant, and to nobody on the way. (With servers: see
test_client and test_node_opcua.)"""

from __future__ import annotations

from pathlib import Path

import pytest
from asyncua import Client, ua
from certificates import make_certificate
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge.sources.opcua.passwords import check_password_stays_secret
from edge.sources.opcua.settings import opcua_settings
from edge.sources.opcua.user_tokens import NONE_URI
from edge.sources.runner import LinkError

POLICY = "http://opcfoundation.org/UA/SecurityPolicy#{}".format
SETTINGS = opcua_settings(
    {"url": "opc.tcp://10.0.0.5:4840", "security": "none", "user": "chan", "password": "secret"},
    "m",
)


def client_of(policy: str, certificate: bytes | None = None) -> Client:
    """A client whose server wants passwords by that policy, over a channel without security."""
    client = Client(SETTINGS.url)
    wanted = ua.UserTokenPolicy(TokenType=ua.UserTokenType.UserName, SecurityPolicyUri=policy)
    client._policy_ids = [wanted]
    client.security_policy.peer_certificate = certificate
    return client


@pytest.mark.parametrize(
    ("policy", "how"),
    [
        (NONE_URI, "as it is"),
        ("", "as it is"),
        (POLICY("Basic128Rsa15"), "encrypted by 'Basic128Rsa15', which was broken"),
        (POLICY("Basic256"), "encrypted by 'Basic256', which was broken"),
    ],
)
def test_what_others_can_read_is_not_said(policy: str, how: str, tmp_path: Path) -> None:
    with pytest.raises(LinkError, match=f"wants the password {how}, for all to read"):
        check_password_stays_secret(client_of(policy), SETTINGS, tmp_path / "kept.der")


def test_it_is_said_to_the_server_that_was_met_first(tmp_path: Path) -> None:
    first, other = (
        x509.load_pem_x509_certificate(
            make_certificate(tmp_path, name, uri=f"urn:{name}").certificate.read_bytes()
        ).public_bytes(Encoding.DER)
        for name in ("first", "other")
    )
    kept, policy = tmp_path / "servers" / "m.der", POLICY("Basic256Sha256")
    for _ in range(2):
        check_password_stays_secret(client_of(policy, first), SETTINGS, kept)
    with pytest.raises(LinkError, match="shows another certificate"):
        check_password_stays_secret(client_of(policy, other), SETTINGS, kept)
    with pytest.raises(LinkError, match="shows no certificate"):
        check_password_stays_secret(client_of(policy), SETTINGS, kept)
