"""Puts the page together: one file, with style and scripts inside it, that may load nothing.

Its policy (Content-Security-Policy) names the digests of its own style and script, so a browser
runs these and no others, and asks no network for anything.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from importlib.resources import files

# In the order in which each needs the others; docs/evidence-format.md is what they follow.
SCRIPTS = (
    *("bytes", "zip", "yaml", "ledger", "stamps", "batches"),
    *("facts", "sums", "kpis", "verdicts", "words", "main"),
)


def assembled_page() -> str:
    """verify.html, whole."""
    style = part("style.css")
    script = '"use strict";\n(() => {\n' + "\n".join(part(f"{it}.js") for it in SCRIPTS) + "})();\n"
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    found = part("frame.html")
    for name, text in (("policy", policy), ("style", style), ("script", script)):
        found = found.replace("{{" + name + "}}", text)
    return found


def node_script() -> str:
    """verify.mjs."""
    return (files("lineproof.verifiers") / "verify.mjs").read_text(encoding="utf-8")


def part(name: str) -> str:
    return (files("lineproof.verifiers") / "page" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
