"""A session with an OPC UA server, opened as configured or refused with a sentence.

The steps of OPC 10000-4 (channel, session, activation) are taken one by one instead of by
`Client.connect`, which would start tasks of its own: here the caller alone decides when a
connection is lost, and a session that outlived its connection can be taken up again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from asyncua import ua
from asyncua.client.client import Client
from asyncua.crypto import security_policies
from asyncua.ua.uaerrors import UaError, UaStatusCodeError
from cryptography import x509

from domain.source_faults import Cause, FaultCode
from edge.sources.base import MisconfiguredError
from edge.sources.opcua.errors import reason, status_of
from edge.sources.opcua.settings import OpcUaSettings
from edge.sources.runner import LinkError

REQUEST_TIMEOUT_S = 4.0
OPEN_TIMEOUT_S = 20.0  # all steps together: a server that answers none of them must not hang us
CLOSE_TIMEOUT_S = 1.5  # of the few seconds in which a process ends
SESSION_TIMEOUT_S = 120.0  # how long the server keeps a session whose connection broke
CHANNEL_LIFETIME_S = 3600.0
NONE_URI = "http://opcfoundation.org/UA/SecurityPolicy#None"

# The library logs whole requests and tracebacks of what is reported here in one sentence.
logging.getLogger("asyncua.client").setLevel(logging.CRITICAL)


async def open_session(settings: OpcUaSettings, name: str) -> Client:
    """A client with an activated session. `name` shows in the server's diagnostics.

    Raises LinkError, or InputError for files that are no certificate or key.
    """
    client = Client(settings.url, timeout=REQUEST_TIMEOUT_S)
    client.name = client.description = name
    client.session_timeout = int(SESSION_TIMEOUT_S * 1000)
    client.secure_channel_timeout = int(CHANNEL_LIFETIME_S * 1000)
    try:
        async with asyncio.timeout(OPEN_TIMEOUT_S):
            offered = await _endpoints(client, settings)
            await _secure(client, settings, offered)
            await _open_channel(client, settings)
            await client.create_session()
            await _activate(client, settings)
    except BaseException as error:
        await close_session(client)
        if isinstance(error, TimeoutError):
            raise LinkError(
                f"the server at {settings.url} does not answer",
                todo="Check that it runs.",
                status=Cause.NO_ANSWER,
            ) from error
        if isinstance(error, OSError | UaError):
            raise LinkError(
                f"no session with {settings.url}: {reason(error)}", status=status_of(error)
            ) from error
        raise
    return client


class SessionGoneError(Exception):
    """The server answers, but the session cannot be taken up again."""


async def resume_session(client: Client, settings: OpcUaSettings) -> None:
    """Take up the client's session again on a new channel (OPC 10000-4, 5.7.3).

    The server kept its subscriptions with all that they queued. Raises LinkError when the
    server cannot be reached, SessionGoneError when only a new session can help.
    """
    client.disconnect_socket()
    try:
        async with asyncio.timeout(OPEN_TIMEOUT_S):
            await _open_channel(client, settings)
            client.uaclient.session.rebind_authentication_token()
            await _activate(client, settings)
    except OSError as error:  # TimeoutError among them
        raise LinkError(
            f"cannot connect to {settings.url} again: {reason(error)}",
            todo="Check that the machine is on, and its address and port.",
            status=status_of(error),
        ) from error
    except (UaError, LinkError) as error:
        raise SessionGoneError(reason(error)) from error


async def close_session(client: Client) -> None:
    """Delete the session and its subscriptions as far as the server still listens."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await client.disconnect()
    client.disconnect_socket()


async def _endpoints(client: Client, settings: OpcUaSettings) -> list[ua.EndpointDescription]:
    try:
        return await client.connect_and_get_server_endpoints()
    except (OSError, UaError) as error:
        raise LinkError(
            f"cannot connect to {settings.url}: {reason(error)}",
            todo="Check that the machine is on, and its address and port.",
            status=status_of(error),
        ) from error


