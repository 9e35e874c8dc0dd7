"""What the program takes from the environment, and what stands there and means nothing to it: a
name that is misspelt would be ignored without a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from domain.errors import LineproofError, did_you_mean
from lineproof.upkeep.findings import Finding
from store.node.opening import StoreSettings, store_settings

PREFIX = "LINEPROOF_"
STORE_PREFIX = str(StoreSettings.model_config["env_prefix"])
VARIABLES = (
    *(f"{STORE_PREFIX}{name.upper()}" for name in StoreSettings.model_fields),
    "LINEPROOF_TOKEN",
    "LINEPROOF_DEBUG",
)
_SUBJECT = "environment"


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """A sentence for each name that begins like ours and is none of them. No value is told."""
    return [
        f"the environment has {name}, which means nothing here. {did_you_mean(name, VARIABLES)}"
        for name in sorted(environment)
        if name.startswith(PREFIX) and name not in VARIABLES
    ]


def environment(variables: Mapping[str, str]) -> Iterator[Finding]:
    """What `doctor` finds there; `variables`: all that this process has."""
    wrong = [*_unknown(variables), *_store(variables), *_authorities(variables)]
    yield from wrong
    if not wrong:
        known = [it for it in VARIABLES if it in variables]
        says = f"it sets {', '.join(known)}" if known else "it sets nothing of this program"
        yield Finding(_SUBJECT, "ok", says)


def _unknown(variables: Mapping[str, str]) -> Iterator[Finding]:
    for sentence in unknown_variables(variables):
        what, _, todo = sentence.partition(". ")
        yield Finding(_SUBJECT, "warning", what, todo)


def _store(variables: Mapping[str, str]) -> Iterator[Finding]:
    if not any(it.startswith(STORE_PREFIX) for it in variables):
        return
    try:
        store_settings({}, f"the environment ({STORE_PREFIX}…)")
    except LineproofError as error:
        yield Finding(_SUBJECT, "problem", f"{error.where}: {error.what}", error.todo)


def _authorities(variables: Mapping[str, str]) -> Iterator[Finding]:
    """OpenSSL says nothing of a file that is not there: no certificate is believed then."""
    file = variables.get("SSL_CERT_FILE")
    if file and not Path(file).is_file():
        yield Finding(
            _SUBJECT,
            "problem",
            f"SSL_CERT_FILE names {file}, which is not there: no certificate is believed",
            "Correct the path, or take the variable away.",
        )
