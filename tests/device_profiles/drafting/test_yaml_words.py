"""Whatever a machine calls its things: they stand in the file as texts and nothing else."""

from __future__ import annotations

import pytest

from device_profiles.drafting.yaml_words import comment, quoted, slug
from domain.texts import one_line
from domain.yaml_text import load_yaml

NAMES = [
    *(
        'a"b',
        "a\\b",
        "a: b",
        "# x",
        "- x",
        "{a}",
        "[a]",
        "&a",
        "*a",
        "!a",
        "%a",
        "@a",
        "`a",
        "a\nb",
    ),
    *(
        "a\r\nstate: producing",
        "\x00",
        "\x1b[31m",
        "\x85",
        "\u2028",
        "\u202e",
        "\ufeff",
        "\x7f",
        "null",
    ),
    *("良品", "😀", "\U000e0001", "'", '"', "\\", "yes", "0x1F", "2026-01-01", " ", "\t", "..."),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_comes_out_of_the_file_as_it_went_in(name: str) -> None:
    text = f"{quoted(name)}: {{k: {quoted(name)}}}  {comment(name)}\nlast: 1\n"
    assert load_yaml(text, "f")[0] == {name: {"k": name}, "last": 1}
    assert all(line == one_line(line) for line in text.split("\n"))


def test_lone_surrogates_and_endless_names() -> None:
    assert quoted("a\ud800") == '"a?"'
    assert len(comment("x" * 10_000)) < 300


def test_an_id_of_any_name() -> None:
    assert slug("Füller № 7", "machine") == "f-ller-7"
    assert slug("灌裝機", "machine") == "machine"
    assert len(slug("x" * 500, "m")) == 40
