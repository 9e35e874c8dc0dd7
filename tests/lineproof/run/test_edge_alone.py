"""`lineproof edge` as a process that shows its status while it reads a machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import yaml
from command_line import run, start
from peers import PATIENCE_S, free_port, local_get, wait_until


def config(folder: Path, status: dict[str, Any]) -> Path:
    machine = {
        "line": "line-1",
        "machine": "meter",
        "profile": "shelly/pro3em-mqtt",
        "connection": {
            "url": f"mqtt://127.0.0.1:{free_port()}",
            "topic": "t",
            "user": "hall",
            "password": "secret-word-of-the-broker",
        },
    }
    file = folder / "edge.yaml"
    text = {
        "name": "hall-2",
        "data": "data",
        "collector": f"http://127.0.0.1:{free_port()}",
        "token": "secret-token-of-the-agent",
        "machines": [machine],
        "status": status,
    }
    file.write_text(yaml.safe_dump(text))
    return file


def _page(url: str) -> str:
    try:
        return local_get(url).text
    except httpx.HTTPError:
        return ""


def test_the_page_tells_what_is_wrong_and_no_secret(tmp_path: Path) -> None:
    port = free_port()
    log = tmp_path / "edge.log"
    process = start("edge", "--config", config(tmp_path, {"port": port}), output=log)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: "could not be reached" in _page(url), "the fault on the page")
        wait_until(lambda: "The collector cannot be reached" in _page(url), "the collector's state")
        page, metrics = local_get(url).text, local_get(f"{url}/metrics").text
    finally:
        process.terminate()
        assert process.wait(timeout=PATIENCE_S) == 0, log.read_text()[-3000:]
    assert "line-1 / meter" in page
    assert 'source_connected{agent="hall-2",line="line-1",machine="meter"} 0.0' in metrics
    assert 'uplink_trouble{agent="hall-2",kind="unreachable"} 1.0' in metrics
    for shown in (page, metrics, log.read_text()):
        assert "secret" not in shown
    assert f"Status: {url}/" in log.read_text()


def test_what_the_page_lacks_is_said_before_the_agent_opens_its_folder(tmp_path: Path) -> None:
    refused = run("edge", "--config", config(tmp_path, {"port": free_port(), "listen": "0.0.0.0"}))
    assert refused.status != 0
    assert "password_file: FILE" in refused.errors
    assert not (tmp_path / "data").exists()
