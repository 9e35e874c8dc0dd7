"""Mail over a real server: with and without TLS, refused, and with a password."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from certificates import make_certificate
from mail_server import mail_server

from lineproof.reminders.delivery import NotDeliveredError
from lineproof.reminders.mail import mail_of, send_mail
from lineproof.reminders.settings import MailServer

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
WRITTEN = ("里程碑 M1 到期", "- 里程碑 M1 到期\n\n這是第一次。\n")


def server_at(port: int, **given: object) -> MailServer:
    values = {"host": "127.0.0.1", "port": port, "sender": "node@tko.example", "security": "off"}
    return MailServer.model_validate(values | given)


def send(server: MailServer, to: str = "lee@tko.example", identity: str = "i-1") -> None:
    send_mail(server, mail_of(server, to, identity, WRITTEN, AT))


def test_a_mail_arrives_as_it_was_written() -> None:
    with mail_server() as running:
        send(server_at(running.port))
        (mail,) = running.took
    assert (mail["from"], mail["to"]) == ("node@tko.example", "lee@tko.example")
    assert mail["subject"] == WRITTEN[0]
    assert mail["message-id"] == "<i-1@tko.example>"
    assert mail["auto-submitted"] == "auto-generated"
    text = mail.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert text.decode().replace("\r\n", "\n") == WRITTEN[1]


def test_over_tls_and_with_a_password_out_of_a_file(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, "mail")
    secret = tmp_path / "password"
    secret.write_text("plover\n", encoding="utf-8")
    given = {"security": "starttls", "authority": made.certificate, "user": "node",
             "password_file": secret}  # fmt: skip
    with mail_server(made, "plover") as running:
        send(server_at(running.port, **given))
        assert (len(running.took), running.signed_in) == (1, ["node"])
        secret.write_text("plinth", encoding="utf-8")
        with pytest.raises(NotDeliveredError, match="does not let 'node' in") as told:
            send(server_at(running.port, **given))
        assert (told.value.for_good, told.value.is_server) == (False, True)
        assert "plinth" not in str(told.value)
        secret.unlink()
        with pytest.raises(NotDeliveredError, match="secret cannot be read"):
            send(server_at(running.port, **given))
        assert len(running.took) == 1


def test_a_wrong_certificate_is_told_nothing(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, "mail")
    other = make_certificate(tmp_path, "other")
    for authority in (None, other.certificate):
        with mail_server(made) as running:
            with pytest.raises(NotDeliveredError, match="certificate verify failed"):
                send(server_at(running.port, security="starttls", authority=authority))
            assert running.took == []


def test_a_server_without_tls_is_told_nothing() -> None:
    with mail_server() as running:
        with pytest.raises(NotDeliveredError, match="STARTTLS"):
            send(server_at(running.port, security="starttls"))
        with pytest.raises(NotDeliveredError):
            send(server_at(running.port, security="tls"))
        assert running.took == []


@pytest.mark.parametrize(
    ("answer", "for_good"),
    [("550 5.1.1 no such user", True), ("451 4.7.1 come again", False)],
)
def test_a_recipient_that_is_refused(answer: str, for_good: bool) -> None:
    with mail_server() as running:
        running.refuses["lee@tko.example"] = answer
        with pytest.raises(NotDeliveredError, match="the recipient was refused") as told:
            send(server_at(running.port))
        assert (told.value.for_good, told.value.is_server) == (for_good, False)
        assert answer.split(" ", 1)[1] in str(told.value)
        send(server_at(running.port), to="chan@office.example")
        assert len(running.took) == 1


def test_a_mail_that_is_refused_as_a_whole() -> None:
    with mail_server() as running:
        running.answers = "554 too ugly"
        with pytest.raises(NotDeliveredError, match="the server refused it: 554 too ugly") as told:
            send(server_at(running.port))
        assert told.value.for_good


def test_a_server_that_is_not_there_or_is_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with pytest.raises(NotDeliveredError, match="refused") as told:
        send(server_at(port))
    assert told.value.is_server
