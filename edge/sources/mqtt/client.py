"""One connection to an MQTT broker: paho's network thread on one side, asyncio on the other.

- The session is persistent: the client id is stable and the broker keeps what is published
  while the agent is away. Messages are acknowledged by hand, once they are on disk. (Of one that
  does not last the broker keeps nothing: for looking around, and for protocols that want it so.)
- At most `HELD_MAX` messages of `INBOX_MAX_BYTES` wait between the thread and the event loop
  (`inbox`). Beyond that the thread stops reading from the socket, so the queue that grows is the
  broker's. (With MQTT 5 the broker also never has more than `UNACKNOWLEDGED_MAX` QoS 1 messages
  under way.)
- Of a message that is larger than `PAYLOAD_MAX_BYTES` only the first bytes are kept, for a
  rejection. One that is much larger an MQTT 5 broker keeps to itself; by 3.1.1 nobody can say so.
- One object for one connection; a lost one is thrown away, and with it its acknowledgements.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from domain.samples import RAW_LENGTH_MAX
from domain.source_faults import Cause, FaultCode
from edge.sources.base import MisconfiguredError, Now
from edge.sources.mqtt.encryption import client_refused, speaks_plain_mqtt, speaks_tls
from edge.sources.mqtt.inbox import Inbox
from edge.sources.mqtt.payload import PAYLOAD_MAX_BYTES
from edge.sources.mqtt.settings import MqttSettings
from edge.sources.runner import LinkError
from edge.sources.system_errors import system_status

HELD_MAX = 200
INBOX_MAX_BYTES = 16_000_000
MESSAGE_MAX_BYTES = 8 * PAYLOAD_MAX_BYTES  # what is not much too large is refused with a reason
UNACKNOWLEDGED_MAX = 2_000
_KEEP_ALIVE_S = 15
CONNECT_TIMEOUT_S = 3.0  # in a thread, which a process that ends has to wait for
ANSWER_TIMEOUT_S = 10.0
GOODBYE_S = 1.0
_FAILURE = 0x80  # reason codes from here on are refusals (MQTT 5, 2.4)
_SIGN_IN_REFUSED = (0x86, 0x87)  # bad user name or password, not authorized (MQTT 5, 2.4)
_REASON = "MQTT "


class Message(NamedTuple):
    """A message and when the agent received it (UTC). `again`: the broker says it repeats.
    `is_cut`: it is too large, and only its first bytes are here."""

    topic: str
    payload: bytes
    qos: int
    number: int
    again: bool
    retained: bool
    received: datetime
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


class MqttClient:
    """Made and used in the event loop's thread. `message_max_bytes`: the broker keeps larger ones
    to itself (MQTT 5, 3.1.2.11.4); `will`: what it publishes for us when we vanish."""

    def __init__(
        self,
        settings: MqttSettings,
        client_id: str,
        now: Now,
        *,
        lasts: bool = True,
        message_max_bytes: int = MESSAGE_MAX_BYTES,
        will: Publication | None = None,
    ) -> None:
        self._settings = settings
        self._now = now
        self._lasts = lasts
        self._message_max_bytes = message_max_bytes
        self._will = will
        self._loop = asyncio.get_running_loop()
        self._inbox: Inbox[Message] = Inbox(HELD_MAX, INBOX_MAX_BYTES)
        self._connected: asyncio.Future[bool] = self._loop.create_future()
        self._subscribed: dict[int, asyncio.Future[list[int]]] = {}
        self._lost: LinkError | None = None  # why
        self._paho = self._make(client_id)

    async def connect(self) -> bool:
        """Connect; whether the broker still had our session. Raises LinkError."""
        try:
            await asyncio.to_thread(self._connect_blocking)
        except ssl.SSLError as error:
            if not isinstance(error, ssl.SSLCertVerificationError):
                await self._check_encryption()
            raise LinkError(
                f"no encrypted connection with {self._settings.broker}: {error}",
                todo="Check 'authority' and the broker's certificate.",
                fault=FaultCode.SECURITY_REFUSED,
                status=Cause.UNTRUSTED if isinstance(error, ssl.SSLCertVerificationError) else "",
            ) from error
        except (OSError, ValueError) as error:
            if isinstance(error, ConnectionResetError):
                await self._check_encryption()
            raise LinkError(
                f"cannot connect to {self._settings.broker}: {error}",
                todo="Check that the broker runs, and its address and port.",
                status=system_status(error),
            ) from error
        self._paho.loop_start()
        try:
            present: bool = await self._answer(self._connected)
        except LinkError as error:
            if not is_refusal(error.status):
                await self._check_encryption()
            raise
        return present

    async def _check_encryption(self) -> None:
        """Raises LinkError where the port is encrypted and we are not, or the other way round, or
        where the broker does not know our certificate."""
        settings, broker = self._settings, self._settings.broker
        what, status = "", Cause.NO_SUCH_SECURITY.value
        if not settings.tls:
            if await asyncio.to_thread(speaks_tls, settings.host, settings.port):
                what = f"the broker at {broker} speaks TLS at this port"
                todo = "Write mqtts:// instead of mqtt://, and its 'authority'."
        elif await asyncio.to_thread(speaks_plain_mqtt, settings.host, settings.port):
            what = f"the broker at {broker} does not encrypt at this port: it speaks plain MQTT"
            todo = "Give the port at which it speaks TLS, or write mqtt:// instead of mqtts://."
        elif alert := await asyncio.to_thread(client_refused, settings):
            what, status = f"the broker at {broker} refuses our certificate: {alert}", ""
            todo = "Give a 'certificate' and 'key' that the broker knows."
        if what:
            raise LinkError(what, todo=todo, fault=FaultCode.SECURITY_REFUSED, status=status)

    async def subscribe(self, topics: Sequence[str], qos: int = 1) -> dict[str, int]:
        """Subscribe to topics; those that the broker refused, with its reason code."""
        if not topics:
            return {}
        done = self._loop.create_future()
        if self._settings.version_5:
            # Retained messages only when the subscription is new: later ones came live already.
            options = SubscribeOptions(
                qos=qos, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB
            )
            result, number = self._paho.subscribe([(topic, options) for topic in topics])
        else:
            result, number = self._paho.subscribe([(topic, qos) for topic in topics])
        if number is None:
            raise LinkError(f"the connection to {self._settings.broker} broke ({result.name})")
        self._subscribed[number] = done
        codes: list[int] = await self._answer(done)
        return {topic: code for topic, code in zip(topics, codes, strict=True) if code >= _FAILURE}

    async def unsubscribe(self, topics: Sequence[str]) -> None:
        """The session has these topics no more, if it had them. Raises LinkError."""
        if not topics:
            return
        done = self._loop.create_future()
        result, number = self._paho.unsubscribe(list(topics))
        if number is None:
            raise LinkError(f"the connection to {self._settings.broker} broke ({result.name})")
        self._subscribed[number] = done
        await self._answer(done)

    async def next(self, most: int) -> list[Message]:
        """At least one message, at most `most`, in order. Raises LinkError once it is lost."""
        messages = await self._inbox.next(most)
        if not messages:
            raise self._lost or LinkError("the connection was closed", status=Cause.CLOSED)
        return messages

    def taken(self, message: Message) -> None:
        """It is off our hands: there is room for another one."""
        self._inbox.taken(len(message.payload))

    def acknowledge(self, number: int) -> None:
        """Tell the broker that the message (QoS 1) is stored. Once the connection is lost this does
        nothing: the broker sends the message again."""
        if self._lost is None:
            self._paho.ack(number, 1)

    def publish(self, said: Publication) -> None:
        """Hand it to the network thread, which sends it before anything that comes later. Whether
        it arrives is not awaited; nothing happens once the connection is lost."""
        if self._lost is None:
            self._paho.publish(said.topic, said.payload, said.qos, said.retain)

    async def close(self, goodbye: Publication | None = None) -> None:
        """Disconnect; the broker keeps a session that lasts. Never raises.

        A `goodbye` (QoS 1) is published before. Its acknowledgement is awaited: a connection that
        is closed while something of the broker's is unread is reset, and then the broker publishes
        the will in spite of it.
        """
        self._inbox.close()
        if goodbye is not None and self._lost is None:
            sent = self._paho.publish(goodbye.topic, goodbye.payload, goodbye.qos, goodbye.retain)
            with contextlib.suppress(ValueError, RuntimeError):  # not sent: the connection is gone
                await asyncio.to_thread(sent.wait_for_publish, GOODBYE_S)
        self._paho.disconnect()
        await asyncio.to_thread(self._paho.loop_stop)

    def _make(self, client_id: str) -> Client:
        settings = self._settings
        version = MQTTProtocolVersion.MQTTv5 if settings.version_5 else MQTTProtocolVersion.MQTTv311
        paho = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=None if settings.version_5 else not self._lasts,
            protocol=version,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        paho.connect_timeout = CONNECT_TIMEOUT_S
        if self._will is not None:
            will = self._will
            paho.will_set(will.topic, will.payload, will.qos, will.retain)
        identity, authority = settings.identity, settings.authority
        if identity.user is not None:
            paho.username_pw_set(identity.user, identity.password)
        if settings.tls:
            try:
                paho.tls_set(
                    ca_certs=str(authority) if authority else None,
                    certfile=str(identity.certificate) if identity.certificate else None,
                    keyfile=str(identity.key) if identity.key else None,
                )
            except (OSError, ValueError) as error:
                raise MisconfiguredError(
                    f"the certificates for {settings.broker} cannot be read: {error}",
                    Cause.CERTIFICATE_UNREADABLE,
                    todo="Give PEM files that belong together.",
                ) from error
        paho.connect_timeout = ANSWER_TIMEOUT_S
        paho.on_connect = self._on_connect
        paho.on_subscribe = self._on_subscribe
        paho.on_unsubscribe = self._on_subscribe  # each is the answer to a request of a number
        paho.on_message = self._on_message
        paho.on_disconnect = self._on_disconnect
        return paho

    def _connect_blocking(self) -> None:
        settings = self._settings
        if settings.version_5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it so
            properties.ReceiveMaximum = UNACKNOWLEDGED_MAX
            if self._lasts:
                properties.SessionExpiryInterval = settings.session_expiry_s
            properties.MaximumPacketSize = self._message_max_bytes
            self._paho.connect(
                settings.host,
                settings.port,
                _KEEP_ALIVE_S,
                clean_start=not self._lasts,
                properties=properties,
            )
        else:
            self._paho.connect(settings.host, settings.port, _KEEP_ALIVE_S)

    async def _answer(self, future: asyncio.Future[Any]) -> Any:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                return await future
        except TimeoutError:
            raise LinkError(
                f"the broker at {self._settings.broker} does not answer", status=Cause.NO_ANSWER
            ) from None

    # called by paho in its own thread

    def _on_connect(self, _: Any, __: Any, flags: Any, code: Any, ___: Any) -> None:
        if code.is_failure:
            is_of_user = code.value in _SIGN_IN_REFUSED
            refusal = LinkError(
                f"the broker at {self._settings.broker} refused us: {code}",
                todo="Correct 'user' and 'password', or allow them on the broker."
                if is_of_user
                else "",
                fault=FaultCode.SIGN_IN_REFUSED if is_of_user else None,
                status=reason_status(code.value),
            )
            self._in_loop(self._fail, refusal)
        else:
            self._in_loop(_resolve, self._connected, bool(flags.session_present))

    def _on_subscribe(self, _: Any, __: Any, number: int, codes: Any, ___: Any) -> None:
        self._in_loop(self._confirm, number, [code.value for code in codes])

    def _on_message(self, _: Any, __: Any, message: MQTTMessage) -> None:
        received = self._now()
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        is_cut = len(message.payload) > PAYLOAD_MAX_BYTES
        payload = bytes(message.payload[:RAW_LENGTH_MAX] if is_cut else message.payload)
        self._inbox.put(  # else it is not acknowledged: it comes again
            Message(
                topic,
                payload,
                message.qos,
                message.mid,
                bool(message.dup),
                bool(message.retain),
                received,
                is_cut,
            ),
            len(payload),
        )

    def _on_disconnect(self, _: Any, __: Any, ___: Any, code: Any, ____: Any) -> None:
        why = f"the connection to {self._settings.broker} broke: {code}"
        status = Cause.CLOSED if code.value <= _FAILURE else reason_status(code.value)
        self._in_loop(self._fail, LinkError(why, status=status))

    # called in the event loop's thread

    def _in_loop(self, function: Any, *arguments: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)

    def _confirm(self, number: int, codes: list[int]) -> None:
        if number in self._subscribed:
            _resolve(self._subscribed.pop(number), codes)

    def _fail(self, error: LinkError) -> None:
        if self._lost is not None:
            return
        self._lost = error
        waiting: list[asyncio.Future[Any]] = [self._connected, *self._subscribed.values()]
        for future in waiting:
            if not future.done():
                future.set_exception(error)
                future.exception()  # seen, even if nobody waits for it any more
        self._inbox.end()


def reason_status(code: int) -> str:
    """A reason code of MQTT 5 (2.4), to which those of 3.1.1 are mapped, as a name."""
    return f"{_REASON}{code}"


def is_refusal(status: str) -> bool:
    """Whether it is the broker that said no."""
    return status.startswith(_REASON)


def _resolve(future: asyncio.Future[Any], value: Any) -> None:
    if not future.done():
        future.set_result(value)
