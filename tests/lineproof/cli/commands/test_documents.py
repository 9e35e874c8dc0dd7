"""Documents by the command line: attached, listed, held, released, removed behind their day."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import answer, lineproof, node, refused
from office_files import PDF
from peers import ROOT

from store.node.opening import open_stores

EXAMPLES = ROOT / "docs" / "examples"
REF = "NITTP-2018-001"
# So long ago that what was attached then is kept no more.
GRANT = """\
project: {ref}
scheme: NITTP
plant: {plant}
lines: [press-1]
approved_cost_hkd: 500000
approved_on: 2018-09-01
start: 2018-09-01
end: 2018-12-31
milestones:
  - {{id: M1, clause: "1", due: 2018-12-31, title: {{en: Accounts}},
     terms: {{kind: document, document: audited_accounts}}}}
"""
OLD = PDF + b"of then"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def of(tmp_path: Path) -> tuple[str | Path, ...]:
    """A folder with a project of long ago and a document of then."""
    plant = EXAMPLES / "plant.yaml"
    found = ("--data", tmp_path / "node")
    name = next(
        it.split(":")[1].strip() for it in plant.read_text().splitlines() if it.startswith("plant:")
    )
    (tmp_path / "grant.yaml").write_text(GRANT.format(ref=REF, plant=name), encoding="utf-8")
    (tmp_path / "accounts.pdf").write_bytes(PDF)
    for file in (plant, tmp_path / "grant.yaml"):
        lineproof("apply", "-f", file, *found)
    with open_stores(tmp_path / "node") as stores:
        then = datetime(2018, 10, 1, tzinfo=UTC)
        place = (REF, "M1", "audited_accounts", "old.pdf")
        stores.registry.attach.document(*place, OLD, then, attached_by="Chan")
    return (*found, "--project", REF)


def audited(folder: Path) -> list[tuple[str, str]]:
    with open_stores(folder) as stores:
        from store.registry.audit import AuditFilter

        events = [it.event for it in stores.registry.audit.page(AuditFilter(what="change"))]
    return [(it.place, it.outcome) for it in events]


def test_what_is_attached_is_listed_held_released_and_removed(
    of: tuple[str | Path, ...], tmp_path: Path
) -> None:
    new = answer(
        "document", "add", *of, "--milestone", "M1", "--by", "Lee", tmp_path / "accounts.pdf"
    )
    assert (new["kind"], new["sha256"], new["bytes"]) == ("audited_accounts", sha(PDF), len(PDF))
    rows = answer("document", "list", *of)
    assert [(it["file_name"], it["retain_until"] > "2033") for it in rows] == [
        ("old.pdf", False), ("accounts.pdf", True),
    ]  # fmt: skip
    old = ("--sha256", sha(OLD))
    why = ("--reason", "an audit")
    assert "needs a reason" in refused("document", "hold", *of, *old, "--reason", " ")
    assert answer("document", "hold", *of, *old, *why, "--by", "Ho")["hold"]["by"] == "Ho"
    assert "on hold already, by Ho (an audit)" in refused("document", "hold", *of, *old, *why)
    table = lineproof("document", "list", *of).output
    assert "Ho: an audit" in table.replace("\n", " ")
    assert "on legal hold" in refused("document", "remove-expired", *of, *old, "--yes")
    data = of[:2]
    assert answer("document", "remove-expired", *data, "--yes") == []
    assert answer("document", "release", *of, *old, *why)["hold"] is None
    assert "would be removed for good" in refused("document", "remove-expired", *data)
    assert "it is kept until" in refused(
        "document", "remove-expired", *of, "--sha256", sha(PDF), "--yes"
    )
    gone = answer("document", "remove-expired", *data, "--yes")
    assert [it["sha256"] for it in gone] == [sha(OLD)]
    assert answer("document", "remove-expired", *data, "--yes") == []
    removed, kept = answer("document", "list", *of)
    assert (removed["removed_at"] is None, kept["removed_at"]) == (False, None)
    assert not list(tmp_path.rglob(sha(OLD)))
    assert "removed" in lineproof("document", "list", *of).output
    assert [it for it in audited(tmp_path / "node") if "document" in it[1]] == [
        (f"project {REF}", f"bytes of document {sha(OLD)} removed"),
        (f"project {REF}", f"release of document {sha(OLD)}"),
        (f"project {REF}", f"hold of document {sha(OLD)}"),
        (f"milestone M1 of {REF}", f"document {sha(PDF)} attached"),
    ]
    found = {it["subject"]: it for it in answer("doctor", *data)["findings"]}
    assert found["documents"]["status"] == "ok"
    assert found["record"]["status"] == "ok"


def test_what_is_not_there_is_told(of: tuple[str | Path, ...], tmp_path: Path) -> None:
    nothing = ("--sha256", "0" * 64)
    assert "has no document" in refused("document", "hold", *of, *nothing, "--reason", "x")
    assert "has no document" in refused("document", "remove-expired", *of, *nothing, "--yes")
    assert "Give both" in refused("document", "remove-expired", *of)
    (tmp_path / "a.html").write_text("<html>", encoding="utf-8")
    assert "Print it as a PDF" in refused(
        "document", "add", *of, "--milestone", "M1", tmp_path / "a.html"
    )
    assert lineproof("document", "remove-expired", *of[:2], "--yes").output.startswith(
        "The bytes of 1 document were removed."
    )


def test_a_running_node_takes_the_same_and_refuses_the_same(tmp_path: Path) -> None:
    file, html = tmp_path / "帳目 1.pdf", tmp_path / "a.html"
    file.write_bytes(PDF)
    html.write_text("<html>", encoding="utf-8")
    project, data = ("--project", "NIFS-2026-001"), ("--data", tmp_path / "node")
    by, why = ("--by", "Lee"), ("--reason", "an audit")
    with node(tmp_path / "node", EXAMPLES / "plant.yaml", EXAMPLES / "grant.yaml") as running:
        at = ("--url", running.url, *project)
        row = answer("document", "add", *at, "--milestone", "M1", *by, file)
        assert (row["file_name"], row["sha256"], row["attached_by"]) == (
            file.name, sha(PDF), "Lee",
        )  # fmt: skip
        assert "nobody is named" in refused("document", "add", *at, "--milestone", "M1", file)
        assert "Print it as a PDF" in refused(
            "document", "add", *at, "--milestone", "M1", *by, html
        )
        digest = ("--sha256", sha(PDF))
        held = answer("document", "hold", *at, *digest, *why, *by)
        assert held["hold"]["by"] == "Lee"
        assert "on hold already" in refused("document", "hold", *at, *digest, *why, *by)
        assert answer("document", "list", *at) == [held]
    assert answer("document", "list", *data, *project) == [held]
    assert answer("document", "release", *data, *project, *digest, *why)["hold"] is None
