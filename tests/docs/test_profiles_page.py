"""docs/profiles.md names the code tables that there are, and what their codes mean."""

from __future__ import annotations

from source_tree import ROOT

from device_profiles.model.code_tables import STANDARD_TABLES, StandardTable

PAGE = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
HEAD = "| table | of | source | codes and what they mean |\n|---|---|---|---|\n"


def row(name: str, table: StandardTable) -> str:
    codes = ", ".join(f"{it.number} {it.name}: {it.means}" for it in table.codes)
    return f"| `{name}` | {table.signal} | [{table.source}]({table.link}) | {codes} |\n"


def test_the_table_of_code_tables_is_fresh() -> None:
    rows = HEAD + "".join(row(name, table) for name, table in STANDARD_TABLES.items())
    assert rows in PAGE, f"write it anew:\n{rows}"
