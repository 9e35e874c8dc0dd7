"""What axe-core finds on a page: the rules of WCAG 2.2, levels A and AA, and good practice."""

from __future__ import annotations

from functools import cache

from peers import NODE_PEERS, require
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN = """
async (tags) => {
  const { violations } = await axe.run(document, {
    runOnly: tags,
    resultTypes: ["violations"],
  });
  return violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id} (${rule.help}): ${node.target.join(" ")}`));
}
"""


@cache
def _program() -> str:
    path = require(path=NODE_PEERS / "node_modules" / "axe-core" / "axe.min.js")
    return path.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Each violated rule with the element that violates it. The debugger brings the program into
    the page, so the page's own policy on scripts stays as it is."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_program())
    found: list[str] = page.evaluate(_RUN, list(TAGS))
    return found
