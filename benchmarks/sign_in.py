"""What viewers notice while people sign in: p99 of live pages with sign-ins over p99 without.

    python benchmarks/sign_in.py [--rate 50] [--seconds 20]

A real node that has accounts, fed live. A process of its own signs in, as often a second as is
asked for whether it is answered or not, each with the right password (argon2id, 19 MiB, two
passes); floor and live JSON are asked meanwhile, one after the other, with a token.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from urllib.parse import urlencode

from live_feeder import feeding
from page_data import Size, line_name, prepare
from page_node import node_process
from page_requests import Client
from pages import Figure

from domain.access import Assignment
from store.node.opening import open_stores

PAGES = ("/floor", f"/api/v1/lines/{line_name(0)}")
AIM = 2.0
PASSWORD = "plover plinth plenty"
ACCOUNTS = 20
_HANDS = 64  # as many may wait at a time
_PAUSE_S = 0.01
_BEGIN_S = 120


def with_accounts(data: Path) -> str:
    """The node gets accounts; a token that sees its pages."""
    now = datetime.now(UTC)
    with open_stores(data) as stores:
        accounts, everything = stores.registry.accounts, [Assignment.parse("administrator")]
        for number in range(ACCOUNTS):
            accounts.add(f"person-{number}", "", everything, now)
            accounts.set_password(f"person-{number}", PASSWORD)
        ends = now + timedelta(days=1)
        return stores.registry.tokens.add("viewer", everything, ends, now, by="benchmark")


def p99s_ms(port: int, token: str, seconds: float) -> dict[str, float]:
    """Of each page, asked in turns for that long."""
    client = Client(port, token)
    taken: dict[str, list[float]] = {path: [] for path in PAGES}
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for path, times in taken.items():
            times.append(client.seconds(path))
        time.sleep(_PAUSE_S)
    client.close()
    return {path: sorted(times)[int(len(times) * 0.99)] * 1e3 for path, times in taken.items()}


@contextlib.contextmanager
def signing_in(port: int, rate: float) -> Iterator[tuple[Synchronized[int], Synchronized[int]]]:
    """So many begin to sign in each second of the block; how many did, and how many were told to
    come again."""
    context = multiprocessing.get_context("spawn")
    ready: Event = context.Event()
    done: Synchronized[int] = context.Value("q", 0)
    refused: Synchronized[int] = context.Value("q", 0)
    process = context.Process(target=_sign_in_all, args=(port, rate, ready, done, refused))
    process.start()
    try:
        if not ready.wait(_BEGIN_S):
            raise TimeoutError("nobody signed in")
        yield done, refused
    finally:
        process.kill()
        process.join()


def _sign_in_all(
    port: int, rate: float, ready: Event, done: Synchronized[int], refused: Synchronized[int]
) -> None:
    os.nice(19)  # browsers run on machines of their own
    begun = time.monotonic()

    def hand(first: int) -> None:
        number = first
        while True:
            time.sleep(max(0.0, begun + number / rate - time.monotonic()))
            status = _sign_in(port, number)
            counted = done if status == http.client.SEE_OTHER else refused
            with counted.get_lock():
                counted.value += 1
            if status not in (http.client.SEE_OTHER, http.client.SERVICE_UNAVAILABLE):
                raise SystemExit(f"/sign-in: {status}")
            ready.set()
            number += _HANDS

    threads = [threading.Thread(target=hand, args=(it,)) for it in range(_HANDS)]
    for thread in threads:
        thread.start()


def _sign_in(port: int, number: int) -> int:
    """The status; each from a browser of its own."""
    browser = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    name = f"person-{number % ACCOUNTS}"
    fields = urlencode({"form_token": "x", "name": name, "password": PASSWORD})
    browser.request("POST", "/sign-in", fields, {"cookie": "lineproof_form=x"})
    status = browser.getresponse().status
    browser.close()
    return status


def measured(folder: Path, size: Size, rate: float, seconds: float) -> Iterator[Figure]:
    """The pages without and with sign-ins, and how many of these were answered."""
    agents = prepare(folder, size)
    token = with_accounts(folder / "node")
    with node_process(folder / "node") as (_, port), feeding(agents, port) as check:
        p99s_ms(port, token, min(seconds, 5))  # to warm up
        without = p99s_ms(port, token, seconds)
        with signing_in(port, rate) as (done, refused):
            before, begun = done.value, time.monotonic()
            together = p99s_ms(port, token, seconds)
            answered = (done.value - before) / (time.monotonic() - begun)
            check()
        for path, p99_ms in together.items():
            note = f"{without[path]:.1f} ms without, {p99_ms:.1f} ms with"
            ratio = p99_ms / without[path]
            yield Figure(f"{path}: p99 with sign-ins / without", ratio, "×", AIM, note=note)
        note = f"of {rate:g} asked for; {refused.value} told to come again"
        yield Figure("sign-ins answered", answered, "1/s", note=note)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=50, help="sign-ins a second")
    parser.add_argument("--seconds", type=float, default=20, help="of each stretch measured")
    given = parser.parse_args()
    size = Size(lines=5, days=2, days_each=0.5, live_period_s=5, agents=2)
    with tempfile.TemporaryDirectory() as folder:
        for figure in measured(Path(folder), size, given.rate, given.seconds):
            print(figure, flush=True)


if __name__ == "__main__":
    main()
