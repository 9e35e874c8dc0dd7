"""Projects and their milestones over HTTP."""

from __future__ import annotations

import httpx

MILESTONE_KEYS = frozenset(
    """
    id clause due status decision value low high target op coverage window met_on reasons flags
    findings evidence
    """.split()  # noqa: SIM905  # as above
)


async def test_projects(client: httpx.AsyncClient) -> None:
    (row,) = (await client.get("/api/v1/projects")).json()
    assert row["project"] == "NIFS-2025-017"
    assert row["grant"]["grant_hkd"] == 15_000_000
    assert row["milestones"] == ["M1", "M2", "M3", "M4", "M5", "M6", "M7"]


async def test_milestones_have_the_contract_s_fields(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/projects/NIFS-2025-017/milestones")
    document = answer.json()
    assert set(document) >= {"project", "as_of", "grant", "milestones"}
    assert document["grant"]["company_hkd"] == 39_000_000
    for milestone in document["milestones"]:
        assert set(milestone) >= MILESTONE_KEYS
        assert set(milestone["evidence"]) == {"terms_digest", "facts_digest", "checkpoint"}
    status = {each["id"]: each["status"] for each in document["milestones"]}
    assert status == {
        "M1": "met",
        "M2": "at_risk",
        "M3": "not_provable",
        "M4": "on_track",
        "M5": "on_track",
        "M6": "not_met",
        "M7": "pending",
    }


async def test_milestones_at_another_time_and_in_another_language(
    client: httpx.AsyncClient,
) -> None:
    early = await client.get(
        "/api/v1/projects/NIFS-2025-017/milestones",
        params={"as_of": "2026-03-03", "lang": "zh-Hant"},
    )
    document = early.json()
    assert document["as_of"] == "2026-03-03T00:00:00+08:00"
    third = next(each for each in document["milestones"] if each["id"] == "M3")
    assert third["status"] == "pending"
    assert third["reasons"] == ["評核期於 2026-03-09 開始。"]
