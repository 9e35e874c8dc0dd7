"""A real SMTP server on loopback, and a real HTTP server for webhooks."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from certificates import Certificate
from peers import free_port


@dataclass
class MailServerOfTests:
    """`refuses`: what it answers to a recipient; `answers`: what it says after it took a mail."""

    port: int = 0
    refuses: dict[str, str] = field(default_factory=dict)
    answers: str = "250 taken"
    took: list[Message] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # aiosmtpd calls it by this name
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 so be it"

    async def handle_DATA(  # noqa: N802  # the same
        self, _server: Any, _session: Any, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.took.append(message_from_bytes(envelope.content, policy=default))
        return self.answers


@contextlib.contextmanager
def mail_server(
    made: Certificate | None = None, password: str = "", port: int = 0
) -> Iterator[MailServerOfTests]:
    """With a certificate it wants STARTTLS; with a password somebody to sign in by it."""
    handler = MailServerOfTests()

    def believe(_server: Any, _session: Any, _envelope: Any, _how: Any, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        handler.signed_in.append(given.login.decode())
        return AuthResult(success=given.password.decode() == password, handled=False)

    trust = None
    if made is not None:
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(made.certificate, made.key)
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=port or free_port(),
        tls_context=trust,
        require_starttls=trust is not None,
        authenticator=believe if password else None,
        auth_required=bool(password),
    )
    controller.start()
    handler.port = controller.port
    try:
        yield handler
    finally:
        controller.stop()


@dataclass
class HookServer:
    """`answers`: statuses, one for each call, the last one for ever; `cuts_off`: it takes the
    message, and its answer is lost."""

    url: str = ""
    answers: list[int] = field(default_factory=lambda: [204])
    cuts_off: bool = False
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextlib.contextmanager
def hook_server() -> Iterator[HookServer]:
    found = HookServer()

    class Hooks(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # http.server calls it by this name
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.calls.append((self.path, headers, body))
            if found.cuts_off:
                self.close_connection = True
                return
            status = found.answers.pop(0) if len(found.answers) > 1 else found.answers[0]
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", f"{found.url}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hooks)
    found.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
