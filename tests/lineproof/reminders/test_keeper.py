"""What is due is told once, over real servers, whatever becomes of process, clock and servers."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from mail_server import hook_server, mail_server
from peers import PATIENCE_S, ROOT, free_port
from web_plant import NOW, Clock, filled_queries, registry_of, store_of

from api.queries.lines import Queries
from api.records.milestone_steps import NewStep, take_step
from lineproof.reminders import webhooks
from lineproof.reminders.delivery import GIVEN_UP_AFTER
from lineproof.reminders.keeper import ReminderKeeper
from lineproof.reminders.settings import ReminderSettings
from lineproof.upkeep.apply import apply_files
from store.files.grant import read_grant
from store.node.opening import open_stores
from store.registry.project_work.outbox import Message, Outbox

REF = "NIFS-2025-017"
SECRET = "a-secret-that-is-long-enough"
DAY = timedelta(days=1)
LEE, CHAN, HEAD = "lee@tko.example", "chan@office.example", "head@office.example"


def told_by(mail_port: int = 0, hook: str = "", folder: Path | None = None) -> ReminderSettings:
    """Lee for the company, Chan an officer, the head for what takes too long; a webhook."""
    given: dict[str, Any] = {}
    if mail_port:
        given["mail"] = {"host": "127.0.0.1", "port": mail_port, "security": "off",
                         "sender": "node@tko.example"}  # fmt: skip
        given["people"] = [
            {"who": "company", "address": LEE, "scope": "plant:tko-foods", "language": "zh-Hant"},
            {"who": "officer", "address": CHAN, "scope": "scheme:NIFS"},
            {"who": "escalation", "address": HEAD},
            {"who": "officer", "address": "other@x.example", "scope": "scheme:NIAS"},
        ]
    if hook:
        assert folder is not None
        (folder / "secret").write_text(SECRET, encoding="utf-8")
        given["webhooks"] = [{"who": "company", "url": hook, "secret_file": folder / "secret"}]
    return ReminderSettings.model_validate(given)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queries(tmp_path: Path, clock: Clock) -> Iterator[Queries]:
    """M1, M3 and M6 are overdue: their due days were 5, 11 and 4 days ago; the others come."""
    found = filled_queries(tmp_path, clock)
    yield found
    store_of(found).close()
    registry_of(found).close()


def outbox_of(queries: Queries) -> Outbox:
    return registry_of(queries).outbox


def keeper(queries: Queries, settings: ReminderSettings) -> ReminderKeeper:
    """As one that was just started."""
    return ReminderKeeper(queries, outbox_of(queries), settings, queries.now)


def by_recipient(queries: Queries) -> dict[str, list[Message]]:
    found: dict[str, list[Message]] = {}
    for it in outbox_of(queries).all():
        found.setdefault(it.recipient, []).append(it)
    return found


def test_each_is_told_once_over_any_number_of_restarts(queries: Queries, clock: Clock) -> None:
    with mail_server() as running:
        settings = told_by(running.port)
        for minutes in range(0, 60, 5):
            clock.now = NOW + timedelta(minutes=minutes)
            keeper(queries, settings).refresh()
        assert [str(it["to"]) for it in running.took] == [LEE, CHAN]
        lee, chan = running.took
        assert lee["subject"] == "3 項事項到期或等候處理"
        said = lee.get_content()  # type: ignore[attr-defined]  # of an EmailMessage
        assert "Lineproof 只會通知一次" in said
        text = chan.get_content()  # type: ignore[attr-defined]  # of an EmailMessage
        assert "Milestone M1 of NIFS-2025-017 was due on" in text
        assert "and has not been submitted" in text
    (message,) = by_recipient(queries)[CHAN]
    assert sorted(it.milestone for it in message.tells) == ["M1", "M3", "M6"]
    assert message.sent_at is not None
    assert "other@x.example" not in by_recipient(queries)


def test_a_step_and_the_next_day_are_told_anew_and_the_rest_is_not(
    queries: Queries, clock: Clock
) -> None:
    with mail_server() as running:
        settings = told_by(running.port)
        keeper(queries, settings).refresh()
        taking = registry_of(queries).take
        for action in ("submit", "take", "query"):
            take_step(queries, taking, REF, "M1", NewStep(action, "x", "which meter?"))
        clock.now = NOW + 8 * DAY
        keeper(queries, settings).refresh()
        (new, _) = by_recipient(queries)[LEE]
    told = {(it.milestone, it.kind.value, it.waits_for.value) for it in new.tells}
    assert ("M1", "waiting", "company") in told
    assert "M6" not in {it.milestone for it in new.tells}  # overdue as before
    (escalated,) = by_recipient(queries)[HEAD]
    assert {it.milestone for it in escalated.tells} == {"M3"}


def test_after_weeks_off_hundreds_are_one_summary(queries: Queries, clock: Clock) -> None:
    text = (ROOT / "tests" / "support" / "web_grant.yaml").read_text(encoding="utf-8")
    text += "".join(
        f'  - {{id: X{it}, clause: "9.{it}", due: 2026-04-02, title: {{en: X}}, '
        "terms: {kind: document, document: report}}\n"
        for it in range(400)
    )
    registry_of(queries).apply.project(text, read_grant(text, "grant.yaml"), NOW)
    clock.now = NOW + 40 * DAY
    with mail_server() as running:
        keeper(queries, told_by(running.port)).refresh()
        assert [str(it["to"]) for it in running.took] == [LEE, CHAN, HEAD]
        text = running.took[1].get_content()  # type: ignore[attr-defined]  # as above
    assert "things are due or wait" in str(running.took[1]["subject"])
    assert text.count("- Milestone") == 200
    assert "more: see the page of reminders" in text


def test_a_recipient_that_is_refused_keeps_nobody_else_from_being_told(
    queries: Queries, clock: Clock
) -> None:
    with mail_server() as running:
        running.refuses[LEE] = "550 5.1.1 no such user"
        keeper(queries, told_by(running.port)).refresh()
        clock.now = NOW + 2 * DAY
        keeper(queries, told_by(running.port)).send()
        assert [str(it["to"]) for it in running.took] == [CHAN]
    (lee,) = by_recipient(queries)[LEE]
    assert (lee.tries, lee.sent_at) == (1, None)
    assert "550 5.1.1 no such user" in lee.error
    assert lee.failed_at is not None


def test_a_server_that_is_down_for_days_gets_all_of_it_later(
    queries: Queries, clock: Clock
) -> None:
    port = free_port()
    settings = told_by(port)
    for hours in range(72):
        clock.now = NOW + timedelta(hours=hours)
        keeper(queries, settings).send() if hours else keeper(queries, settings).refresh()
    waiting = by_recipient(queries)
    assert "refused" in waiting[LEE][0].error
    assert waiting[LEE][0].tries + waiting[CHAN][0].tries <= 72 + 1  # one of them a round
    with mail_server(port=port) as running:
        for hours in (73, 74, 75):
            clock.now = NOW + timedelta(hours=hours)
            keeper(queries, settings).send()
        assert sorted(str(it["to"]) for it in running.took) == [CHAN, LEE]
        ids = {str(it["message-id"]) for it in running.took}
    assert ids == {f"<{it.identity}@tko.example>" for (it,) in waiting.values()}
    assert all(it.sent_at and not it.error for it in outbox_of(queries).all())


def test_what_never_arrives_is_given_up(queries: Queries, clock: Clock) -> None:
    settings = told_by(free_port())
    keeper(queries, settings).refresh()
    clock.now = NOW + GIVEN_UP_AFTER + DAY
    for _ in range(2):
        keeper(queries, settings).send()
    assert all(it.failed_at for it in outbox_of(queries).all())


def test_a_webhook_that_hangs_holds_up_no_mail(
    queries: Queries, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The webhook's message is the older one."""
    monkeypatch.setattr(webhooks, "WEBHOOK_TIMEOUT_S", 10 * PATIENCE_S)
    with socket.create_server(("127.0.0.1", 0)) as silent, mail_server() as running:
        hook = f"http://127.0.0.1:{silent.getsockname()[1]}"
        keeper(queries, told_by(hook=hook, folder=tmp_path)).plan()
        clock.now = NOW + 40 * DAY
        both = told_by(running.port, hook, tmp_path)
        sending = Thread(target=keeper(queries, both).refresh, daemon=True)
        sending.start()
        with silent.accept()[0]:
            until = time.monotonic() + PATIENCE_S
            while not running.took and time.monotonic() < until:
                time.sleep(0.02)
            assert running.took
            assert all(it.sent_at is None for it in by_recipient(queries)[hook])
        sending.join(PATIENCE_S)
        assert not sending.is_alive()
    assert all(it.error for it in by_recipient(queries)[hook] if it.tries)


