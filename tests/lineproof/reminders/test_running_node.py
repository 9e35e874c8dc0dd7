"""A node that was started with such settings tells people, and after a restart not again."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from command_line import start
from mail_server import mail_server
from peers import ROOT, free_port, wait_until

EXAMPLES = ROOT / "docs" / "examples"


def test_a_node_tells_what_is_due_and_once(tmp_path: Path) -> None:
    with mail_server() as running:
        settings = tmp_path / "node.yaml"
        settings.write_text(
            "reminders:\n"
            f"  mail: {{host: 127.0.0.1, port: {running.port}, security: off, "
            "sender: node@tko.example}\n"
            "  people: [{who: company, address: lee@tko.example}]\n",
            encoding="utf-8",
        )
        for number in range(2):
            process = start(
                "up", "--plant", EXAMPLES / "plant.yaml", "--grant", EXAMPLES / "grant.yaml",
                "--data", tmp_path / "node", "--port", str(free_port()), "--config", settings,
                output=tmp_path / f"{number}.log",
            )  # fmt: skip
            try:
                wait_until(lambda: len(running.took) == 1, "the mail")
                log = tmp_path / f"{number}.log"
                wait_until(lambda log=log: "Floor:" in log.read_text(), "the node to be up")
                time.sleep(3)  # it looks at once what is due
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=60) == 0
        assert [str(it["to"]) for it in running.took] == ["lee@tko.example"]
