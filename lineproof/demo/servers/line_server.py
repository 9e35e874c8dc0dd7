"""The demo line's OPC UA server: filler, checkweigher and packer behind one address.

As on a line with one gateway for its controllers. The machines play in step, so that the packer
has stopped before the filler says that it is blocked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from asyncua import ua
from asyncua.server.server import Server

from lineproof.demo.model.packer_model import PackerModel
from lineproof.demo.model.plant_model import PlantModel
from lineproof.demo.servers.broker import free_port
from lineproof.demo.servers.checkweigher import Checkweigher
from lineproof.demo.servers.packml_machine import MachineKind, PackmlMachine
from lineproof.demo.servers.packml_nodes import add_types
from lineproof.demo.servers.standard_nodes import StandardNodes

FILLER_NAME, PACKER_NAME = "CupFiller", "CasePacker"


class LineServer:
    """The machines' server. `now_us` is their clock: microseconds since the epoch."""

    def __init__(
        self,
        model: PlantModel,
        now_us: Callable[[], int],
        *,
        port: int | None = None,
        tick_s: float = 0.25,
    ) -> None:
        self.port = port or free_port()
        self._now_us = now_us
        self._tick_s = tick_s
        self._server = Server(iserver=StandardNodes())
        self.filler = PackmlMachine(self._server, _filler_kind(model), model)
        packer = PackerModel(model)
        self.packer = PackmlMachine(self._server, _packer_kind(packer), packer)
        self.checkweigher = Checkweigher(self._server, model)

    @property
    def url(self) -> str:
        return f"opc.tcp://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Build the address space, write the present values, open the port."""
        await self._server.init()
        self._server.set_endpoint(self.url)
        self._server.set_server_name("Lineproof demo line")
        self._server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        types = await add_types(self._server)
        now_us = self._now_us()
        await self.packer.build(types, now_us)
        await self.filler.build(types, now_us)
        await self.checkweigher.build(now_us)
        await self._server.start()

    async def run(self) -> None:
        """Play in real time until cancelled."""
        while True:
            now_us = self._now_us()
            await self.packer.play_until(now_us)
            await self.filler.play_until(now_us)
            await self.checkweigher.play_until(now_us)
            await asyncio.sleep(self._tick_s)

    async def stop(self) -> None:
        await self._server.stop()


def _filler_kind(model: PlantModel) -> MachineKind:
    reasons = list(dict.fromkeys(kind.reason for kind in model.behaviour.stops if kind.reason))
    design_speed = 1.0 / model.behaviour.recipe.ideal_cycle_time_s
    return MachineKind(FILLER_NAME, "CUP-FILLER-1", "Cup noodles 75 g", reasons, design_speed)


def _packer_kind(packer: PackerModel) -> MachineKind:
    return MachineKind(
        PACKER_NAME, "CASE-PACKER-1", "Case of 24 cups", packer.reasons, packer.design_rate
    )
