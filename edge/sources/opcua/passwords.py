"""Whether a password may be said to an OPC UA server.

A server can ask for a password as it is, or encrypted in a way that was broken (OPC 10000-4,
7.40.2.2), and over a channel without security it may be anybody. So a password goes out only where
nobody on the way can read it, and to a server whose certificate is believed; unless it may be read
by all (`readable_password`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from asyncua import ua
from asyncua.client.client import Client

from domain.source_faults import Cause, FaultCode
from edge.sources.opcua.server_trust import certificate_of, check_server, keep_server
from edge.sources.opcua.settings import OpcUaSettings
from edge.sources.runner import LinkError

NONE_URI: Final = "http://opcfoundation.org/UA/SecurityPolicy#None"
_BROKEN = ("Basic128Rsa15", "Basic256")  # OPC 10000-7: deprecated, for SHA-1 and PKCS #1 1.5


def check_password_stays_secret(client: Client, settings: OpcUaSettings, kept: Path) -> None:
    """For a client whose session is made, before it is activated. `kept`: as for `check_server`.

    Raises LinkError, StorageError, and MisconfiguredError for a file that is no certificate.
    """
    if client.security_policy.Mode == ua.MessageSecurityMode.SignAndEncrypt:
        return
    policy = str(client.server_policy(ua.UserTokenType.UserName).SecurityPolicyUri or NONE_URI)
    name = policy.rpartition("#")[2]
    if policy == NONE_URI or name in _BROKEN:
        how = "as it is" if policy == NONE_URI else f"encrypted by '{name}', which was broken"
        raise LinkError(
            f"the server at {settings.url} wants the password {how}, for all to read on the way",
            todo="Encrypt the connection by 'security', have the server encrypt passwords, or "
            "write 'readable_password: allowed'.",
            fault=FaultCode.SIGN_IN_REFUSED,
            status=Cause.NO_SUCH_SECURITY,
        )
    if not settings.secure:
        shown = certificate_of(client.security_policy.peer_certificate, settings)
        check_server(settings, shown, kept)
        keep_server(settings, shown, kept)
