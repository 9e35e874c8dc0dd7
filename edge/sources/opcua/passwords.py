"""Whether a password may be said to an OPC UA server.

A server can ask for a password as it is, or encrypted in a way that was broken (OPC 10000-4,
7.40.2.2), and over a channel without security it may be anybody. So a password goes out only where
nobody on the way can read it, and to a server whose certificate is believed; unless it may be read
by all (`readable_password`).
"""

from __future__ import annotations

from pathlib import Path

from asyncua import ua
from asyncua.client.client import Client

from domain.source_faults import Cause, FaultCode
from edge.sources.opcua.server_trust import certificate_of, check_server, keep_server
from edge.sources.opcua.settings import OpcUaSettings
from edge.sources.opcua.user_tokens import NONE_URI, policy_name, too_weak
from edge.sources.runner import LinkError


def check_password_stays_secret(client: Client, settings: OpcUaSettings, kept: Path) -> None:
    """For a client whose session is made, before it is activated. `kept`: as for `check_server`.

    Raises LinkError, StorageError, and MisconfiguredError for a file that is no certificate.
    """
    if client.security_policy.Mode == ua.MessageSecurityMode.SignAndEncrypt:
        return
    name = policy_name(client.server_policy(ua.UserTokenType.UserName))
    if why := too_weak(name, settings):
        how = "as it is" if NONE_URI.endswith(f"#{name}") else f"encrypted by '{name}', {why}"
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
