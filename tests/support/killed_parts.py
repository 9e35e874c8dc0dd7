"""Agent and collector as processes of their own, to be killed and started again.

`Part` is one of them by its configuration file; `Pair` is both, on a DuckDB data folder and a
spool, the agent enrolled by the public key that it prints. What came in is asked of the
collector's metrics; what lasts is read once it has stopped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from command_line import start
from forked_process import ForkedProcess
from peers import PATIENCE_S, free_port, local_get, wait_until
from prometheus_client.parser import text_string_to_metric_families

AGENT = "agent-1"
SAMPLES_METRIC = "lineproof_intake_samples_total"
LIVES_MAX = 20  # that an agent may need to hand over what waits


class Part:
    """`lineproof <command> --config <file>`, as often as it is started. Its log grows."""

    def __init__(self, command: str, config: Path) -> None:
        self.command = command
        self.config = config
        self.log = config.with_suffix(".log")
        self._process: ForkedProcess | None = None

    def start(self) -> None:
        self._process = start(self.command, "--config", self.config, output=self.log)

    def kill(self) -> None:
        """kill -9; the process must have run until then."""
        assert self._process is not None
        assert self._process.poll() is None, f"it ended by itself: {self.tail}"
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """SIGTERM; it must leave with 0."""
        assert self._process is not None
        self._process.terminate()
        assert self._process.wait(timeout=PATIENCE_S) == 0, self.tail

    def clear_away(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The log records of that event, in order."""
        records = [
            json.loads(line)
            for line in self.log.read_text().splitlines()
            if line.startswith("{") and line.endswith("}")  # kill -9 may cut a line
        ]
        return [record for record in records if record.get("event") == event]

    def wait_for(self, event: str, times: int = 1) -> dict[str, Any]:
        wait_until(
            lambda: len(self.logged(event)) >= times,
            f"'{event}' in {self.log}",
        )
        return self.logged(event)[-1]

    @property
    def tail(self) -> str:
        return self.log.read_text()[-2000:]


class Pair:
    """An agent that reads `machines` and its collector; both configured, none started."""

    def __init__(self, folder: Path, machines: Sequence[Mapping[str, Any]]) -> None:
        self.data = folder / "node"
        self.url = f"http://127.0.0.1:{free_port()}"
        agent_file, collector_file = folder / "agent.yaml", folder / "collector.yaml"
        agent_file.write_text(
            yaml.safe_dump(
                {
                    "name": AGENT,
                    "data": "agent",
                    "collector": self.url,
                    "machines": [dict(machine) for machine in machines],
                    "batch": {"max_samples": 50, "max_age_s": 0.3},
                }
            )
        )
        self.agent_data = folder / "agent"
        self.agent = Part("edge", agent_file)
        self.collector = Part("collector", collector_file)

    def start(self) -> None:
        """The agent first, because the collector enrols the key that it prints."""
        self.agent.start()
        key = self.agent.wait_for("agent starts")["public_key"]
        port = int(self.url.rpartition(":")[2])
        self.collector.config.write_text(
            yaml.safe_dump({"data": "node", "port": port, "agents": {AGENT: key}})
        )
        self.collector.start()

    def stop(self) -> None:
        """An orderly end. An agent hands over for a few seconds and keeps the rest for its next
        start, so it gets as many as it needs."""
        self.agent.stop()
        for _ in range(LIVES_MAX):
            if self.agent.logged("agent stopped")[-1]["batches_kept"] == 0:
                break
            self.agent.start()
            self.wait_for_samples(1)
            self.agent.stop()
        else:
            pytest.fail(f"the agent never hands over all that it has: {self.agent.tail}")
        self.collector.stop()

    def clear_away(self) -> None:
        self.agent.clear_away()
        self.collector.clear_away()

    def samples(self) -> int:
        """Samples that the collector made to last since it started; -1 while it is away."""
        try:
            text = local_get(f"{self.url}/metrics").text
        except httpx.HTTPError:
            return -1
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == SAMPLES_METRIC:
                    return int(sample.value)
        pytest.fail(f"the collector has no metric {SAMPLES_METRIC}")

    def wait_for_samples(self, more: int) -> None:
        """Until that many more have come in than now (than none, if the collector is away)."""
        enough = max(self.samples(), 0) + more
        wait_until(
            lambda: self.samples() >= enough,
            f"{more} more samples in the collector (see {self.agent.log}, {self.collector.log})",
        )
