"""By which of a server's user token policies an agent signs in: the strongest that it knows.

A server may list several for one kind of user, each with a security policy of its own (OPC 10000-4,
7.42), in any order. The strongest is taken, and where even that is weaker than it has to be nothing
is said: there is no fall-back. What proves or hides a user on a channel that does not encrypt must
be as strong as the policy that 'security' names, and by no policy that was broken.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from asyncua import ua
from asyncua.client.client import Client

from domain.source_faults import Cause, FaultCode
from edge.sources.opcua.settings import OpcUaSettings
from edge.sources.runner import LinkError

NONE_URI: Final = "http://opcfoundation.org/UA/SecurityPolicy#None"
# Weakest first (OPC 10000-7). Those before the last three are deprecated: SHA-1 and PKCS #1 1.5.
_STRENGTHS: Final = (
    "None",
    "Basic128Rsa15",
    "Basic256",
    "Aes128_Sha256_RsaOaep",
    "Basic256Sha256",
    "Aes256_Sha256_RsaPss",
)
_LEAST: Final = _STRENGTHS.index("Aes128_Sha256_RsaOaep")
_KINDS: Final = {
    ua.UserTokenType.Anonymous: "anonymous access",
    ua.UserTokenType.UserName: "users with a password",
    ua.UserTokenType.Certificate: "users with a certificate",
    ua.UserTokenType.IssuedToken: "users with a token that others issue",
}


class SigningInClient(Client):
    """`user_token`: the policy by which it signs in; None: the first that the server has."""

    user_token: ua.UserTokenPolicy | None = None

    def server_policy(self, token_type: ua.UserTokenType) -> ua.UserTokenPolicy:
        return self.user_token or super().server_policy(token_type)


def chosen_token(
    endpoint: ua.EndpointDescription, settings: OpcUaSettings
) -> ua.UserTokenPolicy | None:
    """The strongest policy of the endpoint that the settings name; None where it names none.

    Raises LinkError where the server takes no users of that kind, or proves them too weakly.
    """
    kind, offered = _kind(settings), endpoint.UserIdentityTokens or []
    ours: list[ua.UserTokenPolicy] = [
        replace(it, SecurityPolicyUri=it.SecurityPolicyUri or endpoint.SecurityPolicyUri)
        for it in offered
        if it.TokenType == kind
    ]
    if not offered or (kind is ua.UserTokenType.Anonymous and ours):
        return ours[0] if ours else None
    known = [it for it in ours if policy_name(it) in _STRENGTHS]
    if not known:
        kinds = dict.fromkeys(_KINDS[ua.UserTokenType(it.TokenType)] for it in offered)
        names = ", ".join(dict.fromkeys(map(policy_name, ours)))
        only = f"only by '{names}', which we do not know" if ours else f"only {', '.join(kinds)}"
        raise _refused(
            f"the server at {settings.url} does not take {_KINDS[kind]} here, {only}",
            f"Allow {_KINDS[kind]} on the server for this 'security', or sign in as it wants it.",
        )
    chosen = max(known, key=lambda it: _STRENGTHS.index(policy_name(it)))
    name = policy_name(chosen)
    if kind is ua.UserTokenType.Certificate and (why := too_weak(name, settings)):
        raise _refused(
            f"the server at {settings.url} lets a user prove a certificate only by '{name}', {why}",
            "Have the server offer a stronger policy for users with a certificate.",
        )
    return chosen


def policy_name(policy: ua.UserTokenPolicy) -> str:
    """The security policy that a user is proved or hidden by."""
    return str(policy.SecurityPolicyUri or NONE_URI).rpartition("#")[2]


def too_weak(name: str, settings: OpcUaSettings) -> str:
    """Why a user is not proved or hidden well enough by that policy; empty: it is."""
    strength = _STRENGTHS.index(name) if name in _STRENGTHS else 0
    if strength < _LEAST:
        return "which was broken" if strength else "which is no proof"
    is_signed_alone = settings.secure and settings.mode != "SignAndEncrypt"
    if is_signed_alone and strength < _STRENGTHS.index(settings.policy):
        return f"which is weaker than '{settings.policy}'"
    return ""


def _kind(settings: OpcUaSettings) -> ua.UserTokenType:
    if settings.user_certificate is not None:
        return ua.UserTokenType.Certificate
    return ua.UserTokenType.UserName if settings.identity.user else ua.UserTokenType.Anonymous


def _refused(what: str, todo: str) -> LinkError:
    return LinkError(
        what, todo=todo, fault=FaultCode.SIGN_IN_REFUSED, status=Cause.NO_SUCH_SECURITY
    )
