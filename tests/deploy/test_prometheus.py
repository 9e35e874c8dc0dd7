"""Alert rules, scrape configuration and dashboard, held against promtool and a real node."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from command_line import node
from peers import ROOT, local_get, require

HERE = ROOT / "deploy" / "prometheus"
DASHBOARD = ROOT / "deploy" / "grafana" / "lineproof.json"
EXAMPLE = ROOT / "docs" / "examples" / "plant.yaml"
_METRIC = re.compile(r"lineproof_[a-z0-9_]+")


def rules() -> list[dict[str, str]]:
    (group,) = yaml.safe_load((HERE / "alerts.yml").read_text())["groups"]
    return list(group["rules"])


def shown() -> list[str]:
    """What the dashboard asks for."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def promtool(*words: str | Path) -> str:
    command = [require(program="promtool"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_each_rule_calls_when_it_should_and_is_silent_when_all_is_well() -> None:
    promtool("test", "rules", "alerts_test.yml")
    promtool("check", "config", "--syntax-only", "prometheus.yml")
    well, wrong = yaml.safe_load((HERE / "alerts_test.yml").read_text())["tests"]
    names = {it["alert"] for it in rules()}
    for part in (well, wrong):
        assert {it["alertname"] for it in part["alert_rule_test"]} == names


def test_the_dashboard_asks_in_prometheus_language(tmp_path: Path) -> None:
    """As rules of their own, for promtool reads rules."""
    asked = [
        {"record": f"asked_{number}", "expr": expr.replace("$node", ".*")}
        for number, expr in enumerate(shown())
    ]
    file = tmp_path / "asked.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": asked}]}))
    promtool("check", "rules", file)
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert [it["title"] for it in panels if not it["description"]] == []


def test_a_node_tells_what_they_ask_for(tmp_path: Path) -> None:
    with node(tmp_path / "node", EXAMPLE) as running:
        told = local_get(f"{running.url}/metrics").text
    known = set(re.findall(r"^# TYPE (\S+) (?:counter|gauge|histogram)$", told, re.MULTILINE))
    known |= {f"{it}_bucket" for it in known}
    asked = {
        name for it in (*shown(), *(it["expr"] for it in rules())) for name in _METRIC.findall(it)
    }
    assert len(asked) > 10
    assert asked - known == set()


@pytest.mark.parametrize("name", [it["alert"] for it in rules()])
def test_who_is_called_finds_what_to_do(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "operations.md").read_text()
