"""The README's pictures are made here, from the running demo.

They are written beside the README only when asked for (LINEPROOF_SCREENSHOTS=1), so that a test
run leaves the checkout as it was; otherwise into the test's own folder.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from browser import chromium, screenshot
from peers import PATIENCE_S, ROOT, free_port, wait_until


def test_the_demo_shows_its_pages(tmp_path: Path) -> None:
    folder = ROOT / "docs" / "images" if os.environ.get("LINEPROOF_SCREENSHOTS") else tmp_path
    port = str(free_port())
    printed = tmp_path / "out"
    command = [sys.executable, "-m", "lineproof", "demo", "--no-browser", "--port", port]
    with printed.open("w") as out:
        demo = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: "Stop it" in printed.read_text(), "the demo's addresses")
        pages = re.findall(r"(Floor|Line|Grant) +(http\S+)", printed.read_text())
        with chromium() as browser:
            for name, address in pages:
                image = folder / f"{name.lower()}.png"
                screenshot(address, image, browser=browser, width=1100, height=900, full=False)
                assert image.stat().st_size > 20_000
        assert [name for name, _ in pages] == ["Floor", "Line", "Grant"]
    finally:
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(timeout=PATIENCE_S) == 0