def test_an_answer_that_was_lost_comes_twice_under_one_id(
    queries: Queries, clock: Clock, tmp_path: Path
) -> None:
    with hook_server() as running:
        settings = told_by(hook=f"{running.url}/hooks", folder=tmp_path)
        running.cuts_off = True
        keeper(queries, settings).refresh()
        running.cuts_off = False
        clock.now = NOW + timedelta(minutes=2)
        keeper(queries, settings).send()
        clock.now = NOW + timedelta(hours=5)
        keeper(queries, settings).send()
        first, again = running.calls
    assert first[1]["webhook-id"] == again[1]["webhook-id"]
    assert first[2] == again[2]
    assert first[1]["webhook-signature"] != again[1]["webhook-signature"]  # of another time
    for _, headers, body in (first, again):
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        right = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
        assert b64decode(headers["webhook-signature"].removeprefix("v1,")) == right
    told = json.loads(first[2])
    assert told["type"] == "lineproof.reminders"
    assert told["id"] == first[1]["webhook-id"]
    assert {(it["milestone"], it["kind"]) for it in told["data"]} == {
        ("M1", "overdue"), ("M3", "overdue"), ("M6", "overdue"),
    }  # fmt: skip


def test_a_clock_far_ahead_and_back_again(queries: Queries, clock: Clock) -> None:
    """In 2090 everything is overdue. Back in the present what is due now is told."""
    with mail_server() as running:
        settings = told_by(running.port)
        clock.now = datetime(2090, 1, 1, tzinfo=UTC)
        keeper(queries, settings).refresh()
        ahead = len(running.took)
        clock.now = NOW
        for _ in range(3):
            keeper(queries, settings).refresh()
        assert ahead == 3
        assert sorted(str(it["to"]) for it in running.took[ahead:]) == [CHAN, LEE]


