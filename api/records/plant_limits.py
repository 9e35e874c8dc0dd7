"""Where a plant file that is written on a page may lead the node.

Who writes a file on the node's own disk may name anything there. Who writes on a page may be
somebody else, and what is written makes the node connect to addresses, send what is in a file of
passwords, and read profiles. So what a page adds or changes of that keeps to limits: addresses in
the networks where the node may look for machines, files in the folder `secrets` of its data folder,
packaged profiles and the node's own. What is in force already stays allowed as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from device_profiles.files import catalogue
from domain.errors import InputError, LineproofError
from domain.plant import FILES_OF_CONNECTIONS, IMPORTED, Machine, Plant
from domain.texts import N_
from domain.yaml_text import Lines

SECRETS = "secrets"


@dataclass(frozen=True, slots=True)
class PlantLimits:
    """`check_address` raises LineproofError for an address where the node may not look.
    `own_profiles`: the folder of the node's own profiles; None: there is none."""

    check_address: Callable[[str], None]
    own_profiles: Path | None


def check_limits(plant: Plant, in_force: Plant | None, places: Lines, limits: PlantLimits) -> None:
    """Raises InputError with line and field for the first machine that passes a limit."""
    known = [] if in_force is None else list(_machines(in_force))
    connections = [it.connection for _, it in known]
    profiles = {it.profile for _, it in known}
    for line, machine in _machines(plant):
        path = ("lines", line, "machines", machine.id)
        if machine.profile not in profiles and not _is_own(machine.profile, limits.own_profiles):
            raise places.error(
                (*path, "profile"),
                N_("'%(profile)s' is neither a packaged profile nor one of this node's own"),
                N_("Take one of /profiles. Other files are named by 'lineproof apply'."),
                {"profile": machine.profile},
            )
        if machine.connection not in connections:
            _check_connection(machine, (*path, "connection"), places, limits)


def _machines(plant: Plant) -> list[tuple[str, Machine]]:
    return [(it.id, machine) for it in plant.lines.values() for machine in it.machines.values()]


def _is_own(profile: str, folder: Path | None) -> bool:
    if profile == IMPORTED or profile in catalogue.names():
        return True
    return folder is not None and Path(profile).resolve().is_relative_to(folder.resolve())


def _check_connection(
    machine: Machine, path: tuple[str, ...], places: Lines, limits: PlantLimits
) -> None:
    for name, value in machine.connection.items():
        file = PurePosixPath(value)
        is_secret = file.parts[:1] == (SECRETS,) and ".." not in file.parts
        if name in FILES_OF_CONNECTIONS and not is_secret:
            raise places.error(
                (*path, name),
                N_(
                    "a file that is named on this page lies in the folder '%(folder)s' of the "
                    "node's data folder"
                ),
                N_("Put it there and write %(folder)s/ before its name."),
                {"folder": SECRETS},
            )
    url = machine.connection.get("url", "")
    if url:
        try:
            limits.check_address(url)
        except LineproofError as error:
            at = (*path, "url")
            raise places.error(at, error.message, error.advice, error.values) from None


def line_of(error: InputError) -> int | None:
    """The line of the file that the error names; None where it names none."""
    _, found, number = error.where.rpartition(", line ")
    return int(number) if found and number.isdecimal() else None
