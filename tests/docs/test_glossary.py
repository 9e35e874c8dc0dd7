"""The glossary has every member of the closed lists; pages, catalogues and docs keep to it."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po
from peers import ROOT
from prose import docstrings, names

from api.i18n import language
from api.pages import labels
from domain.corrections import CorrectionKind
from domain.grants import VerdictStatus
from domain.milestone_states import MilestoneState, Step
from domain.samples import Quality
from domain.signals import SIGNALS, SignalKind
from domain.states import MachineMode, MachineState, Plan, ReasonKind, TimeClass

PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
SECTIONS = {
    title: [row.split(" | ") for row in re.findall(r"^\| (.+) \|$", text, flags=re.MULTILINE)[2:]]
    for title, text in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}
CLOSED = {
    "Signals": {*SIGNALS, "measurement.<name>"},
    "Kinds of signal": {kind.value for kind in SignalKind},
    "Machine states": set(MachineState.names()),
    "Modes": set(MachineMode.names()),
    "Time classes": set(TimeClass.names()),
    "Plan": set(Plan.names()),
    "Kinds of reason": set(ReasonKind.names()),
    "Qualities": {quality.name.lower() for quality in Quality},
    "Corrections": {kind.value for kind in CorrectionKind},
    "Verdict statuses": {status.value for status in VerdictStatus},
    "Milestone states": {state.value for state in MilestoneState},
    "Steps of a milestone": {step.value for step in Step},
    "Kinds of terms": set(labels.TERMS),
    "Flags": set(labels.FLAGS),
}
# What pages call the members of a closed list: the glossary says the same in Chinese.
SHOWN = {
    "Machine states": {name: word for name, (word, _) in labels.STATES.items()},
    "Verdict statuses": {name: word for name, (word, _, _) in labels.VERDICTS.items()},
    "Milestone states": labels.MILESTONE_STATES,
    "Steps of a milestone": labels.STEPS,
    "Plan": labels.PLANS,
    "Kinds of terms": labels.TERMS,
    "Flags": labels.FLAGS,
}
# Other words of the glossary that stand in the catalogues under these ids.
TERMS = {
    "window": "Window",
    "coverage": "Coverage",
    "facts": "Facts",
    "method": "Method",
    "clause": "Clause",
    "terms": "Terms",
    "milestone": "Milestone",
    "baseline": "Baseline",
    "verdict": "Verdict",
    "evidence": "Evidence",
    "shift": "Shift",
    "machine": "Machine",
    "project": "Grants",
    "minor stop": "Minor stops",
    "stop": "Stops",
}
# Words that we no longer use, and what to say instead.
BANNED = {
    r"flicker(?!s\b)": "chatter",
    r"is no time at all(?!,)": "the future part of the window is left out",
    r"Batch (\d+|\{\w+\}) lasts": "is stored",
    r"made wait|whom wait": "which machine held up the others",
    r"nobody (on|of) the line": "something outside the line",
    r"of all others there is nothing": "lines with records",
    r"[Dd]enominator: ": "over … failures",
    r"Planned to produce": "Production time",
    r"to say either way": "to tell whether the term is met",
}
# Names in the code that said too little or meant two things, and their successors.
BANNED_NAMES = {
    "Around": "CellContext",
    "TOLD_APART": "METHOD_KEYS",
    "TOLD_KPIS": "MANUAL_KPIS",
    "_MEANINGLESS": "_NOT_IN_DIGEST",
    "Figure": "KpiValue, or manual input",
    "Figures": "KpiValues",
    "metric_label": "metric_name",
    "Beside": "ManualInputs",
    "facts_follow": "mark_applied",
    "unfollowed": "not_yet_applied",
    "lines_told_of": "lines_with_records",
}
BANNED_TRADITIONAL = {
    "常態分佈": "正態分佈",
    "信賴區間": "置信區間",
    "檢定": "檢驗",
    "量測": "量度",
    "測量值": "量度值",
    "製程不良": "生產次品",
    "良品": "合格品",
    "誰令誰等候": "機器停頓的連帶影響",
    "等候線外": "因線外原因等候",
    "訂單": "工單",
    "違反判異規則": "觸發失控判定規則",
    "循環時間": "節拍時間",
    "計劃：計劃生產": "編排：生產時段",
}
BANNED_SIMPLIFIED = {"订单": "工单", "良品": "合格品", "制程不良": "生产次品"}
PACKAGES = (
    *("lineproof", "api", "edge", "collector"),
    *("analytics", "store", "device_profiles", "domain"),
)


def test_every_member_of_a_closed_list_has_its_row() -> None:
    for title, members in CLOSED.items():
        codes = [row[0].strip("`") for row in SECTIONS[title]]
        assert sorted(codes) == sorted(members), title


def test_each_row_is_whole() -> None:
    """Code, three languages, a standard or a dash, and one plain sentence or two."""
    assert len(SECTIONS) > len(CLOSED)
    for title, rows in SECTIONS.items():
        assert rows, title
        for row in rows:
            assert len(row) == 6, f"{title}: {row}"
            assert all(cell.strip() for cell in row), f"{title}: {row}"
            assert row[5].endswith("."), f"{title}: {row[0]}"
            assert re.search("[\u4e00-\u9fff]", row[2]), f"{title}: {row[0]}"
            assert re.search("[\u4e00-\u9fff]", row[3]), f"{title}: {row[0]}"


@pytest.mark.parametrize("title", SHOWN)
def test_pages_call_the_members_as_the_glossary_does(title: str) -> None:
    for code, _, traditional, simplified, *_ in SECTIONS[title]:
        word = SHOWN[title][code.strip("`")]
        assert language("zh-Hant").text(word) == traditional, code
        assert language("zh-Hans").text(word) == simplified, code


def test_the_catalogues_keep_to_the_glossary() -> None:
    rows = {row[1]: row for rows in SECTIONS.values() for row in rows}
    for english, message in TERMS.items():
        _, _, traditional, simplified, *_ = rows[english]
        assert language("zh-Hant").text(message) == traditional, english
        assert language("zh-Hans").text(message) == simplified, english


def texts() -> dict[str, str]:
    """What people read, by file: docs, templates, English messages, docstrings of the code."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    pages += (ROOT / "api" / "templates").rglob("*.html")
    found = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in pages}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            found[str(path.relative_to(ROOT))] = docstrings(path)
    found["messages"] = "\n".join(str(message.id) for message in catalogue("en"))
    return found


