"""A story of somebody at a browser: touches, keys and words on the way are counted, pictures kept.

Both are in build/pictures, outside of the repository; docs/usability.md says what the times are
made of.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from peers import ROOT
from playwright.sync_api import Locator, Page, expect
from signing_in import PASSWORD

PICTURES = ROOT / "build" / "pictures"
# Brysbaert 2019: adults read English silently at 238 words a minute, the slow ones at 175.
WORDS_A_S, SLOW_WORDS_A_S = 238 / 60, 175 / 60
# Keystroke-level model (Card, Moran & Newell 1980; Kieras 2001): a thought (1.2 s) and a pointing
# (1.1 s) before each touch; a key of who does not know the keyboard.
TOUCH_S, KEY_S = 2.3, 1.2
# Words that are seen, in the order of the document: within a part up to the end of an element, and
# of all that is in sight up to there.
WORDS_UP_TO = """
(target, within) => {
  if (!target.isConnected) return null;
  const part = target.closest(within);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let read = 0, inSight = 0;
  while (walker.nextNode()) {
    const text = walker.currentNode, element = text.parentElement;
    const place = target.compareDocumentPosition(text);
    if (place & Node.DOCUMENT_POSITION_FOLLOWING && !target.contains(text)) break;
    if (!element.checkVisibility() || element.closest("script, title, .sr-only, .skip")) continue;
    const words = text.textContent.split(/\\s+/).filter((it) => /[\\p{L}\\p{N}]/u.test(it)).length;
    const box = element.getBoundingClientRect();
    if (box.bottom > 0 && box.top < innerHeight) inSight += words;
    if (part.contains(text)) read += words;
  }
  return [read, inSight];
}
"""


@dataclass
class Counted:
    """What a job took. `words`: that have to be read; `in_sight`: that stand before the last of
    them, for somebody who skips nothing."""

    job: str
    touches: int = 0
    keys: int = 0
    words: int = 0
    in_sight: int = 0

    @property
    def hands_s(self) -> float:
        return self.touches * TOUCH_S + self.keys * KEY_S

    @property
    def seconds(self) -> float:
        return self.hands_s + self.words / WORDS_A_S

    @property
    def row(self) -> list[float]:
        """For the table, in the order of its columns."""
        slow, whole = (
            self.hands_s + words / a_second
            for words, a_second in ((self.words, SLOW_WORDS_A_S), (self.in_sight, WORDS_A_S))
        )
        times = [round(it) for it in (self.seconds, slow, whole)]
        return [self.touches, self.keys, self.words, self.in_sight, *times]


@dataclass
class Story:
    """Of one person at one page. `group`: operator, officer or integrator."""

    page: Page
    group: str
    counted: Counted = field(default_factory=lambda: Counted(""))

    @contextmanager
    def job(self, name: str) -> Iterator[Counted]:
        """What is counted within is kept, with a picture of how it ended."""
        self.counted = Counted(name)
        yield self.counted
        self.picture(name)
        _keep(self.group, self.counted)

    def touch(self, what: Locator) -> None:
        what.tap()
        self.counted.touches += 1

    def click(self, what: Locator) -> None:
        what.click()
        self.counted.touches += 1

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.counted.keys += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.counted.keys += len(text)

    def tab_to(self, what: Locator, at_most: int) -> None:
        """By the key alone, and no further than that."""
        for _ in range(at_most):
            self.press("Tab")
            if what.evaluate("e => e === document.activeElement"):
                return
        at = self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        raise AssertionError(f"not within {at_most} tabs, but: {at}")

    def read_to(self, what: Locator, within: str = "*") -> None:
        """What is read: of the part around it that the selector names, all down to it; without one
        it alone. It must be in sight."""
        expect(what).to_be_in_viewport()
        while (found := what.evaluate(WORDS_UP_TO, within)) is None:
            pass  # what is live was replaced at that moment
        read, in_sight = found
        self.counted.words += read
        self.counted.in_sight += in_sight

    def swipe_to(self, what: Locator) -> None:
        what.scroll_into_view_if_needed()
        self.counted.touches += 1

    def picture(self, name: str) -> None:
        file = f"{self.group}-{name.replace(' ', '-')}.png"
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / file)


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password", exact=True).press("Enter")
    page.wait_for_url("**/floor")


def _keep(group: str, counted: Counted) -> None:
    """In a table of all jobs, a row of its own."""
    known = PICTURES / "counted.json"
    rows: dict[str, list[float]] = json.loads(known.read_text()) if known.exists() else {}
    rows[f"{group}: {counted.job}"] = counted.row
    known.write_text(json.dumps(rows, indent=1, sort_keys=True))
    columns = "job", "touches", "keys", "words", "in sight", "s", "s, slow reader", "s, all read"
    lines = [columns, ("---",) * len(columns)]
    lines += [(job, *map(str, found)) for job, found in sorted(rows.items())]
    table = "".join(f"| {' | '.join(it)} |\n" for it in lines)
    (PICTURES / "counted.md").write_text(table, encoding="utf-8")
