"""Webhooks over a real server: signed, tried again, never led elsewhere."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from certificates import make_certificate
from mail_server import hook_server
from peers import PATIENCE_S

from lineproof.reminders import webhooks
from lineproof.reminders.delivery import NotDeliveredError
from lineproof.reminders.settings import Webhook
from lineproof.reminders.webhooks import send_webhook

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
SECRET = "a-secret-that-is-long-enough"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    return file


def hook(url: str, secret: Path, **given: object) -> Webhook:
    return Webhook.model_validate({"who": "officer", "url": url, "secret_file": secret} | given)


def test_it_is_signed_over_its_id_its_time_and_its_body(secret: Path) -> None:
    with hook_server() as running:
        send_webhook(hook(f"{running.url}/hooks?a=1", secret), "i-1", b'{"a": 1}', NOW)
        ((path, headers, body),) = running.calls
    assert (path, body) == ("/hooks?a=1", b'{"a": 1}')
    assert headers["content-type"] == "application/json"
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("i-1", "1772438400")
    signed = b'i-1.1772438400.{"a": 1}'
    right = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{right}"


@pytest.mark.parametrize(
    ("status", "for_good"),
    [(500, False), (503, False), (429, False), (408, False), (404, True), (410, True), (401, True)],
)
def test_what_it_answers_says_whether_to_come_again(
    secret: Path, status: int, for_good: bool
) -> None:
    with hook_server() as running:
        running.answers = [status]
        with pytest.raises(NotDeliveredError, match=f"answered {status}") as told:
            send_webhook(hook(running.url, secret), "i-1", b"{}", NOW)
        assert told.value.for_good is for_good


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(secret: Path, status: int) -> None:
    with hook_server() as running:
        running.answers = [status]
        with pytest.raises(NotDeliveredError, match="a redirect, which is not followed") as told:
            send_webhook(hook(running.url, secret), "i-1", b"{}", NOW)
        assert len(running.calls) == 1
        assert not told.value.for_good


def test_an_answer_that_is_lost_or_never_comes(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hook_server() as running:
        running.cuts_off = True
        with pytest.raises(NotDeliveredError, match=r"."):
            send_webhook(hook(running.url, secret), "i-1", b"{}", NOW)
        assert len(running.calls) == 1  # it arrived all the same
    monkeypatch.setattr(webhooks, "WEBHOOK_TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(NotDeliveredError, match=r"did not answer within 0\.3 seconds"):
            send_webhook(hook(url, secret), "i-1", b"{}", NOW)


def test_an_answer_byte_by_byte_has_no_more_time(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "WEBHOOK_TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as slow:
        url = f"http://127.0.0.1:{slow.getsockname()[1]}"

        def answer() -> None:
            connection, _ = slow.accept()
            with connection, contextlib.suppress(OSError):
                while True:
                    connection.sendall(b"H")
                    time.sleep(0.02)

        answering = Thread(target=answer, daemon=True)
        answering.start()
        with pytest.raises(NotDeliveredError, match="did not answer within") as told:
            send_webhook(hook(url, secret), "i-1", b"{}", NOW)
        answering.join(PATIENCE_S)
    assert told.value.is_server


def test_without_its_secret_nothing_is_sent(secret: Path) -> None:
    with hook_server() as running:
        for text in ("", "short"):
            secret.write_text(text, encoding="utf-8")
            with pytest.raises(NotDeliveredError, match="the secret has"):
                send_webhook(hook(running.url, secret), "i-1", b"{}", NOW)
        assert running.calls == []


def test_an_authority_that_is_no_certificate(secret: Path, tmp_path: Path) -> None:
    good = make_certificate(tmp_path, "good")
    with hook_server() as running:
        send_webhook(hook(running.url, secret, authority=good.certificate), "i-1", b"{}", NOW)
        with pytest.raises(NotDeliveredError):
            send_webhook(hook(running.url, secret, authority=secret), "i-1", b"{}", NOW)
        assert len(running.calls) == 1