def catalogue(folder: str) -> list[object]:
    path = ROOT / "api" / "locale" / folder / "LC_MESSAGES" / "lineproof.po"
    with path.open("rb") as file:
        return list(read_po(file, locale=folder))


def test_words_that_we_gave_up_do_not_come_back() -> None:
    found = [
        f"{name}: say '{instead}' for '{hit[0]}'"
        for name, text in texts().items()
        for pattern, instead in BANNED.items()
        for hit in re.finditer(pattern, " ".join(text.split()))
    ]
    assert not found, "\n".join(found)


def test_names_that_we_gave_up_do_not_come_back() -> None:
    found = [
        f"{path.relative_to(ROOT)}: say {BANNED_NAMES[name]} for {name}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for name in sorted(names(path) & BANNED_NAMES.keys())
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("tag", "folder", "banned"),
    [
        ("zh-Hant", "zh_Hant", BANNED_TRADITIONAL),
        ("zh-Hans", "zh_Hans", BANNED_SIMPLIFIED),
    ],
)
def test_readers_in_hong_kong_and_the_mainland_find_their_words(
    tag: str, folder: str, banned: dict[str, str]
) -> None:
    messages = [str(message.string) for message in catalogue(folder)]  # type: ignore[attr-defined]  # has one
    reference = (ROOT / "docs" / "kpi" / f"{tag}.md").read_text(encoding="utf-8")
    for text in (*messages, PAGE, reference):
        for word, instead in banned.items():
            assert word not in text, f"say {instead}: {text[:200]}"
