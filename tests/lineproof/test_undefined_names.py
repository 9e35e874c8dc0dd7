"""What machines tell and the plant file does not define is named: by apply, import and doctor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import answer, lineproof

from lineproof.clock import utc_now
from lineproof.history_import.importer import import_files
from lineproof.undefined_names import undefined_names
from lineproof.upkeep.apply import apply_files, undefined_in
from lineproof.upkeep.doctor import examine
from store.node.opening import Stores, open_stores

PLANT = """\
plant: a
timezone: Asia/Hong_Kong
company: {{name: {{en: A}}}}
{defined}
lines:
  l1:
    ideal_cycle_time_s: 1
    machines: {{m: {{profile: import}}, scanner: {{profile: import}}}}
    roles: {{state: m{roles}}}
"""
BOTH = """\
products: {tea: {ideal_cycle_time_s: 1}, milk: {ideal_cycle_time_s: 2}}
reasons: {jam: {codes: ["17"]}, material: {reasons: {no-cups: {}}}}"""
TOLD = [
    "2026-01-05T07:00,m,state,producing",
    "2026-01-05T07:00,m,product,tea",
    "2026-01-05T07:10,m,state,stopped",
    '2026-01-05T07:10,m,stop_reason,"17"',
    "2026-01-05T07:20,m,state,producing",
    "2026-01-05T07:20,m,stop_reason,",
    "2026-01-05T07:30,scanner,product,Milk",
    "2026-01-05T07:40,m,state,stopped",
]


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with open_stores(tmp_path / "node") as opened:
        yield opened


def applied(stores: Stores, folder: Path, defined: str, roles: str = "") -> list[tuple[str, str]]:
    file = folder / "plant.yaml"
    file.write_text(PLANT.format(defined=defined, roles=roles))
    apply_files(stores.registry, [file], utc_now())
    return [(it.kind, it.name) for it in undefined_in(stores)]


def told(stores: Stores, folder: Path, *rows: str) -> list[tuple[str, str]]:
    file = folder / f"history-{len(rows)}.csv"
    file.write_text("\n".join(["time,machine,signal,value", *TOLD, *rows]))
    summary = import_files(stores, None, "l1", [file], now=utc_now())
    return [(it.kind, it.name) for it in summary.undefined]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], []),
        (["2026-01-05T08:00,m,product,Tea"], [("product", "Tea")]),
        (["2026-01-05T08:00,m,stop_reason,18"], [("reason", "18")]),
        (["2026-01-05T08:00,m,stop_reason,JAM"], [("reason", "JAM")]),
        (["2026-01-05T08:00,m,stop_reason,no-cups", "2026-01-05T08:00,m,product,"], []),
        (
            ["2026-01-05T08:00,m,product,tea ", "2026-01-05T08:00,m,product,x"],
            [("product", "x")],
        ),
        # The newest product may hold since long before what is looked at.
        (
            ["2026-01-05T08:00,m,product,cocoa", "2026-06-05T08:00,m,state,stopped"],
            [("product", "cocoa")],
        ),
    ],
)
def test_import_and_apply_name_the_same(
    stores: Stores, tmp_path: Path, rows: list[str], found: list[tuple[str, str]]
) -> None:
    assert applied(stores, tmp_path, BOTH) == []
    assert told(stores, tmp_path, *rows) == found
    assert applied(stores, tmp_path, BOTH) == found
    named = [it.subject for it in examine(stores, utc_now()) if it.status == "warning"]
    assert [it for it in named if it.startswith(("product", "reason "))] == [
        f"{kind} {name}" for kind, name in found
    ]


def test_a_new_file_that_no_longer_defines_what_was_told(stores: Stores, tmp_path: Path) -> None:
    applied(stores, tmp_path, BOTH)
    told(stores, tmp_path)
    assert applied(stores, tmp_path, BOTH.replace("tea:", "teas:")) == [("product", "tea")]
    assert applied(stores, tmp_path, BOTH.replace('"17"', '"71"')) == [("reason", "17")]
    assert applied(stores, tmp_path, BOTH, ", product: scanner") == [("product", "Milk")]


def test_a_plant_that_defines_none_leaves_none_undefined(stores: Stores, tmp_path: Path) -> None:
    applied(stores, tmp_path, "")
    assert told(stores, tmp_path, "2026-01-05T08:00,m,product,Tea") == []
    assert applied(stores, tmp_path, "") == []


def test_a_near_miss_is_asked_back(stores: Stores, tmp_path: Path) -> None:
    applied(stores, tmp_path, BOTH)
    told(stores, tmp_path, "2026-01-05T08:00,m,product,Tea", "2026-01-05T08:00,m,stop_reason,9")
    plant = stores.registry.plants.of_line("l1")
    product, reason = undefined_names(stores.telemetry, plant, plant.lines["l1"])
    assert "Did you mean 'tea'? Define it under 'products'" in str(product)
    assert "counts as unplanned. Add it to the codes of a reason" in str(reason)


def test_the_command_warns_and_says_so_in_its_document(tmp_path: Path) -> None:
    node = ("--data", tmp_path / "node")
    plant, history = tmp_path / "plant.yaml", tmp_path / "history.csv"
    plant.write_text(PLANT.format(defined=BOTH, roles=""))
    history.write_text("\n".join(["time,machine,signal,value", *TOLD]))
    assert answer("apply", "-f", plant, *node)["undefined"] == []
    summary = answer("import", "--line", "l1", history, *node)
    assert (summary["undefined_products"], summary["undefined_reasons"]) == ([], [])
    plant.write_text(PLANT.format(defined=BOTH.replace("tea:", "teas:"), roles=""))
    done = lineproof("apply", "-f", plant, *node)
    assert "Warning: line 'l1' tells the product 'tea'" in done.errors
    again = answer("apply", "-f", plant, *node)
    assert again == {
        "changes": [],
        "undefined": [{"line": "l1", "kind": "product", "name": "tea"}],
    }
