"""A real InfluxDB for tests: Debian's influxd 1.6.7 behind nginx that speaks the v2 write path.

1.6.7 has `/write` and `/query` but no `/api/v2/write`; nginx rewrites the path and the
parameters, checks the token as 2.x does, and passes `/query`. Both listen on free loopback
ports, keep their files in the folder given and end with the block.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from peers import PATIENCE_S, free_port, port_open, require, running

TOKEN = "test-token"
ORG = "lineproof"


@dataclass(frozen=True)
class InfluxServer:
    """`url`: nginx's (v2 write, InfluxQL); `direct_url`: influxd's own."""

    url: str
    direct_url: str
    token: str = TOKEN
    org: str = ORG

    def new_bucket(self) -> str:
        """An empty database of its own, as bucket name `database/retention-policy`."""
        database = f"test_{uuid.uuid4().hex[:12]}"
        self.query(f"CREATE DATABASE {database} WITH DURATION INF SHARD DURATION 52w")
        return f"{database}/autogen"

    def query(self, statement: str) -> str:
        """The answer to an InfluxQL statement, asked of influxd itself."""
        answer = httpx.post(
            f"{self.direct_url}/query", data={"q": statement}, timeout=PATIENCE_S, verify=False
        )
        answer.raise_for_status()
        return answer.text


@contextlib.contextmanager
def influx_server(folder: Path) -> Iterator[InfluxServer]:
    """influxd and nginx for the length of the block; skips where they are not installed."""
    influxd, nginx = require(program="influxd"), require(program="nginx")
    folder.mkdir(parents=True, exist_ok=True)
    http, rpc, front = free_port(), free_port(), free_port()
    (folder / "influxd.conf").write_text(_influxd_conf(folder, http, rpc))
    (folder / "nginx.conf").write_text(_nginx_conf(folder, http, front))
    with (
        running(
            [influxd, "-config", folder / "influxd.conf"],
            ready=lambda: port_open(http),
            log=folder / "influxd.log",
        ),
        running(
            [nginx, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "nginx.log"],
            ready=lambda: port_open(front),
            log=folder / "nginx.log",
        ),
    ):
        yield InfluxServer(f"http://127.0.0.1:{front}", f"http://127.0.0.1:{http}")


def _influxd_conf(folder: Path, http: int, rpc: int) -> str:
    return f"""
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:{http}"
  log-enabled = false
[monitor]
  store-enabled = false
[logging]
  level = "warn"
"""


def _nginx_conf(folder: Path, http: int, front: int) -> str:
    return f"""
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
events {{ worker_connections 64; }}
http {{
  access_log off;
  # As root, nginx's worker could not write bodies into this folder: it keeps them in memory.
  client_max_body_size 64m;
  client_body_buffer_size 64m;
  proxy_buffering off;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  map $arg_bucket $db {{ "~*^(?<d>.+?)(/|%2F)" $d; default $arg_bucket; }}
  map $arg_bucket $rp {{ "~*(/|%2F)(?<r>.+)$" $r; default ""; }}
  map $arg_precision $unit {{ ns n; us u; default $arg_precision; }}
  server {{
    listen 127.0.0.1:{front};
    if ($http_authorization != "Token {TOKEN}") {{
      return 401 '{{"code":"unauthorized","message":"unauthorized access"}}';
    }}
    location = /api/v2/write {{
      rewrite ^ /write?db=$db&rp=$rp&precision=$unit? break;
      proxy_pass http://127.0.0.1:{http};
    }}
    location = /query {{ proxy_pass http://127.0.0.1:{http}; }}
    location = /ping {{ proxy_pass http://127.0.0.1:{http}; }}
  }}
}}
"""
