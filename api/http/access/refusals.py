"""What is said to who may not do something: a sentence that pages show in the reader's language."""

from __future__ import annotations

from domain.access import KEPT, Action, Caller, roles_that_may
from domain.errors import NotAllowedError
from domain.grants import Reason
from domain.texts import N_

_KEPT_BACK = Reason(
    "'%(name)s' may not %(action)s. Its plant keeps them confidential: they are shown to its own "
    "people alone."
)
_KEPT_BACK_OF = Reason(
    "'%(name)s' may not %(action)s of %(where)s. Its plant keeps them confidential: they are shown "
    "to its own people alone."
)
_NO_ROLE = Reason(
    "'%(name)s' may not %(action)s. That takes the role %(roles)s; yours are: %(mine)s. An "
    "administrator gives roles."
)
_NO_ROLE_OF = Reason(
    "'%(name)s' may not %(action)s of %(where)s. That takes the role %(roles)s; yours are: "
    "%(mine)s. An administrator gives roles."
)
# Those of `domain.access.Action`, marked to be translated.
ACTION_WORDS = (
    N_("see lines"),
    N_("see raw samples"),
    N_("see people's reasons and notes"),
    N_("see people by their names"),
    N_("correct what machines recorded"),
    N_("approve corrections of shifts that are over"),
    N_("enter exceptions of calendars"),
    N_("see grants"),
    N_("accept figures"),
    N_("take steps of milestones"),
    N_("submit milestones and answer queries"),
    N_("check and decide milestones"),
    N_("enter site visits"),
    N_("attach documents to milestones"),
    N_("put documents on legal hold"),
    N_("see which milestones are to be checked more closely"),
    N_("draw samples of a scheme and enter what came of them"),
    N_("see the ledger"),
    N_("see device profiles"),
    N_("see how the node is"),
    N_("see the audit"),
    N_("enrol and revoke agents"),
    N_("connect machines"),
    N_("change plant files"),
    N_("manage accounts"),
)


class RefusedError(NotAllowedError):
    """`reason`: the sentence, translatable."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.message, values=reason.values)
        self.reason = reason


def not_allowed(caller: Caller, action: Action, where: str = "") -> RefusedError:
    """Says what was asked, whose role would allow it, and which ones the caller has."""
    values: dict[str, str | float] = {"name": caller.name, "action": action.value}
    if where:
        values["where"] = where
    if action in KEPT:
        return RefusedError(Reason((_KEPT_BACK_OF if where else _KEPT_BACK).message, values))
    values["roles"] = " or ".join(roles_that_may(action))
    values["mine"] = ", ".join(sorted(str(it) for it in caller.assignments)) or "none"
    return RefusedError(Reason((_NO_ROLE_OF if where else _NO_ROLE).message, values))
