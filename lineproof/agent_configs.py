"""Which edge agents an all-in-one node runs for a plant.

One agent for each line and protocol, named `<line>.<protocol>`: agents seal their own chains,
so a protocol that stands still or a line that is taken away disturbs nobody else's. Machines
of the profile `import` have no live source and get none.
"""

from __future__ import annotations

from pathlib import Path

from device_profiles.files import catalogue
from domain.plant import IMPORTED, Line, Machine, Plant
from edge.config import AgentConfig, MachineConfig, SpoolLimits, with_paths_from


def agent_configs(plant: Plant, folder: Path, collector: str) -> list[AgentConfig]:
    """The agents of the plant, for a node with that data folder: their spools are in its `agents`,
    and relative paths of connections begin in the folder.

    Raises InputError for a profile or parameters that cannot be used.
    """
    groups: dict[str, list[MachineConfig]] = {}
    for line in plant.lines.values():
        for machine in line.machines.values():
            if machine.profile != IMPORTED:
                profile = catalogue.load(machine.profile, dict(machine.parameters))
                name = f"{line.id}.{profile.protocol}"
                groups.setdefault(name, []).append(with_paths_from(folder, _config(line, machine)))
    # What is lost with the archive is lost with these folders: they lie on the same disk.
    limits = SpoolLimits(keep_bytes=0)
    return [
        AgentConfig(
            name=name,
            data=folder / "agents" / name,
            collector=collector,
            spool=limits,
            machines=tuple(machines),
        )
        for name, machines in sorted(groups.items())
    ]


def _config(line: Line, machine: Machine) -> MachineConfig:
    return MachineConfig(
        line=line.id,
        machine=machine.id,
        profile=machine.profile,
        connection=dict(machine.connection),
        parameters=dict(machine.parameters),
        stale_after_s=line.stale_after_s,
    )
