"""What a protocol or a system says when something does not work, in plain words.

The name by which it is known stays beside it in brackets, so that one can look it up. A status that
is not here is told as the agent said it. OPC UA: OPC 10000-4, 7.39; MQTT: MQTT 5, 2.4.
"""

from __future__ import annotations

from api.i18n import Language
from domain.source_faults import Cause
from domain.texts import N_

_USER = N_("the user may not do this")
_SIGN_IN = N_("this user or password is not accepted")
_CERTIFICATE = N_("our certificate is not trusted yet")
_CERTIFICATE_UNFIT = N_("a certificate is not what it must be")
_EXPIRED = N_("a certificate has expired or is not valid yet: check it and both clocks")
_SECURITY = N_("this security is not offered")
_NO_ANSWER = N_("there was no answer in time")
_CLOSED = N_("the other side closed the connection")
_STOPPED = N_("the server is stopped or starting")
_BUSY = N_("the server has no room for more: close other clients")
_GONE = N_("the server has forgotten us; we begin anew")
_NO_NODE = N_("the server has no such node")
_NO_VALUE = N_("the node has no value that can be read")
_DEVICE = N_("the server has no connection with the machine behind it")
_UNREACHABLE = N_("there is no way to this address in the network")
_NO_NAME = N_("the name of the computer is not known in the network")
_BROKER_BUSY = N_("the broker has no room for more")