def test_a_clock_far_behind_tells_nothing(queries: Queries, clock: Clock) -> None:
    with mail_server() as running:
        clock.now = datetime(1970, 1, 2, tzinfo=UTC)
        keeper(queries, told_by(running.port)).refresh()
        assert (running.took, outbox_of(queries).all()) == ([], [])
        clock.now = NOW
        keeper(queries, told_by(running.port)).refresh()
        assert len(running.took) == 2


def test_who_is_named_no_more_is_told_nothing_and_it_says_why(
    queries: Queries, clock: Clock, tmp_path: Path
) -> None:
    with hook_server() as running:
        running.answers = [503]
        keeper(queries, told_by(hook=running.url, folder=tmp_path)).refresh()
        clock.now = NOW + DAY
        keeper(queries, told_by()).send()
        assert len(running.calls) == 1
    (message,) = outbox_of(queries).all()
    assert (message.error, message.sent_at) == ("the settings name no such webhook any more", None)


def killed_while_sending(folder: Path, settings: Path, at: datetime, port: int) -> None:
    """A server that takes the connection and says nothing holds it while it is killed."""
    with socket.create_server(("127.0.0.1", port)) as silent:
        silent.settimeout(60)
        command = [sys.executable, "-m", "reminding", str(folder), str(settings), at.isoformat()]
        paths = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])
        environment = {**os.environ, "PYTHONPATH": paths}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
            held, _ = silent.accept()
            time.sleep(0.2)
            process.send_signal(signal.SIGKILL)
            held.close()


def test_killed_between_writing_and_sending_it_goes_once_under_the_same_id(tmp_path: Path) -> None:
    examples, folder, port = ROOT / "docs" / "examples", tmp_path / "node", free_port()
    at = datetime(2026, 11, 29, 4, tzinfo=UTC)
    with open_stores(folder) as stores:
        files = [examples / "plant.yaml", examples / "grant.yaml"]
        apply_files(stores.registry, files, at - 300 * DAY)
    settings = tmp_path / "node.yaml"
    settings.write_text(
        "reminders:\n"
        f"  mail: {{host: 127.0.0.1, port: {port}, security: off, sender: node@tko.example}}\n"
        f"  people: [{{who: company, address: {LEE}}}]\n",
        encoding="utf-8",
    )
    killed_while_sending(folder, settings, at, port)
    with open_stores(folder) as stores:
        (message,) = stores.registry.outbox.all()
        assert (message.tries, message.sent_at, message.error) == (1, None, "")
    killed_while_sending(folder, settings, at + timedelta(minutes=1), port)
    given = ReminderSettings.model_validate(
        {"mail": {"host": "127.0.0.1", "port": port, "security": "off",
                  "sender": "node@tko.example"},
         "people": [{"who": "company", "address": LEE}]}
    )  # fmt: skip
    with mail_server(port=port) as running, open_stores(folder) as stores:
        for minutes in (1, 3, 10, 60):
            now = at + timedelta(minutes=1 + minutes)
            queries = Queries(stores.telemetry, stores.registry, lambda now=now: now)
            ReminderKeeper(queries, stores.registry.outbox, given, lambda now=now: now).refresh()
        assert [str(it["message-id"]) for it in running.took] == [
            f"<{message.identity}@tko.example>"
        ]
