"""Why something was refused, in the reader's language: one way for all pages and forms.

English pages have the error's own sentence. On others an error says what its texts say that are
marked to be translated (`domain.errors`), a step of a milestone what its state or who asks stands
against. Of a file the place is said before. What has no translation is said in general, by its
status; whatever the reader's language leaves out stands word for word behind it, to open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from api.i18n import Language
from api.pages import labels
from domain.errors import MORE_IN_FILE, FileError, LineproofError
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
_IN_FILE = N_("%(file)s: %(what)s")
_IN_LINE = N_("%(file)s, line %(line)s: %(what)s")
_IN_FIELD = N_("%(file)s, line %(line)s, field '%(field)s': %(what)s")
_OF_FIELD = N_("field '%(field)s': %(what)s")
_QUOTED = N_("'%(own)s'")
_AND = re.compile(" or |, ")  # between names in a list
_LISTED = ("known", "expected", "names")  # values that list names


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
    left_out = bool(error.advice and not todo)
    if isinstance(error, FileError):
        left_out = left_out or bool(error.in_full or error.clause)
        what = _in_file(error, what, language)
        todo += language.text(MORE_IN_FILE, count=error.others) if error.others else ""
    else:
        left_out = left_out or not _is_field(error.where)
    sentence = what if what.endswith(("。", "？", "！")) else f"{what}。"
    return Refusal(sentence + todo, str(error) if left_out else "")


def refusal_beside_line(error: LineproofError, language: Language) -> Refusal:
    """The same of a file whose line stands beside it."""
    beside = error.twin()
    beside.where = ""
    if isinstance(beside, FileError):
        beside.file, beside.line, beside.clause = "", 0, ""
    return refusal_of(beside, language)


def _in_file(error: FileError, what: str, language: Language) -> str:
    place = {"file": error.file, "line": error.line, "field": error.field}
    if error.file:
        template = _IN_FIELD if error.field else _IN_LINE if error.line else _IN_FILE
        return language.text(template, **place, what=what)
    return language.text(_OF_FIELD, field=error.field, what=what) if error.field else what


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
    said = {name: _value(name, it, message, language) for name, it in values.items()}
    return language.text(message, **said)


def _value(name: str, value: str | float, message: str, language: Language) -> str | float:
    if not isinstance(value, str) or f"'%({name})s'" in message:
        return value
    if name in ("roles", "mine"):
        return _roles(value, language)
    if name in _LISTED:
        return language.listed(_own(it, language) for it in _AND.split(value))
    if value.startswith("'"):
        return _own(value, language)
    return language.said(value)


def _own(text: str, language: Language) -> str:
    """A name, in the language's own quotation marks where it stands in such."""
    return language.text(_QUOTED, own=text[1:-1]) if text.startswith("'") else text


def _roles(text: str, language: Language) -> str:
    """Roles as `api.http.access.refusals` lists them, as in `operator@line:filler-1, auditor`."""
    return language.listed(_role(it, language) for it in _AND.split(text))


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