WORDS: dict[str, str] = {
    # nodes and their values
    "BadNoMatch": _NO_NODE,
    "BadNodeIdUnknown": _NO_NODE,
    "BadNodeIdInvalid": _NO_NODE,
    "BadBrowseNameInvalid": _NO_NODE,
    "BadAttributeIdInvalid": _NO_VALUE,
    "BadNotReadable": N_("the node may not be read"),
    "BadUserAccessDenied": _USER,
    "BadNotSupported": N_("the server cannot do this"),
    "BadServiceUnsupported": N_("the server cannot do this"),
    "BadTooManyMonitoredItems": _BUSY,
    "BadTooManySubscriptions": _BUSY,
    "BadTooManySessions": _BUSY,
    "BadMaxConnectionsReached": _BUSY,
    "BadTcpServerTooBusy": _BUSY,
    "BadOutOfMemory": _BUSY,
    "BadResourceUnavailable": _BUSY,
    "BadTcpNotEnoughResources": _BUSY,
    "BadNoCommunication": _DEVICE,
    "BadNotConnected": _DEVICE,
    "BadDeviceFailure": _DEVICE,
    # values themselves (OPC 10000-8, 6.3)
    "Bad": N_("the server gives no reason"),
    "BadSensorFailure": N_("the sensor has failed"),
    "BadOutOfService": N_("it is out of service"),
    "BadConfigurationError": N_("the server is not configured for it"),
    "BadWaitingForInitialData": N_("the server has had no value from the machine yet"),
    "BadNoData": N_("the server has no value of it"),
    "BadDataUnavailable": N_("the server has no value of it"),
    "BadOutOfRange": N_("the value is outside of what it may be"),
    # sign-in and security
    "BadIdentityTokenRejected": _SIGN_IN,
    "BadIdentityTokenInvalid": N_("this way to sign in is not accepted"),
    "BadUserSignatureInvalid": _SIGN_IN,
    "BadCertificateUntrusted": _CERTIFICATE,
    "BadSecurityChecksFailed": _CERTIFICATE,
    "BadCertificateChainIncomplete": _CERTIFICATE,
    "BadCertificateRevoked": N_("the certificate was revoked"),
    "BadCertificateInvalid": _CERTIFICATE_UNFIT,
    "BadCertificateUseNotAllowed": _CERTIFICATE_UNFIT,
    "BadCertificatePolicyCheckFailed": _CERTIFICATE_UNFIT,
    "BadCertificateUriInvalid": N_("the name in the certificate is not that of the program"),
    "BadCertificateHostNameInvalid": N_("the certificate is of another computer"),
    "BadCertificateTimeInvalid": _EXPIRED,
    "BadCertificateIssuerTimeInvalid": _EXPIRED,
    "BadSecurityPolicyRejected": _SECURITY,
    "BadSecurityModeRejected": _SECURITY,
    "BadSecurityModeInsufficient": N_("a more secure connection is asked for"),
    # connections
    "BadTimeout": _NO_ANSWER,
    "BadRequestTimeout": _NO_ANSWER,
    "BadConnectionClosed": _CLOSED,
    "BadSecureChannelClosed": _CLOSED,
    "BadSecureChannelIdInvalid": _GONE,
    "BadSessionClosed": _GONE,
    "BadSessionIdInvalid": _GONE,
    "BadSubscriptionIdInvalid": _GONE,
    "BadNoSubscription": _GONE,
    "BadConnectionRejected": N_("the connection was refused"),
    "BadServerNotConnected": _NO_ANSWER,
    "BadCommunicationError": N_("the connection broke"),
    "BadServerHalted": _STOPPED,
    "BadShutdown": _STOPPED,
    "BadTcpEndpointUrlInvalid": N_("the server does not know itself by this address"),
    # MQTT
    "MQTT 128": N_("the broker gives no reason"),
    "MQTT 133": N_("the broker does not accept our client name"),
    "MQTT 134": _SIGN_IN,
    "MQTT 135": N_("the broker does not allow this to our user and password"),
    "MQTT 136": N_("the broker is not available"),
    "MQTT 137": _BROKER_BUSY,
    "MQTT 138": N_("the broker has banned us"),
    "MQTT 139": N_("the broker is shutting down"),
    "MQTT 141": _NO_ANSWER,
    "MQTT 142": N_("another client has taken over our session: two use one name"),
    "MQTT 143": N_("the broker does not accept this topic"),
    "MQTT 151": _BROKER_BUSY,
    "MQTT 159": _BROKER_BUSY,
    # the system
    "ECONNREFUSED": N_("nothing answers at this address and port"),
    "ECONNRESET": _CLOSED,
    "EPIPE": _CLOSED,
    "ETIMEDOUT": _NO_ANSWER,
    "EHOSTUNREACH": _UNREACHABLE,
    "ENETUNREACH": _UNREACHABLE,
    "EHOSTDOWN": _UNREACHABLE,
    "EAI_NONAME": _NO_NAME,
    "EAI_AGAIN": _NO_NAME,
    "EAI_FAIL": _NO_NAME,
    # what has no other name
    Cause.NO_ANSWER: _NO_ANSWER,
    Cause.CLOSED: _CLOSED,
    Cause.NO_NAMESPACE: N_("the server has no such namespace"),
    Cause.NO_SUCH_TYPE: N_("the server has no object of this type"),
    Cause.NO_SUCH_OBJECT: N_("no object of this type has this name"),
    Cause.SEVERAL_OBJECTS: N_("the server has several objects of this type: name one"),
    Cause.NO_SUCH_SECURITY: _SECURITY,
    Cause.UNTRUSTED: N_("a certificate is not trusted"),
    Cause.CERTIFICATE_UNREADABLE: N_("our certificate or its key cannot be read"),
    Cause.FILE_MISSING: N_("a file that its connection names is not there, or cannot be read"),
    Cause.NO_APPLICATION_URI: N_("our certificate does not name one application URI"),
    Cause.SOURCE_FAILED: N_(
        "the program that reads it failed and starts anew: see the agent's log"
    ),
}
_NAMED = N_("%(words)s (%(status)s)")


def status_words(status: str, language: Language) -> str | None:
    """What the status says, with its name; None where nobody here knows it."""
    if status not in WORDS:
        return None
    words = language.text(WORDS[status])
    if status in frozenset(Cause):
        return words
    return language.text(_NAMED, words=words, status=status)
