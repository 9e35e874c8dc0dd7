"""Figures that people attest, by the command line and as the node and its pages show them."""

from __future__ import annotations

from pathlib import Path

import httpx
from command_line import answer, lineproof, node, refused
from peers import ROOT

EXAMPLES = ROOT / "docs" / "examples"
PROJECT = ("--project", "NIFS-2026-001")
TERMS = """\
  - id: T
    clause: "6"
    due: 2099-03-31
    title: {en: Staff trained}
    terms: {kind: training, people: 30}
  - id: E
    clause: "7"
    due: 2099-03-31
    title: {en: Machines}
    terms: {kind: expenditure, amount_hkd: 900000, category: machinery}
"""


def attested(folder: Path) -> tuple[str | Path, ...]:
    """A node's folder with a project; the document that shows what is attested."""
    (folder / "paid.pdf").write_bytes(b"%PDF-1")
    text = (EXAMPLES / "grant.yaml").read_text(encoding="utf-8")
    (folder / "grant.yaml").write_text(text + TERMS, encoding="utf-8")
    of = ("--data", folder / "node")
    for file in (EXAMPLES / "plant.yaml", folder / "grant.yaml"):
        lineproof("apply", "-f", file, *of)
    return of


def test_what_is_attested_counts_and_what_is_withdrawn_does_not(tmp_path: Path) -> None:
    of, paid = attested(tmp_path), tmp_path / "paid.pdf"
    add = ("attest", "add", *of, *PROJECT, "--by", "Chan")
    money = (*add, "--kind", "expenditure", "--day", "2026-03-02", "--category", "machinery")
    first = answer(*money, "--amount", "1,200,000.50", "--payer", "company", paid)
    assert (first["number"], first["amount"], first["attested_by"]) == (1, "1200000.50", "Chan")
    said = lineproof(*money, "--amount", "600000", "--payer", "Sponsor Ltd", paid).output
    assert "expenditure of 600000 on 2026-03-02, entered as number 2." in said
    people = ("--kind", "training", "--milestone", "T", "--day", "2026-03-03")
    lineproof(*add, *people, "--amount", "30", paid)
    document = answer("milestones", *of, *PROJECT)
    by_id = {it["id"]: it for it in document["milestones"]}
    assert (by_id["T"]["status"], by_id["T"]["value"]) == ("met", 30)
    assert (by_id["E"]["status"], by_id["E"]["met_on"]) == ("met", "2026-03-02")
    spending = document["grant"]["spending"]
    assert spending["eligible_hkd"] == 1_800_000.5
    assert spending["grant_hkd"] == 600_000.16
    assert spending["company_lacking_hkd"] == 600_000

    assert "says why" in refused("attest", "withdraw", "1", *of, *PROJECT, "--comment", " ")
    lineproof("attest", "withdraw", "1", *of, *PROJECT, "--comment", "not ours")
    document = answer("milestones", *of, *PROJECT)
    assert {it["id"]: it["status"] for it in document["milestones"]}["E"] != "met"
    rows = answer("attest", "list", *of, *PROJECT)
    assert [it["kind"] for it in rows] == ["expenditure", "expenditure", "training", "withdrawal"]
    assert "withdraws 1" in lineproof("attest", "list", *of, *PROJECT).output
    lineproof("doctor", *of)


def test_a_node_shows_it(tmp_path: Path) -> None:
    of, paid = attested(tmp_path), tmp_path / "paid.pdf"
    money = ("--kind", "expenditure", "--day", "2026-03-02", "--category", "patents")
    lineproof(
        *("attest", "add", *of, *PROJECT, *money),
        *("--amount", "300000", "--payer", "company", paid),
    )
    files = (EXAMPLES / "plant.yaml", tmp_path / "grant.yaml")
    with node(tmp_path / "node", *files) as running:
        told = httpx.get(f"{running.url}/api/v1/projects/NIFS-2026-001/attested").json()
        assert [(it["category"], it["amount"]) for it in told] == [("patents", "300000")]
        page = httpx.get(f"{running.url}/grants/NIFS-2026-001").text
        for words in ("Spent and paid", "Registration of patents", "HK$250,000", "HK$300,000"):
            assert words in page
        chinese = httpx.get(f"{running.url}/grants/NIFS-2026-001?lang=zh-Hant").text
        assert "專利註冊" in chinese
        assert "Spent and paid" not in chinese


def test_what_cannot_be_is_refused_with_what_to_do(tmp_path: Path) -> None:
    of, paid = attested(tmp_path), tmp_path / "paid.pdf"
    base = ("attest", "add", *of, *PROJECT, "--day", "2026-03-02", "--amount")
    spent = ("--kind", "expenditure", "--payer", "company", "--category")
    for given, says in (
        ((*base, "1", *spent, "machnery", paid), "Did you mean 'machinery'"),
        ((*base, "1", "--kind", "gift", paid), "'gift' cannot be attested"),
        ((*base, "1", "--kind", "withdrawal", paid), "'withdrawal' cannot be attested"),
        ((*base, "much", "--kind", "refund", paid), "--amount: 'much' is no amount"),
        ((*base, "-5", "--kind", "refund", paid), "above 0"),
        ((*base, "1", "--kind", "training", paid), "no milestone ''"),
        ((*base, "1", "--kind", "refund", tmp_path / "none.pdf"), "none.pdf"),
        ((*base, "1", "--kind", "refund", "--day", "soon", paid), "'soon' is no day"),
        ((*base, "1", "--kind", "refund", "--day", "2999-01-01", paid), "has not come yet"),
    ):
        assert says in refused(*given)
    assert "no project" in refused("attest", "list", *of, "--project", "X")
    assert answer("attest", "list", *of, *PROJECT) == []
