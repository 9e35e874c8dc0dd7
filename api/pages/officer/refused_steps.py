"""Why a step of a milestone was not taken, in the reader's language: what people often meet."""

from __future__ import annotations

from api.i18n import Language
from api.pages import labels
from domain.errors import LineproofError
from domain.milestone_states import HinderedError, StepNeedsError, StepNotAllowedError
from domain.texts import N_

_NEEDS = {
    "reason": N_("This step needs a reason: write why, for who reads it."),
    "due": N_("An extension needs a new due day, after the one so far."),
}
_OTHER_STATE = N_("This step cannot be taken any more: the milestone's state is “%(state)s” now.")


def words_of_refusal(error: LineproofError, language: Language) -> str:
    """Empty where there is no such sentence; English has the error's own."""
    if language.tag == "en":
        return ""
    if isinstance(error, StepNotAllowedError):
        state = language.text(labels.MILESTONE_STATES[error.state.value])
        return language.text(_OTHER_STATE, state=state)
    if isinstance(error, HinderedError):
        return language.text(labels.HINDRANCES[error.hindrance.value])
    return language.text(_NEEDS[error.where]) if isinstance(error, StepNeedsError) else ""
