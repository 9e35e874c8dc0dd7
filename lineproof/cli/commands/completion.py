"""`completion`: the shell finishes commands, options, profiles and files when TAB is pressed.

The script that is printed asks this very program what could follow, by an environment variable.
That is the way of typer, whose scripts these are.
"""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated

import typer
from typer.completion import (  # type: ignore[attr-defined]  # its own names, which it imports
    completion_init,
    get_completion_script,
)

_PROGRAM = "lineproof"
_ASKED = "_LINEPROOF_COMPLETE"  # as typer names it, after the program


class Shell(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    shell: Annotated[Shell, typer.Argument(help="bash, zsh or fish.")],
) -> None:
    """Print a script that makes TAB finish what one types; source it where the shell starts."""
    typer.echo(get_completion_script(prog_name=_PROGRAM, complete_var=_ASKED, shell=shell))


def prepare_completion() -> None:
    """Where a shell asks what could follow, answer as the scripts expect it."""
    if _ASKED in os.environ:
        completion_init()


def profile_names(incomplete: str) -> list[str]:
    """The packaged profiles that begin so. A path is no such name: the shell finishes it."""
    from device_profiles.files import catalogue

    return [it for it in catalogue.names() if it.startswith(incomplete)]


def protocols(incomplete: str) -> list[str]:
    """Those of profiles that begin so."""
    from device_profiles.drafting.skeleton import PROTOCOLS

    return [it for it in PROTOCOLS if it.startswith(incomplete)]
