"""Asks a running node as browsers and programs do, and says how long it took.

Sequential requests go over one connection that is kept; the unit is measured in turns with the
page, so that both meet the same machine. Load comes from `wrk`, or from a few connections of our
own where it is not installed.
"""

from __future__ import annotations

import asyncio
import http.client
import math
import re
import shutil
import statistics
import subprocess
import time
from dataclasses import dataclass

UNIT = "/api/v1/health/live"
UNITS_A_PAGE = 3
_UNITS_OF_TIME_S = {"us": 1e-6, "ms": 1e-3, "s": 1.0}
_WRK_FIGURE = r"([\d.]+)(us|ms|s)"


class Client:
    """One kept connection; `token`: who asks, where the node has accounts. An answer is waited for
    `wait_s`."""

    def __init__(self, port: int, token: str = "", wait_s: float = 120) -> None:
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=wait_s)

    def get(self, path: str) -> bytes:
        """The body. Raises SystemExit for any answer but 200."""
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise SystemExit(f"{path}: {answer.status} {body[:500].decode()}")
        return body

    def seconds(self, path: str) -> float:
        begun = time.perf_counter()
        self.get(path)
        return time.perf_counter() - begun

    def connect_anew(self) -> None:
        """After an answer that did not come."""
        self._connection.close()

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True)
class Timed:
    """Seconds of each request to a path, in turns with requests to the unit."""

    first_s: float
    seconds: tuple[float, ...]
    unit_seconds: tuple[float, ...]

    @property
    def median_ratio(self) -> float:
        return statistics.median(self.seconds) / statistics.median(self.unit_seconds)

    @property
    def mean_ratio(self) -> float:
        return statistics.fmean(self.seconds) / statistics.fmean(self.unit_seconds)

    @property
    def p99_s(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]


def in_turns(
    client: Client,
    path: str,
    *,
    times: int,
    budget_s: float,
    unit: str = UNIT,
    pause_s: float = 0,
) -> Timed:
    """Ask `times`, but no longer than the budget once two answers are there. An answer that
    does not come within two minutes counts as one that never comes. With a pause before each
    turn something new has come in, and nothing can be answered from the moment before."""
    pages: list[float] = []
    units: list[float] = []
    try:
        first_s = client.seconds(path)
        client.seconds(unit)
        begun = time.perf_counter()
        while len(pages) < times and (len(pages) < 2 or time.perf_counter() - begun < budget_s):
            time.sleep(pause_s)
            units += [client.seconds(unit) for _ in range(UNITS_A_PAGE)]
            pages.append(client.seconds(path))
    except TimeoutError:
        client.connect_anew()
        return Timed(math.inf, (math.inf,), tuple(units) or (client.seconds(unit),))
    return Timed(first_s, tuple(pages), tuple(units))


@dataclass(frozen=True)
class Load:
    """What a server answered under load."""

    requests_per_s: float
    p99_s: float


def under_load(port: int, path: str, *, connections: int, seconds: float) -> Load:
    if shutil.which("wrk") is None:
        return asyncio.run(_own_load(port, path, connections, seconds))
    url = f"http://127.0.0.1:{port}{path}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told:
        raise SystemExit(f"{path} under load: {told}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    p99 = re.search(rf"99%\s+{_WRK_FIGURE}", told)
    assert rate is not None, told
    assert p99 is not None, told
    return Load(float(rate[1]), float(p99[1]) * _UNITS_OF_TIME_S[p99[2]])


async def _own_load(port: int, path: str, connections: int, seconds: float) -> Load:
    """The same with connections of our own; it takes more CPU beside the server than wrk."""
    taken: list[float] = []
    until = time.perf_counter() + seconds
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (begun := time.perf_counter()) < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n", 1)[0]:
                raise SystemExit(f"{path} under load: {head.decode()}")
            length = re.search(rb"content-length: (\d+)", head.lower())
            assert length is not None, head
            await reader.readexactly(int(length[1]))
            taken.append(time.perf_counter() - begun)
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return Load(len(taken) / seconds, sorted(taken)[int(len(taken) * 0.99)])
