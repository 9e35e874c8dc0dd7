"""Wide questions to a real node: refused by their price, or answered while all else goes on.

What is held is what comes before what, never how long anything takes: health, pages and intake
answer while long questions are still in work; work that its clients left ends; a signal ends the
process from the midst of it. The plant is empty: time of which nothing is known costs as much.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from command_line import Node, node
from peers import PATIENCE_S, local_get, wait_until

PLANT = """\
plant: empty
timezone: Asia/Hong_Kong
company: {name: {en: Empty}, business_registration: "1"}
lines:
  line-1:
    name: {en: Line 1}
    ideal_cycle_time_s: 1
    machines: {press: {profile: import}}
    roles: {state: press}
"""
KPIS = "/api/v1/lines/line-1/kpis"
LONG_MAX = 18  # two run, sixteen wait
GROWTH_MAX_MB = 600  # coarse: it grew by 3,000 MB when every question had its way
STOPPED_S = 20  # generous: it takes about one second


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("wide")
    (folder / "plant.yaml").write_text(PLANT)
    with node(folder / "node", folder / "plant.yaml") as found:
        yield found


@pytest.fixture
def running(shared: Node) -> Node:
    """The node, with nothing in work."""
    wait_until(lambda: not in_work(shared), "the work of others to end")
    return shared


def long_question(number: int) -> str:
    """Nine years by day, each another one: seconds of work."""
    window = {"start": f"2017-01-01T00:{number:02}", "end": "2026-01-01", "by": "day"}
    return f"{KPIS}?{urlencode(window)}"


@contextmanager
def asked(running: Node, path: str) -> Iterator[socket.socket]:
    """The question is sent; at the end of the block its client leaves without an answer."""
    address = urlsplit(running.url)
    with socket.create_connection((address.hostname, address.port), PATIENCE_S) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        yield client


def told(running: Node, name: str, lane: str = "long") -> float:
    """That metric of the lane."""
    text = local_get(f"{running.url}/metrics").text
    found = re.search(rf'^lineproof_{name}{{lane="{lane}"}} (\S+)$', text, re.MULTILINE)
    assert found is not None, text
    return float(found[1])


def in_work(running: Node) -> float:
    """Long questions that run or wait."""
    return told(running, "questions_running") + told(running, "questions_waiting")


def memory_mb(running: Node) -> float:
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


def test_a_century_is_refused_at_once_however_many_ask(running: Node) -> None:
    before = memory_mb(running)
    with httpx.Client(base_url=running.url, timeout=PATIENCE_S, trust_env=False) as client:
        for by in ("hour", "day", "month"):
            query = {"start": "1926-01-01", "end": "2026-01-01", "by": by}
            for _ in range(15):
                answer = client.get(KPIS, params=query)
                assert answer.status_code == 422
                assert "3,660 days" in answer.json()["detail"]
    assert told(running, "questions_total") == 0, "none of them was begun"
    assert memory_mb(running) - before < GROWTH_MAX_MB


def test_everything_else_answers_while_long_questions_are_in_work(running: Node) -> None:
    before = memory_mb(running)
    with ExitStack() as clients:
        for number in range(LONG_MAX):
            clients.enter_context(asked(running, long_question(number)))
        wait_until(lambda: told(running, "questions_waiting") > 0, "the lane to be full")
        for path in (
            "/api/v1/health/live",
            "/api/v1/health/ready",
            "/api/v1/lines/line-1",
            "/floor",
            "/lines/line-1",
            f"{KPIS}?start=2026-01-01&end=2026-01-02&by=hour",
        ):
            assert local_get(running.url + path).status_code == 200, path
        batch = httpx.post(
            f"{running.url}/api/v1/batches", content=b"x", trust_env=False, timeout=PATIENCE_S
        )
        assert batch.status_code == 400, "the intake looked at it"
        assert told(running, "questions_running") == 2, "and the long ones are still in work"
    assert memory_mb(running) - before < GROWTH_MAX_MB


def test_a_full_lane_says_when_to_come_again(running: Node) -> None:
    with ExitStack() as clients:
        for number in range(LONG_MAX):
            clients.enter_context(asked(running, long_question(number)))
        wait_until(
            lambda: told(running, "questions_waiting") == LONG_MAX - 2, "the lane to be full"
        )
        refused = local_get(running.url + long_question(LONG_MAX))
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert "Ask again" in refused.json()["detail"]


def test_work_ends_when_its_clients_leave(running: Node) -> None:
    ended = told(running, "questions_ended_total")
    with ExitStack() as clients:
        for number in range(5):
            clients.enter_context(asked(running, long_question(number)))
        wait_until(lambda: told(running, "questions_running") == 2, "the work to begin")
    wait_until(lambda: not in_work(running), "the work to end")
    assert told(running, "questions_ended_total") == ended + 5
    done = told(running, "question_pieces_total")
    time.sleep(0.5)
    assert told(running, "question_pieces_total") == done, "nothing goes on in secret"


def test_a_signal_ends_it_from_the_midst_of_everything(tmp_path: Path) -> None:
    """Long questions, an event stream, a reader who does not read, half a batch, an idle one."""
    plant = tmp_path / "plant.yaml"
    plant.write_text(PLANT)
    with ExitStack() as clients, node(tmp_path / "node", plant, stop_s=STOPPED_S) as running:
        hours = {"start": "2025-01-01", "end": "2025-03-31", "by": "hour"}
        lazy = clients.enter_context(asked(running, f"{KPIS}?{urlencode(hours)}"))
        assert lazy.recv(100, socket.MSG_PEEK).startswith(b"HTTP/1.1 200")
        for path in ("/api/v1/lines/line-1/live", "/floor/events", "/api/v1/health/live"):
            assert clients.enter_context(asked(running, path)).recv(9) == b"HTTP/1.1 "
        half = clients.enter_context(asked(running, "/api/v1/health/live"))
        half.sendall(
            b"POST /api/v1/batches HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx"
        )
        for number in range(5):
            clients.enter_context(asked(running, long_question(number)))
        wait_until(lambda: told(running, "questions_running") == 2, "the work to begin")
