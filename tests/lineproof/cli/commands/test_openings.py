"""`challenge`, `open` and `verify --opened` as officer and factory run them."""

from __future__ import annotations

from pathlib import Path

from command_line import lineproof, run
from confidential_days import DAYS, LINE, REF, Factory


def test_days_are_drawn_opened_and_checked(factory: Factory, tmp_path: Path) -> None:
    challenge, opened = tmp_path / "challenge.json", tmp_path / "opened.zip"
    draw = ("challenge", factory.dossier, "--checkpoint", factory.checkpoint, "-o", challenge)
    plain = lineproof(*draw, "--days", "2")
    assert plain.status == 0, plain.errors
    told = " ".join(plain.output.split())
    assert f"{LINE}: 2 of 10 production days are drawn: 2026-03-" in told
    assert "if 10 % of them are: 20 %; if 20 % of them are: 38 %; if 50 % of them are: 78 %" in told
    assert "Without --word whoever owns the ledger could have tried several checkpoints" in told
    drawn = lineproof(*draw, "--share", "0.2", "--word", "green", "--json").json
    (line,) = drawn["lines"]
    assert (line["line"], line["of_days"], len(line["drawn"])) == (LINE, 10, 2)
    assert set(line["drawn"]) < {str(it) for it in DAYS}
    made = lineproof(
        "open", "--data", factory.data, "--project", REF, "--challenge", challenge, "-o", opened,
        "--json",
    ).json  # fmt: skip
    assert (made["days"], made["of_batches"]) == (2, 80)
    assert made["batches"] < 30
    verified = lineproof(
        "verify", factory.dossier, "--opened", opened, "--challenge", challenge, "--json"
    )
    assert verified.json["recomputed"] == {"milestones": 2, "days": 2, "of_days": 13}


def test_wrong_use_is_said(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("x", encoding="utf-8")
    for words, says in (
        (("challenge", file, "--checkpoint", file, "--days", "1", "--share", "1"), "not both"),
        (("challenge", file, "--checkpoint", file), "this is no dossier"),
        (("verify", file, "--challenge", file), "Give --opened, too"),
        (("verify", file, "--opened", file), "this is no zip of opened days"),
        (
            ("open", "--data", tmp_path, "--project", REF, "--challenge", file, "-o", file),
            "this is no challenge",
        ),
    ):
        done = run(*words)
        assert done.status == 2, done.output
        assert says in done.errors
