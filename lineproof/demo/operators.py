"""What the demo's operators record about stops that the first line's filler gave no reason for.

They record it as `lineproof correct` does. The newest such stop is left for the visitor.
"""

from __future__ import annotations

from api.records.corrections import Draft
from domain.states import STOP_STATES
from domain.time import HOUR_US, instant
from lineproof.access.records import Records
from lineproof.demo.model.lines import NOODLE_1
from lineproof.demo.model.plant_model import PlantModel, Segment
from lineproof.demo.people import OPERATOR

SHIFT_LEADER = "Chan Siu Ming"


def tell_reasons(records: Records, model: PlantModel, until_us: int) -> None:
    """Reasons for three stops of the last two days; one was wrong and is withdrawn."""
    unsaid = [
        segment
        for segment in model.segments(until_us - 48 * HOUR_US, until_us)
        if segment.state in STOP_STATES and not segment.reason and segment.end_us < until_us
    ]
    away, checked, cleaned = unsaid[-4:-1]
    _tell(records, away, "no-operator", OPERATOR, "meal relief came late")
    _tell(records, checked, "quality-hold", SHIFT_LEADER, "fill weight checked by hand")
    wrong = _tell(records, cleaned, "quality-hold", OPERATOR, "")
    records.withdraw(wrong, SHIFT_LEADER, "it was the wash-down of the doser")
    _tell(records, cleaned, "cleaning", SHIFT_LEADER, "wash-down of the doser")


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
    return str(records.correct(NOODLE_1, draft)["id"])
