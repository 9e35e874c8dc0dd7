"""A session with an OPC UA server, opened as configured or refused with a sentence.

The steps of OPC 10000-4 (channel, session, activation) are taken one by one instead of by
`Client.connect`, which would start tasks of its own: here the caller alone decides when a
connection is lost, and a session that outlived its connection can be taken up again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path

from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UASocketState
from asyncua.crypto import security_policies
from asyncua.ua.uaerrors import UaError, UaStatusCodeError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from domain.source_faults import Cause, FaultCode
from edge.sources.base import MisconfiguredError
from edge.sources.opcua.errors import is_of_security, reason, remedy, status_of
from edge.sources.opcua.own_certificate import own_certificate
from edge.sources.opcua.passwords import check_password_stays_secret
from edge.sources.opcua.server_trust import certificate_of, check_server, keep_server
from edge.sources.opcua.settings import OpcUaSettings
from edge.sources.opcua.user_tokens import NONE_URI, SigningInClient, chosen_token
from edge.sources.runner import LinkError

REQUEST_TIMEOUT_S = 4.0
OPEN_TIMEOUT_S = 20.0  # all steps together: a server that answers none of them must not hang us
CLOSE_TIMEOUT_S = 1.5  # of the few seconds in which a process ends
SESSION_TIMEOUT_S = 120.0  # how long the server keeps a session whose connection broke
CHANNEL_LIFETIME_S = 3600.0
_SIGN_IN_REFUSED = (
    "BadIdentityTokenRejected",
    "BadIdentityTokenInvalid",
    "BadUserAccessDenied",
    "BadUserSignatureInvalid",
)

# The library logs whole requests and tracebacks of what is reported here in one sentence.
logging.getLogger("asyncua.client").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class KnownAs:
    """As whom servers know an agent. `session`: the name in their diagnostics; `folder`: where its
    own certificate is, and what servers showed."""

    agent: str
    session: str
    folder: Path

    @property
    def server_file(self) -> Path:
        """Of the certificate that this session's server showed first."""
        return self.folder / "servers" / f"{self.session}.der"


async def open_session(settings: OpcUaSettings, known_as: KnownAs) -> Client:
    """A client with an activated session.

    Raises LinkError, InputError for files that are no certificate or key, StorageError.
    """
    client = SigningInClient(settings.url, timeout=REQUEST_TIMEOUT_S)
    client.name = client.description = known_as.session
    client.session_timeout = int(SESSION_TIMEOUT_S * 1000)
    client.secure_channel_timeout = int(CHANNEL_LIFETIME_S * 1000)
    try:
        async with asyncio.timeout(OPEN_TIMEOUT_S):
            offered = await _endpoints(client, settings)
            shown = await _secure(client, settings, offered, known_as)
            await _open_channel(client, settings, known_as)
            if shown is not None:
                keep_server(settings, shown, known_as.server_file)
            await client.create_session()
            await _activate(client, settings, known_as)
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
                f"no session with {settings.url}: {reason(error)}",
                todo=remedy(error),
                fault=FaultCode.SECURITY_REFUSED if is_of_security(error) else None,
                status=status_of(error),
            ) from error
        raise
    return client


class SessionGoneError(Exception):
    """The server answers, but the session cannot be taken up again."""


async def resume_session(client: Client, settings: OpcUaSettings, known_as: KnownAs) -> None:
    """Take up the client's session again on a new channel (OPC 10000-4, 5.7.3).

    The server kept its subscriptions with all that they queued. Raises LinkError when the
    server cannot be reached, SessionGoneError when only a new session can help.
    """
    client.disconnect_socket()
    try:
        async with asyncio.timeout(OPEN_TIMEOUT_S):
            await _open_channel(client, settings, known_as)
            client.uaclient.session.rebind_authentication_token()
            await _activate(client, settings, known_as)
    except OSError as error:  # TimeoutError among them
        raise LinkError(
            f"cannot connect to {settings.url} again: {reason(error)}",
            todo="Check that the machine is on, and its address and port.",
            status=status_of(error),
        ) from error
    except (UaError, LinkError) as error:
        raise SessionGoneError(reason(error)) from error


def is_open(client: Client) -> bool:
    """Whether its connection stands, as far as is known."""
    protocol = client.uaclient.protocol
    return protocol is not None and protocol.state is UASocketState.OPEN


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
            todo=remedy(error, "Check that the machine is on, and its address and port."),
            status=status_of(error),
        ) from error