async def _secure(
    client: Client, settings: OpcUaSettings, offered: list[ua.EndpointDescription]
) -> None:
    """Set exactly the policy that the settings name. Never falls back to another one."""
    if settings.secure:
        policy = getattr(security_policies, "SecurityPolicy" + settings.policy.replace("_", ""))
        uri, mode = policy.URI, ua.MessageSecurityMode[settings.mode]
    else:
        uri, mode = NONE_URI, ua.MessageSecurityMode.None_
    if not any(point.SecurityPolicyUri == uri and point.SecurityMode == mode for point in offered):
        names = sorted({_endpoint_name(point) for point in offered})
        raise LinkError(
            f"the server at {settings.url} does not offer security '{_named(settings)}', "
            f"only {', '.join(names) or 'nothing that we know'}",
            todo="Name one of these as 'security', or allow the wanted one on the server.",
            fault=FaultCode.SECURITY_REFUSED,
            status=Cause.NO_SUCH_SECURITY,
            there=tuple(names),
        )
    if not settings.secure:
        return
    identity = settings.identity
    assert identity.certificate is not None
    assert identity.key is not None
    _claim_application_uri(client, settings)
    try:
        await client.set_security(
            policy,
            str(identity.certificate),
            str(identity.key),
            server_certificate=str(settings.server_certificate or "") or None,
            mode=mode,
        )
    except (ValueError, TypeError) as error:
        raise MisconfiguredError(
            f"the client certificate or key cannot be read: {error}",
            Cause.CERTIFICATE_UNREADABLE,
            where=f"{identity.certificate}, {identity.key}",
            todo="Give a PEM or DER file of each that belong together.",
        ) from error


def _claim_application_uri(client: Client, settings: OpcUaSettings) -> None:
    """Servers compare the application URI with the one in the certificate (OPC 10000-6, 6.2.2)."""
    file = settings.identity.certificate
    assert file is not None
    data = file.read_bytes()
    try:
        if b"-----BEGIN" in data:
            certificate = x509.load_pem_x509_certificate(data)
        else:
            certificate = x509.load_der_x509_certificate(data)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        (client.application_uri,) = names.value.get_values_for_type(x509.UniformResourceIdentifier)
    except (ValueError, x509.ExtensionNotFound) as error:
        raise MisconfiguredError(
            "the client certificate cannot be used: it must name one application URI",
            Cause.NO_APPLICATION_URI,
            where=str(file),
            todo="Give an OPC UA application instance certificate (OPC 10000-6, 6.2.2).",
        ) from error


async def _open_channel(client: Client, settings: OpcUaSettings) -> None:
    await client.connect_socket()
    await client.send_hello()
    try:
        await client.open_secure_channel()
    except (AssertionError, OSError, UaError) as error:
        if not settings.secure:
            raise
        raise LinkError(
            f"the server at {settings.url} refused the secure channel ({reason(error)})",
            todo="Most likely it does not trust our certificate yet: have "
            f"{settings.identity.certificate} trusted on the server.",
            fault=FaultCode.SECURITY_REFUSED,
            status=status_of(error) if isinstance(error, UaStatusCodeError) else Cause.UNTRUSTED,
        ) from error


async def _activate(client: Client, settings: OpcUaSettings) -> None:
    identity = settings.identity
    try:
        await client.activate_session(username=identity.user, password=identity.password)
    except UaStatusCodeError as error:
        name = ua.StatusCode(ua.UInt32(error.code)).name
        if name not in (
            "BadIdentityTokenRejected",
            "BadUserAccessDenied",
            "BadIdentityTokenInvalid",
        ):
            raise
        who = f"user '{identity.user}'" if identity.user else "anonymous access"
        raise LinkError(
            f"the server at {settings.url} refused {who} ({name})",
            todo="Correct 'user' and 'password', or allow it on the server.",
            fault=FaultCode.SIGN_IN_REFUSED,
            status=name,
        ) from error


def _endpoint_name(point: ua.EndpointDescription) -> str:
    policy = str(point.SecurityPolicyUri).rpartition("#")[2]
    if policy == "None":
        return "none"
    mode = ua.MessageSecurityMode(point.SecurityMode).name
    return policy if mode == "SignAndEncrypt" else f"{policy}/{mode}"


def _named(settings: OpcUaSettings) -> str:
    if not settings.secure or settings.mode == "SignAndEncrypt":
        return settings.policy
    return f"{settings.policy}/{settings.mode}"
