"""`python -m lineproof.reference` writes docs/kpi/<language>.md; a test holds them fresh."""

from __future__ import annotations

from pathlib import Path

from lineproof.reference.kpi_pages import LANGUAGES, page

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "kpi"


def pages() -> dict[Path, str]:
    """Where each page stands, and its text."""
    return {FOLDER / f"{language}.md": page(language) for language in LANGUAGES}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
