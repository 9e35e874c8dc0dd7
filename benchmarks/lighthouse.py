"""What Lighthouse says of the pages: its four scores, from 0 to 100.

    python benchmarks/lighthouse.py [--runs 3] [PATH ...]

A real node with two made-up lines and a project answers in a process of its own, while a live
feeder hands it sealed batches every second; Lighthouse of tests/peers looks at each page in
chromium, as on a desk. Its scores of performance are of this machine and this moment: the best of
the runs is told.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from live_feeder import feeding
from page_data import PROJECT, Size, line_name, prepare
from page_node import node_process

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
AIM = 95
PROGRAM = Path(__file__).parents[1] / "tests/peers/node_modules/lighthouse/cli/index.js"
LINE = f"/lines/{line_name(0)}"
PATHS = (
    "/floor",
    "/wall",
    LINE,
    f"{LINE}?tab=stops",
    f"{LINE}/stops",
    "/grants",
    f"/grants/{PROJECT}",
    "/profiles",
    f"/data-quality/{line_name(0)}",
)
_SIZE = Size(lines=2, days=10, days_each=0.5, live_period_s=1, agents=1)
_PATIENCE_S = 300


def scores(url: str, categories: Sequence[str] = CATEGORIES) -> dict[str, int]:
    """Of each category, of one look at the page. Raises SystemExit where Lighthouse gives none."""
    chromium = shutil.which("chromium-headless-shell")
    if chromium is None or not PROGRAM.exists():
        raise SystemExit("chromium or lighthouse is not installed: run tests/setup-peers")
    command = ["node", str(PROGRAM), url, "--quiet", "--output=json", "--preset=desktop"]
    command += [f"--only-categories={','.join(categories)}"]
    command += ["--chrome-flags=--headless --no-sandbox --disable-gpu"]
    environment = os.environ | {"CHROME_PATH": chromium}
    told = subprocess.run(
        command, capture_output=True, text=True, timeout=_PATIENCE_S, env=environment
    )
    if told.returncode:
        raise SystemExit(f"lighthouse could not look at {url}:\n{told.stderr}")
    report = json.loads(told.stdout)
    if error := report.get("runtimeError"):
        raise SystemExit(f"lighthouse could not look at {url}: {error['message']}")
    return {name: round(100 * report["categories"][name]["score"]) for name in categories}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", default=PATHS, metavar="PATH")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        agents = prepare(Path(folder), _SIZE)
        with node_process(Path(folder) / "node") as (_, port), feeding(agents, port) as check:
            print(f"{'page':<28}" + "".join(f"{name:>16}" for name in CATEGORIES))
            for path in options.paths:
                runs = [scores(f"http://127.0.0.1:{port}{path}") for _ in range(options.runs)]
                check()
                best = [max(run[name] for run in runs) for name in CATEGORIES]
                verdict = "yes" if min(best) >= AIM else "NO"
                row = "".join(f"{score:>16}" for score in best)
                print(f"{path:<28}{row}  {verdict}", flush=True)


if __name__ == "__main__":
    main()
