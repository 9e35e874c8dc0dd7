"""`python -m lineproof.reference` writes docs/kpi/<language>.md."""

from __future__ import annotations

from lineproof.reference.kpi_pages import write_pages

if __name__ == "__main__":
    write_pages()
