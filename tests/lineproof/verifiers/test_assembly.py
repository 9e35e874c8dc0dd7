"""The page in a real Chromium, opened from the disk: it sees every forgery, and asks no network."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Visit, chromium, visit
from command_line import lineproof
from dossier_forgeries import CASES, Case
from forged_dossier import Forgery, Kept, made
from playwright.sync_api import Browser

from lineproof.dossier import paths
from lineproof.verification.outcome import DossierCheck

ELSEWHERE = {"facts_from_batches", "corrections", "decisions", "report"}
DONE = "body[data-done='true']"


def _value_edited(it: Forgery) -> None:
    it.replace(paths.VERDICTS, '"low": 0.0', '"low": 17.0')
    it.sealed_again()


def _status_edited(it: Forgery) -> None:
    it.replace(paths.VERDICTS, '"status": "at_risk"', '"status": "met"')
    it.sealed_again()


def _due_edited(it: Forgery) -> None:
    it.replace(paths.VERDICTS, '"due": "2030-01-31"', '"due": "2031-01-31"')
    it.sealed_again()


def _digest_edited(it: Forgery) -> None:
    text = it.files[paths.VERDICTS].decode()
    before, mark, digest = text.rpartition('"facts_digest": "')
    it.files[paths.VERDICTS] = f"{before}{mark}{'0' * 64}{digest[64:]}".encode()
    it.sealed_again()


def _facts_edited(it: Forgery) -> None:
    path = it.only("facts/press-1")
    lines = it.files[path].decode().splitlines(keepends=True)
    lines[1] = lines[1].replace(",not_planned,", ",busy,", 1)
    it.files[path] = "".join(lines).encode()
    it.sealed_again()


def _facts_left_out(it: Forgery) -> None:
    path = it.only("facts/press-1")
    lines = it.files[path].decode().splitlines(keepends=True)
    it.files[path] = "".join(line for line in lines if "2026-03-09" not in line).encode()
    it.sealed_again()


ON_VERDICTS = tuple(
    Case(forge.__name__.strip("_"), forge, "verdicts_from_facts", path)
    for forge, path in (
        (_value_edited, "verdicts.json"),
        (_status_edited, "verdicts.json"),
        (_due_edited, "verdicts.json"),
        (_digest_edited, "verdicts.json"),
        (_facts_edited, "verdicts.json"),
        (_facts_left_out, "facts/press-1.csv"),
    )
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as program:
        yield program


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "verify.html"
    lineproof("verifier", "-o", path)
    return path


@pytest.fixture
def seen(browser: Browser, page_file: Path) -> Iterator[Visit]:
    """The page; afterwards: it complained of nothing and asked nobody for anything."""
    with visit(browser, locale="en-GB") as found:
        found.page.goto(page_file.as_uri())
        yield found
        assert found.complaints == []
        assert found.hosts == {""}


def checked(visited: Visit, dossier: Path, **others: Path) -> dict[str, str]:
    """State of each check, by its name, in the order of the page."""
    for name, path in others.items():
        visited.page.set_input_files(f"#{name}", path)
    visited.page.set_input_files("#dossier", dossier)
    visited.page.wait_for_selector(DONE)
    rows = visited.page.query_selector_all("#checks li")
    return {str(it.get_attribute("data-check")): str(it.get_attribute("data-state")) for it in rows}


def banner(seen: Visit) -> str:
    return str(seen.page.inner_text("#banner"))


def verdicts(seen: Visit) -> dict[str, Any]:
    rows = seen.page.query_selector_all("#table tbody tr")
    return {
        str(it.get_attribute("data-milestone")): str(it.get_attribute("data-state")) for it in rows
    }


def test_a_dossier_holds(seen: Visit, kept: Kept) -> None:
    states = checked(seen, kept.path)
    assert list(states) == [it.value for it in DossierCheck]
    expected = {it: "skipped" if it in ELSEWHERE else "ok" for it in states}
    assert states == expected
    assert verdicts(seen) == {"M1": "ok", "M2": "ok"}
    assert "Not checked here: Facts from batches" in banner(seen)
    assert "use lineproof verify" in seen.page.inner_text("[data-check=facts_from_batches]")


@pytest.mark.parametrize("case", [*CASES, *ON_VERDICTS], ids=lambda it: it.name)
def test_a_forgery_is_seen(case: Case, seen: Visit, kept: Kept, tmp_path: Path) -> None:
    forgery = kept.forged()
    case.forge(forgery)
    states = checked(seen, forgery.write(tmp_path / "forged.zip"))
    failed = [name for name, state in states.items() if state == "fails"]
    assert failed[0] == case.check
    assert seen.page.get_attribute("#banner", "data-state") == "fails"
    assert case.path in banner(seen)
    assert case.path in seen.page.inner_text(f"[data-check={case.check}]")


def test_what_was_sealed_again_would_pass(seen: Visit, kept: Kept, tmp_path: Path) -> None:
    forgery = kept.forged()
    forgery.sealed_again()
    assert "fails" not in checked(seen, forgery.write(tmp_path / "same.zip")).values()


def test_the_readers_own_policy_and_earlier_dossier_count(
    seen: Visit, kept: Kept, tmp_path: Path
) -> None:
    policy = tmp_path / "policy"
    policy.write_bytes(kept.forged().files[paths.POLICY])
    states = checked(seen, kept.path, policy=policy, seen=kept.path)
    assert "fails" not in states.values()
    assert "your policy" in seen.page.inner_text("[data-check=checkpoint_signature]")
    assert "of then are the first" in seen.page.inner_text("[data-check=consistency]")
    nobody = tmp_path / "nobody"
    nobody.write_text("quorum none\n")
    states = checked(seen, kept.path, policy=nobody)
    assert states["checkpoint_signature"] == "fails"


def test_documents_that_were_removed_are_told(seen: Visit, tmp_path: Path) -> None:
    states = checked(seen, made(tmp_path, without_documents=True).path)
    assert "fails" not in states.values()
    assert "had to be kept: a.pdf, b.pdf" in seen.page.inner_text("[data-check=attachments]")


def test_a_confidential_one_with_a_signed_report_holds(seen: Visit, confidential: Path) -> None:
    with zipfile.ZipFile(confidential) as given:
        assert b"/SubFilter /ETSI.CAdES.detached" in given.read(paths.report_path("en"))
    states = checked(seen, confidential)
    assert states == {it: "skipped" if it in ELSEWHERE else "ok" for it in states}
    assert verdicts(seen) == {"M1": "ok", "M2": "ok"}
    assert "stay at the factory" in seen.page.inner_text("[data-check=batch_signatures]")
    assert "days that were opened" in seen.page.inner_text("[data-check=facts_from_batches]")


def test_a_file_that_it_cannot_read_is_nothing_against_the_dossier(
    seen: Visit, kept: Kept, tmp_path: Path
) -> None:
    """YAML has more ways to write than the page knows: then it says so, and accuses nobody."""
    written, lines = kept.forged(), kept.forged().lines
    for line in lines:
        if '"of":"project_versions"' not in str(line["leaf"]):
            continue
        row, leaf = json.loads(str(line["row"])), json.loads(str(line["leaf"]))
        row["text"] = f"note: |\n  in block style\n{row['text']}"
        line["row"] = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        leaf["content"] = hashlib.sha256(str(line["row"]).encode()).hexdigest()
        line["leaf"] = json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    written.put_lines(lines)
    written.sealed_again()
    states = checked(seen, written.write(tmp_path / "other.zip"))
    assert "fails" not in states.values()
    assert states["terms_before_window"] == states["verdicts_from_facts"] == "skipped"
    assert "does not understand" in seen.page.inner_text("[data-check=terms_before_window]")
    assert "Terms before their window" in banner(seen)


def test_a_forked_ledger_is_seen(seen: Visit, kept: Kept, tmp_path: Path) -> None:
    forked, earlier = kept.forged(), tmp_path / "checkpoint"
    lines = forked.lines
    lines[0], lines[1] = {**lines[1], "index": 0}, {**lines[0], "index": 1}
    forked.put_lines(lines)
    forked.signed_again()
    earlier.write_bytes(forked.files[paths.CHECKPOINT])
    assert checked(seen, kept.path, seen=earlier)["consistency"] == "fails"
    assert "forked" in banner(seen)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_dossier_is_refused(content: bytes, seen: Visit, tmp_path: Path) -> None:
    path = tmp_path / "none.zip"
    path.write_bytes(content)
    assert checked(seen, path) == {}
    assert "This cannot be checked" in banner(seen)


def test_all_that_it_says_is_there_in_three_languages(seen: Visit, kept: Kept) -> None:
    checked(seen, kept.path)
    told = {}
    for code in ("en", "zh-Hant", "zh-Hans"):
        seen.page.click(f"[data-language={code}]")
        assert seen.page.get_attribute("html", "lang") == code
        told[code] = seen.page.inner_text("main")
    assert len(set(told.values())) == len(told)
    assert "查驗證據檔案" in told["zh-Hant"]
    assert "查验证据档案" in told["zh-Hans"]


def test_words_have_three_languages_and_are_all_used() -> None:
    folder = Path(__file__).parents[3] / "lineproof" / "verifiers" / "page"
    words = (folder / "words.js").read_text(encoding="utf-8").partition("const WORDS = {")[2]
    keys = re.findall(r"(?:^|[\s,])(\w+): \[", words)
    assert len(keys) == len(set(keys))
    texts = re.findall(
        r'\[\s*("(?:[^"\\]|\\.)*"),\s*("(?:[^"\\]|\\.)*"),\s*("(?:[^"\\]|\\.)*")\]', words
    )
    assert len(texts) == len(keys)
    for text in texts:
        values = [sorted(re.findall(r"\{\w+\}", it)) for it in text]
        assert values[0] == values[1] == values[2], text
    source = "".join(it.read_text() for it in folder.iterdir() if it.name != "words.js")
    named = set(re.findall(r'"(\w+)"', source)) | set(re.findall(r"(?<=\b)(\w+)(?=: )", source))
    of_verdicts = {"met", "not_met", "not_provable", "on_track", "at_risk", "pending"}
    assert [it for it in keys if it not in named | of_verdicts] == []


def test_it_may_run_only_its_own_script_and_load_nothing(page_file: Path) -> None:
    text = page_file.read_text(encoding="utf-8")
    (policy,) = re.findall(r'Content-Security-Policy" content="(.*?)"', text)
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "connect-src" not in policy
    assert re.findall(r"https?://", text) == []
