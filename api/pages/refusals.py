"""Why something was refused, in the reader's language: one way for all pages and forms.

English pages have the error's own sentence. On others an error says what its texts say that are
marked to be translated (`domain.errors`), a step of a milestone what its state or who asks stands
against. What has no translation is said in general, by its status; whatever the reader's language
leaves out stands word for word behind it, to open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from api.i18n import Language
from api.pages import labels
from domain.errors import LineproofError
from domain.grants import Reason
from domain.milestone_states import HinderedError, StepNeedsError, StepNotAllowedError
from domain.texts import N_

_NEEDS = {
    "reason": N_("This step needs a reason: write why, for who reads it."),
    "due": N_("An extension needs a new due day, after the one so far."),
}
_OTHER_STATE = N_("This step cannot be taken any more: the milestone's state is “%(state)s” now.")
_IN_GENERAL = {
    403: N_("You may not do this."),
    404: N_("What this address or form names does not exist, or is not shown to you."),
    409: N_("As things stand, this is not possible."),
    422: N_(
        "Something in what was sent cannot be used: a field is missing, or what is in it cannot be "
        "read."
    ),
}
_DID_NOT_WORK = N_("This did not work.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """`said`: in the reader's language. `exact`: the English wording, where that says more."""

    said: str
    exact: str = ""


def refusal_of(
    error: LineproofError | Reason | str, language: Language, status: int = 422
) -> Refusal:
    """`status`: of what is no error of ours, HTTP's."""
    if language.tag == "en":
        return Refusal(str(error))
    if isinstance(error, Reason):
        return Refusal(language.sentence(error))
    if isinstance(error, str):
        return Refusal(_in_general(status, language), error)
    if step := _of_step(error, language):
        return Refusal(step)
    what, todo = (_translated(it, error.values, language) for it in (error.message, error.advice))
    if not what:
        return Refusal(_in_general(error.http_status, language), str(error))
    left_out = (error.todo and not todo) or not _is_field(error.where)
    sentence = what if what.endswith(("。", "？", "！")) else f"{what}。"
    return Refusal(sentence + todo, str(error) if left_out else "")


def _of_step(error: LineproofError, language: Language) -> str:
    """Of a step of a milestone that was not taken; empty for all others."""
    if isinstance(error, StepNotAllowedError):
        state = language.text(labels.MILESTONE_STATES[error.state.value])
        return language.text(_OTHER_STATE, state=state)
    if isinstance(error, HinderedError):
        return language.text(labels.HINDRANCES[error.hindrance.value])
    return language.text(_NEEDS[error.where]) if isinstance(error, StepNeedsError) else ""


def _translated(message: str, values: Mapping[str, str | float], language: Language) -> str:
    """Empty where the catalogue does not have it. What stands in quotation marks is somebody's own
    word and stays as it is."""
    if not message or language.text(message) == message:
        return ""
    own = {name: it for name, it in values.items() if f"'%({name})s'" in message}
    said = {name: language.said(it) for name, it in values.items() if name not in own}
    for name in {"roles", "mine"} & values.keys():
        said[name] = _roles(str(values[name]), language)
    return language.text(message, **own, **said)


def _roles(text: str, language: Language) -> str:
    """Roles as `api.http.access.refusals` lists them, as in `operator@line:filler-1, auditor`."""
    return language.listed(_role(it, language) for it in re.split(" or |, ", text))


def _role(text: str, language: Language) -> str:
    role, _, scope = text.partition("@")
    kind, _, name = scope.partition(":")
    word = language.text(labels.ROLES.get(role, role))
    if kind not in labels.SCOPES:
        return word
    return f"{word}（{language.text(labels.SCOPES[kind], name=name)}）"


def _in_general(status: int, language: Language) -> str:
    return language.text(_IN_GENERAL.get(status, _DID_NOT_WORK))


def _is_field(where: str) -> bool:
    """Or nothing: who looks at a form sees which field is meant; a place in a file is told."""
    return not where or where.isidentifier()
