"""A checkpoint's text, and what is none."""

from __future__ import annotations

import pytest

from domain.errors import InputError
from domain.ledger.checkpoints import Checkpoint, parse_checkpoint
from domain.ledger.tree import EMPTY_ROOT

# The example of C2SP tlog-checkpoint.
EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


def test_the_example_of_the_specification() -> None:
    checkpoint = parse_checkpoint(EXAMPLE)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text == EXAMPLE


def test_lines_that_only_others_understand_are_kept() -> None:
    text = f"{EXAMPLE}more of it\n"
    assert parse_checkpoint(text).extensions == ("more of it",)
    assert parse_checkpoint(text).text == text


def test_of_a_tree_without_leaves() -> None:
    empty = Checkpoint("a", 0, EMPTY_ROOT)
    assert parse_checkpoint(empty.text) == empty


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"a\n7\n{ROOT}",  # no newline at its end
        f"\n7\n{ROOT}\n",
        "a\n7\n",
        f"a\n07\n{ROOT}\n",
        f"a\n-7\n{ROOT}\n",
        f"a\n7 \n{ROOT}\n",
        f"a\n7\n{ROOT} \n",
        f"a\n7\n{ROOT[:-2]}==\n",
        "a\n7\nAAE=\n",
        f"a\n7\n{ROOT}\n\n",
        f"a\n0\n{ROOT}\n",  # a tree without leaves has one root
        Checkpoint("a", 7, EMPTY_ROOT).text,
    ],
)
def test_what_is_no_checkpoint_is_said_so(text: str) -> None:
    with pytest.raises(InputError, match="no checkpoint") as refused:
        parse_checkpoint(text)
    assert refused.value.todo
