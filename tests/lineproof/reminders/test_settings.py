"""What the settings of reminders may say, and what they may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import InputError
from lineproof.reminders.settings import secret_of
from lineproof.run.settings import load_node_settings

GOOD = """\
reminders:
  mail: {host: mail.example.hk, sender: node@tko.example, user: node, password_file: password}
  people:
    - {who: company, address: lee@tko.example, scope: "plant:tko-foods", language: zh-Hant}
    - {who: escalation, address: head@office.example}
  webhooks:
    - {who: officer, url: "https://office.example/hooks", secret_file: secret}
  days: {before: 30}
"""


def loaded(folder: Path, text: str) -> object:
    file = folder / "node.yaml"
    file.write_text(text, encoding="utf-8")
    return load_node_settings(file).reminders


def test_paths_are_those_beside_the_file(tmp_path: Path) -> None:
    found = load_node_settings(_written(tmp_path, GOOD)).reminders
    assert found is not None
    assert found.mail is not None
    assert found.mail.password_file == tmp_path / "password"
    assert found.mail.security == "starttls"
    assert found.webhooks[0].secret_file == tmp_path / "secret"
    assert [str(it.who) for it in found.people] == ["company", "escalation"]
    assert (found.days.before, found.days.waiting) == (30, None)
    assert loaded(tmp_path, "hosts: [a]\n") is None


def _written(folder: Path, text: str) -> Path:
    file = folder / "node.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("lee@tko.example", "lee", "is no address of mail"),
        ("lee@tko.example", '"lee@tko.example\\nBcc: x@y.example"', "is no address of mail"),
        ("zh-Hant", "tlh", "'tlh' is none of en"),
        ("plant:tko-foods", "planet:mars", "is no scope"),
        ("who: company", "who: everybody", "who"),
        ("https://office", "http://office", "begins with https"),
        ("https://office", "https://a:b@office", "write an address"),
        ("https://office", "file://office", "write an address"),
        (", password_file: password", "", "belong together"),
        ("sender:", "security: off, sender:", "on this machine alone"),
        ("  people:\n", "  friends:\n", "friends"),
        ("before: 30", "before: -1", "before"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError, match=says):
        loaded(tmp_path, GOOD.replace(old, new, 1))


def test_people_need_a_server(tmp_path: Path) -> None:
    text = "\n".join(it for it in GOOD.splitlines() if "mail:" not in it)
    with pytest.raises(InputError, match="'people' are told by 'mail'"):
        loaded(tmp_path, text)


def test_a_secret_is_what_stands_in_its_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(" plover \n", encoding="utf-8")
    assert secret_of(file) == "plover"
    with pytest.raises(InputError, match="the secret has 6 characters"):
        secret_of(file, length_min=7)
    with pytest.raises(InputError, match="cannot be read"):
        secret_of(tmp_path)
