"""The OPC UA server of the noodle hall: fillers, checkweigher and packers behind one address.

As in a hall with one gateway for its controllers. The machines of a line play in step, so that the
packer has stopped before the filler says that it is blocked.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence

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
_OTHERS_TICKS = 8


class LineServer:
    """The machines' server. `now_us` is their clock: microseconds since the epoch.

    `others`: lines of a filler and a packer besides the first, whose units have a number behind
    their names, from 2 on.
    """

    def __init__(
        self,
        model: PlantModel,
        now_us: Callable[[], int],
        *,
        others: Sequence[PlantModel] = (),
        port: int | None = None,
        tick_s: float = 0.25,
    ) -> None:
        self.port = port or free_port()
        self._now_us = now_us
        self._tick_s = tick_s
        self._server = Server(iserver=StandardNodes())
        self.filler, self.packer = self._line(model, "")
        self.checkweigher = Checkweigher(self._server, model)
        more = [self._line(it, str(number)) for number, it in enumerate(others, start=2)]
        # Of each line the packer first: it has stopped before the filler waits for it.
        self._first = (self.packer, self.filler)
        self._others = [it for pair in more for it in pair[::-1]]

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
        for machine in (*self._first, *self._others):
            await machine.build(types, now_us)
        await self.checkweigher.build(now_us)
        await self._server.start()

    async def run(self) -> None:
        """Play in real time until cancelled; the lines besides the first speak less often."""
        for tick in itertools.count():
            now_us = self._now_us()
            for machine in self._first if tick % _OTHERS_TICKS else (*self._first, *self._others):
                await machine.play_until(now_us)
            await self.checkweigher.play_until(now_us)
            await asyncio.sleep(self._tick_s)

    async def stop(self) -> None:
        await self._server.stop()

    def _line(self, model: PlantModel, number: str) -> tuple[PackmlMachine, PackmlMachine]:
        """Filler and packer of a line."""
        packer = PackerModel(model)
        return (
            PackmlMachine(self._server, _filler_kind(model, number), model),
            PackmlMachine(self._server, _packer_kind(packer, number), packer),
        )


def _filler_kind(model: PlantModel, number: str) -> MachineKind:
    reasons = list(dict.fromkeys(kind.reason for kind in model.behaviour.stops if kind.reason))
    design_speed = 1.0 / model.behaviour.recipe.ideal_cycle_time_s
    tag = f"CUP-FILLER-{number or 1}"
    return MachineKind(f"{FILLER_NAME}{number}", tag, "Cup noodles 75 g", reasons, design_speed)


def _packer_kind(packer: PackerModel, number: str) -> MachineKind:
    name, tag = f"{PACKER_NAME}{number}", f"CASE-PACKER-{number or 1}"
    return MachineKind(name, tag, "Case of 24 cups", packer.reasons, packer.design_rate)
