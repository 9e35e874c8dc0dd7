"""Which edge agents an all-in-one node runs for a plant.

One agent for each line and protocol, named `<line>.<protocol>`: agents seal their own chains,
so a protocol that stands still or a line that is taken away disturbs nobody else's. Machines
of the profile `import` have no live source and get none.
"""

from __future__ import annotations

from pathlib import Path

from device_profiles.files import catalogue
from domain.plant import IMPORTED, Line, Machine, Plant
from edge.config import AgentConfig, MachineConfig


def agent_configs(plant: Plant, data: Path, collector: str) -> list[AgentConfig]:
    """The agents of the plant, keeping their spools below `data`.

    Raises InputError for a profile or parameters that cannot be used.
    """
    groups: dict[str, list[MachineConfig]] = {}
    for line in plant.lines.values():
        for machine in line.machines.values():
            if machine.profile != IMPORTED:
                profile = catalogue.load(machine.profile, dict(machine.parameters))
                name = f"{line.id}.{profile.protocol}"
                groups.setdefault(name, []).append(_config(line, machine))
    return [
        AgentConfig(name=name, data=data / name, collector=collector, machines=tuple(machines))
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
