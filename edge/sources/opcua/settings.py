"""What a machine's `connection` says about OPC UA, checked before anything is connected.

`url` and `security` must be given. `security` is `none`, or the name of a policy, optionally
with its mode: `Basic256Sha256` (sign and encrypt) or `Basic256Sha256/Sign`. There is no
default and no fall-back: what is named is used or refused. Knows no network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from device_profiles.model.profile import OpcUaLimits
from domain.errors import InputError
from edge.sources.settings import (
    IDENTITY_KEYS,
    Identity,
    check_keys,
    check_nobody_named,
    existing_file,
    existing_folder,
    identity_of,
)

# Named as in their URIs (OPC 10000-7).
POLICIES = ("none", "Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss")
MODES = ("SignAndEncrypt", "Sign")
OPCUA_KEYS = (
    "url",
    "security",
    *IDENTITY_KEYS,
    "user_certificate",
    "user_key",
    "server_certificate",
    "trusted_servers",
    "readable_password",
    "publishing_interval_ms",
    "sampling_interval_ms",
    "queue_size",
    "history",
)
QUEUE_RATIO = 10  # values a queue holds for each that sampling can bring in one interval
QUEUE_SIZE_UNSAMPLED = 1000  # for items that the server reports on each change


@dataclass(frozen=True, slots=True)
class OpcUaSettings:
    """`sampling_interval_ms` 0 asks for the fastest: most servers then report each change.

    `reads_history`: what the server keeps of outages is read.
    `identity`: its certificate and key are those of the application, None: the agent's own;
    `user_certificate` and its key, of a user who is known to the server by them."""

    url: str
    policy: str
    mode: str
    identity: Identity
    user_certificate: Path | None
    user_key: Path | None
    server_certificate: Path | None
    trusted_servers: Path | None
    may_show_password: bool
    publishing_interval_ms: float
    sampling_interval_ms: float
    queue_size: int
    reads_history: bool

    @property
    def secure(self) -> bool:
        return self.policy != "none"


def within(settings: OpcUaSettings, limits: OpcUaLimits) -> OpcUaSettings:
    """The settings, but no more asked of the server than it takes."""
    queue_max = limits.queue_size_max or settings.queue_size
    return replace(
        settings,
        sampling_interval_ms=max(
            settings.sampling_interval_ms, limits.sampling_interval_ms_min or 0.0
        ),
        publishing_interval_ms=max(
            settings.publishing_interval_ms, limits.publishing_interval_ms_min or 0.0
        ),
        queue_size=min(settings.queue_size, queue_max),
    )


def opcua_settings(connection: Mapping[str, str], where: str) -> OpcUaSettings:
    """The settings in `connection`; `where` names it in errors.

    Raises InputError for a key, URL, policy or number that cannot be used.
    """
    check_keys(connection, OPCUA_KEYS, where)
    policy, mode = _security(connection, where)
    identity = identity_of(connection, where)
    user_certificate = existing_file(connection, "user_certificate", where)
    user_key = existing_file(connection, "user_key", where)
    _check_pair(identity.certificate, identity.key, ("certificate", "key"), where)
    _check_pair(user_certificate, user_key, ("user_certificate", "user_key"), where)
    if user_certificate and identity.user:
        raise InputError(
            "a user is named by a password and by a certificate",
            where=where,
            todo="Leave out 'user' and 'password', or 'user_certificate' and 'user_key'.",
        )
    pinned = existing_file(connection, "server_certificate", where)
    trusted = existing_folder(connection, "trusted_servers", where)
    if pinned and trusted:
        raise InputError(
            "one certificate of the server is named, and a folder of trusted ones",
            where=where,
            todo="Leave out 'server_certificate' or 'trusted_servers'.",
        )
    publishing_ms = _number(connection, "publishing_interval_ms", 1000, 10, where)
    sampling_ms = _number(connection, "sampling_interval_ms", 0, 0, where)
    ratio = publishing_ms / sampling_ms if sampling_ms else 0
    queue_size = int(QUEUE_RATIO * max(ratio, 1)) if sampling_ms else QUEUE_SIZE_UNSAMPLED
    return OpcUaSettings(
        url=_url(connection, where),
        policy=policy,
        mode=mode,
        identity=identity,
        user_certificate=user_certificate,
        user_key=user_key,
        server_certificate=pinned,
        trusted_servers=trusted,
        may_show_password=_says(connection, "readable_password", "allowed", where),
        publishing_interval_ms=publishing_ms,
        sampling_interval_ms=sampling_ms,
        queue_size=int(_number(connection, "queue_size", queue_size, 2, where)),
        reads_history=not _says(connection, "history", "unread", where),
    )


def _says(connection: Mapping[str, str], name: str, word: str, where: str) -> bool:
    """Whether the setting says the one word that it can say."""
    given = connection.get(name, "")
    if given not in ("", word):
        raise InputError(
            f"'{given}' is no usable {name}", where=where, todo=f"Write '{word}', or leave it out."
        )
    return bool(given)


def _check_pair(
    certificate: Path | None, key: Path | None, names: tuple[str, str], where: str
) -> None:
    if (certificate is None) != (key is None):
        given, missing = names if key is None else reversed(names)
        raise InputError(
            f"'{given}' is there without '{missing}'",
            where=where,
            todo=f"Give the paths of both (PEM or DER), or leave out '{given}'.",
        )


def _url(connection: Mapping[str, str], where: str) -> str:
    url = connection.get("url", "")
    todo = "Write it as in opc.tcp://192.168.0.10:4840."
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "opc.tcp" and parts.hostname and parts.port
    except ValueError:
        usable = False
    if not usable:
        raise InputError(f"'{url}' is not the address of an OPC UA server", where=where, todo=todo)
    check_nobody_named(parts, where)
    return url


def _security(connection: Mapping[str, str], where: str) -> tuple[str, str]:
    policy, _, mode = connection.get("security", "").partition("/")
    if policy not in POLICIES or (mode and (policy == "none" or mode not in MODES)):
        given = connection.get("security")
        raise InputError(
            f"unknown security '{given}'" if given else "the security is not said",
            where=where,
            todo=f"Write security: one of {', '.join(POLICIES)}; a policy may be followed by /Sign "
            "to leave out encryption.",
        )
    return policy, mode or MODES[0]


def _number(
    connection: Mapping[str, str], name: str, default: float, least: float, where: str
) -> float:
    text = connection.get(name, default)
    try:
        value = float(text)
    except (TypeError, ValueError):
        value = float("nan")
    if not least <= value <= 3_600_000:
        raise InputError(
            f"'{text}' is no usable {name}",
            where=where,
            todo=f"Give a number of at least {least:g}.",
        )
    return value
