"""Whether a port speaks TLS or plain MQTT: asked only after a connection of the other kind failed.

A TLS server that is spoken to in plain MQTT just ends the connection, and so does a plain broker
that is offered a TLS handshake; neither says why. So the port is asked again, the other way, and
then nothing of the agent's own is shown: no name, no password, no certificate. A broker that takes
no client without a certificate says so behind the handshake only (TLS 1.3), where the library that
connects does not listen any more: that is asked again, too.
"""

from __future__ import annotations

import contextlib
import socket
import ssl

from edge.sources.mqtt.settings import MqttSettings

_TIMEOUT_S = 3.0
# CONNECT of MQTT 3.1.1 (3.1): a clean session without a client identifier.
_CONNECT = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x0f\x00\x00"
_CONNACK = 0x20
_NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNEXPECTED_EOF_WHILE_READING")


def speaks_tls(host: str, port: int) -> bool:
    """Whether there is a TLS server, whatever its certificate, and whatever it asks of clients."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is sent: only the kind of the answer counts
    try:
        with (
            socket.create_connection((host, port), _TIMEOUT_S) as plain,
            context.wrap_socket(plain, server_hostname=host),
        ):
            return True
    except ssl.SSLError as error:
        return error.reason is not None and error.reason not in _NOT_TLS
    except (OSError, ValueError):
        return False


def speaks_plain_mqtt(host: str, port: int) -> bool:
    """Whether a broker answers there without encryption, were it only by a refusal."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), _TIMEOUT_S) as plain:
        plain.sendall(_CONNECT)
        answer = plain.recv(4)
        return len(answer) > 1 and answer[0] == _CONNACK
    return False


def client_refused(settings: MqttSettings) -> str:
    """What a TLS server says of our certificate, or of our having none; empty: nothing."""
    try:
        context = ssl.create_default_context(cafile=settings.authority)
        identity = settings.identity
        if identity.certificate is not None:
            context.load_cert_chain(identity.certificate, identity.key)
        with (
            socket.create_connection((settings.host, settings.port), _TIMEOUT_S) as plain,
            context.wrap_socket(plain, server_hostname=settings.host) as encrypted,
        ):
            encrypted.settimeout(_TIMEOUT_S)
            encrypted.recv(1)
    except ssl.SSLError as error:
        reason = error.reason or ""
        if "ALERT" in reason:
            return reason.partition("ALERT_")[2].replace("_", " ").lower()
    except (OSError, ValueError):
        pass
    return ""
