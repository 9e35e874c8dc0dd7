"""The `alerts:` of a line in plant.yaml. Reads no files and no clock."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Self

from pydantic import Field, model_validator

from domain.alerts import AlertKind, AlertRules, QuietTime
from domain.errors import WrongValueError, suggestion
from domain.plant import Calendar
from domain.texts import N_
from domain.yaml_text import Lines, Path
from store.files.fields import SECONDS_MAX, Clock, FileModel, Name, PositiveNumber

# Less would call somebody for every flicker.
_Waited = Annotated[float, Field(ge=60, le=SECONDS_MAX)]


class QuietFile(FileModel):
    shift: Name | None = None
    start: Annotated[Clock | None, Field(alias="from")] = None
    end: Annotated[Clock | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        hours = (self.start is not None, self.end is not None)
        if hours != ((False, False) if self.shift else (True, True)):
            raise WrongValueError(N_('give either a shift, or "from" and "to"'))
        return self


class AlertsFile(FileModel):
    """Whom a line calls for what: each rule may be left out."""

    stopped_longer_than_s: _Waited | None = None
    no_data_for_s: _Waited | None = None
    oee_under: Annotated[float, Field(gt=0, le=1)] | None = None
    energy_over_kwh: PositiveNumber | None = None
    forecast_under_target: bool = False
    control_chart_out: bool = False
    quiet: Annotated[list[QuietFile], Field(max_length=20)] = Field(default_factory=list)


def check_alerts(
    alerts: AlertsFile,
    calendar: Calendar | None,
    path: Path,
    lines: Lines,
    *,
    has_energy: bool,
    has_measurements: bool,
) -> None:
    """Raises InputError where a rule looks at something that the line does not have, or a quiet
    time names a shift that its calendar does not have."""
    if alerts.energy_over_kwh is not None and not has_energy:
        raise lines.error(
            (*path, "energy_over_kwh"),
            N_("no machine has the role 'energy', so this would never be told"),
            N_("Give the line such a role, or leave the rule out."),
        )
    if alerts.control_chart_out and not has_measurements:
        raise lines.error(
            (*path, "control_chart_out"),
            N_("the line has no measurements, so this would never be told"),
            N_("Add some under 'measurements', or leave the rule out."),
        )
    known: Collection[str] = calendar.shift_names if calendar else ()
    for index, it in enumerate(alerts.quiet):
        if it.shift and it.shift not in known:
            todo, values = suggestion(it.shift, sorted(known))
            raise lines.error(
                (*path, "quiet", index, "shift"),
                N_("the shift '%(shift)s' is not one of the line's calendar"),
                todo or N_("Write hours instead: from and to."),
                {"shift": it.shift, **values},
            )


def read_alerts(model: AlertsFile | None) -> AlertRules:
    """The rules of a line; the model has passed the checks above."""
    if model is None:
        return AlertRules()
    given = {kind: getattr(model, kind.value) for kind in AlertKind}
    limits = {kind: float(it) for kind, it in given.items() if it}
    quiet = (_quiet(it) for it in model.quiet)
    return AlertRules(limits, tuple(quiet))


def _quiet(it: QuietFile) -> QuietTime:
    if it.start is None or it.end is None:
        return QuietTime(it.shift or "")
    return QuietTime(start=it.start, end=it.end)
