"""The `lines:` of plant.yaml: machines, roles, counters, flow of material, measurements.

The models hold one value at a time; `check_line` holds what spans several (a role that names a
machine, limits in their order) and says file, line and field. Reads no files and no clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from domain.errors import WrongValueError, suggestion
from domain.plant import (
    CHATTER_MAX_S,
    DEFAULT_CHATTER_S,
    DEFAULT_MINOR_STOP_S,
    DEFAULT_STALE_AFTER_S,
    Calendar,
    Calibration,
    CounterRule,
    Line,
    Machine,
    Measurement,
)
from domain.signals import is_measurement
from domain.texts import N_
from domain.yaml_text import Lines, Path
from store.files.alerts import AlertsFile, check_alerts, read_alerts
from store.files.fields import (
    NAME_LENGTH_MAX,
    SECONDS_MAX,
    Day,
    FileModel,
    Identifier,
    Name,
    Number,
    PositiveNumber,
    PositiveSeconds,
    Texts,
    not_in_file,
    plain_text,
    quoted,
)

Role = Literal[
    "state",
    "mode",
    "total_count",
    "good_count",
    "reject_count",
    "rework_count",
    "product",
    "order",
    "stop_reason",
    "energy",
]
CounterRole = Literal["total_count", "good_count", "reject_count", "rework_count", "energy"]


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise WrongValueError(N_("must be a text or a number"))


def _measured(name: str) -> str:
    if not is_measurement(f"measurement.{name}"):
        raise WrongValueError(
            N_(
                "'measurement.%(name)s' can be no signal: write lower-case letters, digits, - and "
                "_, as in fill-weight"
            ),
            {"name": name},
        )
    return name


Setting = Annotated[str, BeforeValidator(_setting)]
# A counter of 64 bits holds more than any other amount.
Rollover = Annotated[float, Field(ge=1, le=2.0**64)]


class MachineFile(FileModel):
    name: Texts | None = None
    profile: Name
    connection: dict[str, Setting] = Field(default_factory=dict)
    parameters: dict[str, Setting] = Field(default_factory=dict)


class CounterFile(FileModel):
    rollover: Rollover | None = None
    max_rate_per_s: PositiveNumber | None = None
    job: bool = False


class MeasurementFile(FileModel):
    name: Texts | None = None
    machine: Identifier
    unit: Annotated[str, Field(max_length=NAME_LENGTH_MAX)] = ""
    lower_limit: Number | None = None
    upper_limit: Number | None = None
    target: Number | None = None
    subgroup_size: Annotated[int, Field(ge=1, le=1_000)] = 5


class CalibrationFile(FileModel):
    laboratory: Name
    number: Annotated[str, BeforeValidator(quoted), Field(min_length=1, max_length=NAME_LENGTH_MAX)]
    calibrated_on: Annotated[Day, Field(alias="date")]
    due: Day
    document: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None


class LineFile(FileModel):
    name: Texts | None = None
    hall: Texts | None = None
    calendar: Identifier | None = None
    ideal_cycle_time_s: PositiveSeconds | None = None
    product: str | None = None
    minor_stop_s: Annotated[float, Field(ge=0, le=SECONDS_MAX)] = DEFAULT_MINOR_STOP_S
    stale_after_s: PositiveSeconds = DEFAULT_STALE_AFTER_S
    chatter_s: Annotated[float, Field(ge=0, le=CHATTER_MAX_S)] = DEFAULT_CHATTER_S
    counters: dict[CounterRole, CounterFile] = Field(default_factory=dict)
    machines: Annotated[dict[Identifier, MachineFile], Field(min_length=1)]
    roles: dict[Role, Identifier]
    target_oee: Annotated[float, Field(gt=0, le=1)] | None = None
    alerts: AlertsFile | None = None
    sequence: list[Identifier] = Field(default_factory=list)
    measurements: dict[Annotated[str, AfterValidator(_measured)], MeasurementFile] = Field(
        default_factory=dict
    )
    calibrations: dict[Annotated[str, Field(max_length=NAME_LENGTH_MAX)], CalibrationFile] = Field(
        default_factory=dict
    )


def check_line(
    line_id: str,
    line: LineFile,
    calendars: Mapping[str, Calendar],
    products: Collection[str],
    lines: Lines,
) -> None:
    """Raises InputError for the first thing that does not fit the rest of the file."""
    path = ("lines", line_id)
    for what, name, known in (
        (N_("calendar"), line.calendar, calendars),
        (N_("product"), line.product, products),
    ):
        if name is not None and name not in known:
            raise not_in_file((*path, what), what, name, known, lines)
    for role, machine in line.roles.items():
        _check_machine(machine, line, (*path, "roles", role), lines)
    if "state" not in line.roles:
        raise lines.error(
            (*path, "roles"),
            N_("no machine has the role 'state', so nobody could say when the line runs"),
            N_("Add state: and the machine that the line's output hangs on."),
        )
    for index, machine in enumerate(line.sequence):
        _check_machine(machine, line, (*path, "sequence", index), lines)
        if machine in line.sequence[:index]:
            raise lines.error(
                (*path, "sequence", index),
                N_("the machine '%(machine)s' is there twice"),
                N_("Name each machine once, in the order in which the material flows."),
                {"machine": machine},
            )
    for name, measurement in line.measurements.items():
        here = (*path, "measurements", name)
        _check_machine(measurement.machine, line, (*here, "machine"), lines)
        _check_limits(measurement, here, lines)
    for signal, calibration in line.calibrations.items():
        _check_calibration(signal, calibration, line, (*path, "calibrations", signal), lines)
    if line.alerts is not None:
        check_alerts(
            line.alerts,
            calendars[line.calendar] if line.calendar else None,
            (*path, "alerts"),
            lines,
            has_energy="energy" in line.roles,
            has_measurements=bool(line.measurements),
        )


def _check_machine(machine: str, line: LineFile, path: Path, lines: Lines) -> None:
    if machine not in line.machines:
        todo, values = suggestion(machine, list(line.machines))
        raise lines.error(
            path,
            N_("the machine '%(machine)s' is not one of this line"),
            todo,
            {"machine": machine, **values},
        )


def _check_calibration(
    signal: str, calibration: CalibrationFile, line: LineFile, path: Path, lines: Lines
) -> None:
    known = [*(it for it in get_args(CounterRole) if it in line.roles), *line.measurements]
    if signal not in known:
        todo, values = suggestion(signal, known)
        raise lines.error(
            path,
            N_("'%(signal)s' is no counter and no measurement of this line"),
            todo or N_("Give the line such a role or measurement first."),
            {"signal": signal, **values},
        )
    if calibration.due <= calibration.calibrated_on:
        raise lines.error(
            (*path, "due"),
            N_("the calibration is due on %(due)s, not after its date, %(date)s"),
            N_("Take both days from the certificate."),
            {"due": str(calibration.due), "date": str(calibration.calibrated_on)},
        )


def _check_limits(measurement: MeasurementFile, path: Path, lines: Lines) -> None:
    lower, target, upper = measurement.lower_limit, measurement.target, measurement.upper_limit
    if lower is not None and upper is not None and lower >= upper:
        raise lines.error(
            (*path, "upper_limit"),
            N_("the upper limit %(upper)s is not above the lower limit %(lower)s"),
            N_("Swap or correct the two limits."),
            {"upper": f"{upper:g}", "lower": f"{lower:g}"},
        )
    if target is not None and not (
        (lower is None or lower <= target) and (upper is None or target <= upper)
    ):
        raise lines.error(
            (*path, "target"),
            N_("the target %(target)s lies outside the limits"),
            N_("Correct the target or the limits."),
            {"target": f"{target:g}"},
        )


def read_line(line_id: str, model: LineFile, calendars: dict[str, Calendar]) -> Line:
    """The line; the model has passed `check_line`."""
    return Line(
        id=line_id,
        name=plain_text(model.name or {"en": line_id}),
        machines={
            name: Machine(
                name,
                machine.profile,
                machine.connection,
                machine.parameters,
                plain_text(machine.name or {}),
            )
            for name, machine in model.machines.items()
        },
        roles={str(role): machine for role, machine in model.roles.items()},
        calendar=calendars[model.calendar] if model.calendar else None,
        ideal_cycle_time_s=model.ideal_cycle_time_s,
        product=model.product,
        minor_stop_s=model.minor_stop_s,
        stale_after_s=model.stale_after_s,
        chatter_s=model.chatter_s,
        counters={
            str(role): CounterRule(rule.rollover, rule.max_rate_per_s, rule.job)
            for role, rule in model.counters.items()
        },
        sequence=tuple(model.sequence),
        measurements={
            name: Measurement(
                id=name,
                name=plain_text(item.name or {"en": name}),
                machine=item.machine,
                unit=item.unit,
                lower_limit=item.lower_limit,
                upper_limit=item.upper_limit,
                target=item.target,
                subgroup_size=item.subgroup_size,
            )
            for name, item in model.measurements.items()
        },
        calibrations={
            name: Calibration(
                item.laboratory, item.number, item.calibrated_on, item.due, item.document or ""
            )
            for name, item in model.calibrations.items()
        },
        target_oee=model.target_oee,
        hall=plain_text(model.hall or {}),
        alerts=read_alerts(model.alerts),
    )