async def _secure(
    client: SigningInClient,
    settings: OpcUaSettings,
    offered: list[ua.EndpointDescription],
    known_as: KnownAs,
) -> x509.Certificate | None:
    """Set exactly the policy that the settings name. Never falls back to another one, for the user
    neither. The server's certificate, which is believed; None without security."""
    if settings.secure:
        policy = getattr(security_policies, "SecurityPolicy" + settings.policy.replace("_", ""))
        uri, mode = policy.URI, ua.MessageSecurityMode[settings.mode]
    else:
        uri, mode = NONE_URI, ua.MessageSecurityMode.None_
    fitting = [it for it in offered if (it.SecurityPolicyUri, it.SecurityMode) == (uri, mode)]
    if not fitting:
        names = sorted({_endpoint_name(point) for point in offered})
        raise LinkError(
            f"the server at {settings.url} does not offer security '{_named(settings)}', "
            f"only {', '.join(names) or 'nothing that we know'}",
            todo="Name one of these as 'security', or allow the wanted one on the server.",
            fault=FaultCode.SECURITY_REFUSED,
            status=Cause.NO_SUCH_SECURITY,
            there=tuple(names),
        )
    client.user_token = chosen_token(fitting[0], settings)
    if not settings.secure:
        return None
    shown = certificate_of(fitting[0].ServerCertificate, settings)
    check_server(settings, shown, known_as.server_file)
    certificate, key = _own_files(settings, known_as)
    _claim_application_uri(client, certificate)
    try:
        await client.set_security(
            policy,
            str(certificate),
            str(key),
            server_certificate=shown.public_bytes(Encoding.DER),
            mode=mode,
        )
    except (ValueError, TypeError) as error:
        raise _unreadable("client", certificate, key, error) from error
    return shown


def _own_files(settings: OpcUaSettings, known_as: KnownAs) -> tuple[Path, Path]:
    """Certificate and key of the application: those that are named, or the agent's own."""
    identity = settings.identity
    if identity.certificate is not None and identity.key is not None:
        return identity.certificate, identity.key
    own = own_certificate(known_as.folder, known_as.agent)
    return own.certificate, own.key


def _unreadable(whose: str, certificate: Path, key: Path, error: Exception) -> MisconfiguredError:
    return MisconfiguredError(
        f"the {whose} certificate or key cannot be read: {error}",
        Cause.CERTIFICATE_UNREADABLE,
        where=f"{certificate}, {key}",
        todo="Give a PEM or DER file of each that belong together.",
    )


def _claim_application_uri(client: Client, file: Path) -> None:
    """Servers compare the application URI with the one in the certificate (OPC 10000-6, 6.2.2)."""
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


async def _open_channel(client: Client, settings: OpcUaSettings, known_as: KnownAs) -> None:
    await client.connect_socket()
    await client.send_hello()
    try:
        await client.open_secure_channel()
    except (AssertionError, OSError, UaError) as error:
        if not settings.secure:
            raise
        raise LinkError(
            f"the server at {settings.url} refused the secure channel ({reason(error)})",
            todo=remedy(
                error,
                "Most likely it does not trust our certificate yet: have "
                f"{_own_files(settings, known_as)[0]} trusted on the server.",
            ),
            fault=FaultCode.SECURITY_REFUSED,
            status=status_of(error) if isinstance(error, UaStatusCodeError) else Cause.UNTRUSTED,
        ) from error


async def _activate(client: Client, settings: OpcUaSettings, known_as: KnownAs) -> None:
    identity = settings.identity
    if identity.password and not settings.may_show_password:
        check_password_stays_secret(client, settings, known_as.server_file)
    user = await _user_certificate(client, settings)
    try:
        await client.activate_session(identity.user, identity.password, user)
    except UaStatusCodeError as error:
        name = ua.StatusCode(ua.UInt32(error.code)).name
        is_of_user = name in _SIGN_IN_REFUSED or (user is not None and is_of_security(error))
        if not is_of_user:
            raise
        who = f"user '{identity.user}'" if identity.user else "anonymous access"
        if user is not None:
            who = f"the user of {settings.user_certificate}"
        raise LinkError(
            f"the server at {settings.url} refused {who} ({name})",
            todo=remedy(
                error, "Correct the user's password or certificate, or allow it on the server."
            ),
            fault=FaultCode.SIGN_IN_REFUSED,
            status=name,
        ) from error


async def _user_certificate(client: Client, settings: OpcUaSettings) -> x509.Certificate | None:
    """That of the user, whose key is then the client's too."""
    certificate, key = settings.user_certificate, settings.user_key
    if certificate is None or key is None:
        return None
    try:
        await client.load_client_certificate(str(certificate))
        await client.load_private_key(key)
    except (ValueError, TypeError) as error:
        raise _unreadable("user's", certificate, key, error) from error
    return client.user_certificate


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
