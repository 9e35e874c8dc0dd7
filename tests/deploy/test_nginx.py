"""The reverse proxy's configuration as it is, with real nginx in front of a real node."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from certificates import make_certificate
from command_line import lineproof, node, run, start
from peers import PATIENCE_S, ROOT, free_port, port_open, require, running, wait_until

CONFIG = ROOT / "deploy" / "nginx" / "lineproof.conf"
EXAMPLE = ROOT / "docs" / "examples" / "plant.yaml"
SETTINGS = "tls: 'off'\ntrusted_proxies: [127.0.0.1]\n"


def nginx_conf(folder: Path, ports: dict[str, int], certificate: Path, key: Path) -> str:
    """A whole configuration around ours, of which only places of this test are others."""
    ours = CONFIG.read_text()
    for old, new in (
        ("127.0.0.1:8080", f"127.0.0.1:{ports['node']}"),
        ("listen 80;", f"listen 127.0.0.1:{ports['plain']};"),
        ("listen 443 ssl", f"listen 127.0.0.1:{ports['tls']} ssl"),
        ("/etc/lineproof/tls/node.pem", str(certificate)),
        ("/etc/lineproof/tls/node.key", str(key)),
        ("server_name node.example", "server_name 127.0.0.1"),
    ):
        assert old in ours
        ours = ours.replace(old, new)
    paths = "".join(
        f"{it}_temp_path {folder}/nginx-{it};\n"
        for it in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off;\npid {folder}/nginx.pid;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}{ours}\n}}\n"
    )


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("front")
    nginx, made = require(program="nginx"), make_certificate(folder, "node")
    with node(folder / "node", EXAMPLE, settings=SETTINGS) as behind:
        ports = {
            "node": int(behind.url.rpartition(":")[2]),
            "plain": free_port(),
            "tls": free_port(),
        }
        conf = folder / "nginx.conf"
        conf.write_text(nginx_conf(folder, ports, made.certificate, made.key))
        command = [nginx, "-p", folder, "-c", conf, "-e", folder / "nginx.log"]
        with (
            running(command, ready=lambda: port_open(ports["tls"]), log=folder / "nginx.log"),
            httpx.Client(
                base_url=f"https://127.0.0.1:{ports['tls']}",
                verify=str(made.certificate),
                trust_env=False,
                timeout=PATIENCE_S,
                headers={
                    "X-Plain-Port": str(ports["plain"]),
                    "X-Authority": str(made.certificate),
                },
            ) as client,
        ):
            yield client


def test_pages_and_data_come_through(front: httpx.Client) -> None:
    page = front.get("/", follow_redirects=True)
    assert page.status_code == 200
    assert "<html" in page.text
    assert [it["line"] for it in front.get("/api/v1/lines").json()] == ["press-1"]


def test_pages_and_data_are_compressed_and_streams_are_not(front: httpx.Client) -> None:
    for path in ("/floor", "/api/v1/openapi.json"):
        answer = front.get(path, headers={"Accept-Encoding": "gzip"})
        assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, "gzip"), path
        assert "Accept-Encoding" in answer.headers["Vary"]
        plain = front.get(path, headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert int(answer.num_bytes_downloaded) < len(plain.content) / 2
    asked = {"Accept-Encoding": "gzip"}
    with front.stream("GET", "/api/v1/lines/press-1/live", headers=asked) as stream:
        assert "Content-Encoding" not in stream.headers


def test_an_agent_enrols_and_hands_over_through_it(front: httpx.Client, tmp_path: Path) -> None:
    """Its machine is away, which is what its first batch tells."""
    url = str(front.base_url).rstrip("/")
    authority = front.headers["X-Authority"]
    trusting = {"SSL_CERT_FILE": authority}
    made = run("agent", "code", "hall-2", "--url", url, "--json", environment=trusting)
    assert made.status == 0, made.errors
    config = tmp_path / "edge.yaml"
    config.write_text(
        f"name: hall-2\ndata: data\ncollector: {url}\nbatch: {{max_age_live_s: 0}}\nmachines:\n"
        "  - line: press-1\n    machine: meter\n    profile: shelly/pro3em-mqtt\n"
        f"    connection: {{url: 'mqtt://127.0.0.1:{free_port()}', topic: t}}\n"
    )
    lineproof(
        "edge", "enrol", "--config", config, "--url", url, "--code", made.json["code"],
        "--authority", authority,
    )  # fmt: skip
    log = tmp_path / "edge.log"
    agent = start("edge", "--config", config, output=log)

    def arrived() -> set[str]:
        return {it["agent"] for it in front.get("/api/v1/batches").json()}

    try:
        wait_until(lambda: "hall-2" in arrived(), f"a batch of the agent (see {log})")
    finally:
        agent.terminate()
        assert agent.wait(PATIENCE_S) == 0, log.read_text()[-3000:]


def test_without_tls_one_is_led_to_it(front: httpx.Client) -> None:
    port = front.headers["X-Plain-Port"]
    answer = httpx.get(f"http://127.0.0.1:{port}/lines", trust_env=False)
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://127.0.0.1/lines")


def test_an_event_stream_arrives_at_once(front: httpx.Client) -> None:
    with front.stream("GET", "/api/v1/lines/press-1/live") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        first = next(it for it in stream.iter_lines() if it.startswith("data:"))
    assert "press-1" in first


def test_a_batch_of_several_megabytes_reaches_the_node(front: httpx.Client) -> None:
    """nginx by itself takes one megabyte; what is refused here, the node has read and refuses."""
    answer = front.post("/api/v1/batches", content=bytes(20 << 20))
    assert (answer.status_code, answer.json()["outcome"]) == (400, "malformed")
    assert front.post("/api/v1/batches", content=bytes(33 << 20)).status_code == 413


def test_the_node_knows_by_which_address_people_reach_it(front: httpx.Client) -> None:
    """So it lets in what its own pages send, and not what another site does."""

    def sent_from(origin: str) -> int:
        path = "/api/v1/lines/press-1/corrections"
        return front.post(path, json={}, headers={"Origin": origin}).status_code

    assert sent_from(str(front.base_url)) == 422  # it is read, and lacks all that a correction has
    assert sent_from("https://elsewhere.example") == 403
