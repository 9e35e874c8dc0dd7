"""What the demo's people record: about stops that the filler gave no reason for, and that a
milestone is done.

They record it as `lineproof correct` and `lineproof decide` do. The newest such stop is left for
the visitor, and so is what an officer makes of the milestone.
"""

from __future__ import annotations

from api.records.corrections import Draft
from api.records.milestone_steps import NewStep
from domain.states import STOP_STATES
from domain.time import HOUR_US, instant
from lineproof.access.milestone_steps import MilestoneRecords
from lineproof.access.records import Records
from lineproof.demo.model.plant_model import PlantModel, Segment
from lineproof.demo.texts import LINE, PROJECT

_SHIFT_LEADER, _OPERATOR = "Chan Siu Ming", "Wong Ka Yan"


def tell_reasons(records: Records, model: PlantModel, until_us: int) -> None:
    """Reasons for three stops of the last two days; one was wrong and is withdrawn."""
    unsaid = [
        segment
        for segment in model.segments(until_us - 48 * HOUR_US, until_us)
        if segment.state in STOP_STATES and not segment.reason and segment.end_us < until_us
    ]
    away, checked, cleaned = unsaid[-4:-1]
    _tell(records, away, "no-operator", _OPERATOR, "meal relief came late")
    _tell(records, checked, "quality-hold", _SHIFT_LEADER, "fill weight checked by hand")
    wrong = _tell(records, cleaned, "quality-hold", _OPERATOR, "")
    records.withdraw(wrong, _SHIFT_LEADER, "it was the wash-down of the doser")
    _tell(records, cleaned, "cleaning", _SHIFT_LEADER, "wash-down of the doser")


def tell_submission(records: MilestoneRecords) -> None:
    """The company submits the first milestone."""
    new = NewStep("submit", _SHIFT_LEADER, "The line has run as agreed since its first week.")
    records.take(PROJECT, "M1", new)


def _tell(records: Records, stop: Segment, reason: str, author: str, comment: str) -> str:
    """Record the reason; the correction's id."""
    draft = Draft(
        kind="reason",
        author=author,
        start=instant(stop.start_us).isoformat(),
        end=instant(stop.end_us).isoformat(),
        reason=reason,
        comment=comment,
    )
    return str(records.correct(LINE, draft)["id"])
