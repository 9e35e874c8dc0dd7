"""A simulated checkweigher on the demo's OPC UA server: plain variables of its own.

It tells the number of its recipe and the weight of each cup that it takes from the line, with
the time of the weighing. `profile.yaml` beside it is what an integrator writes for such a machine.
"""

from __future__ import annotations

from typing import cast

from asyncua import ua
from asyncua.common.node import Node
from asyncua.server.server import Server

from domain.time import instant
from lineproof.demo.model.plant_model import BLOCK_US, PlantModel
from lineproof.demo.model.weights import last_weight, weights
from lineproof.demo.servers.packml_nodes import node_id

NAMESPACE = "urn:lineproof:demo:checkweigher"
_NAME = "Checkweigher"


class Checkweigher:
    """One machine on a server that somebody else starts and stops."""

    def __init__(self, server: Server, model: PlantModel) -> None:
        self._server = server
        self._model = model
        self._nodes: dict[str, Node] = {}
        self._recipe = 0
        self._played_us = 0

    async def build(self, now_us: int) -> None:
        """Add the nodes and write the present values."""
        idx = await self._server.register_namespace(NAMESPACE)
        scale = await self._server.nodes.objects.add_object(
            node_id(_NAME, idx), ua.QualifiedName(_NAME, idx)
        )
        for name, kind in (("Recipe", ua.VariantType.Int32), ("Weight", ua.VariantType.Double)):
            self._nodes[name] = await scale.add_variable(
                node_id(f"{_NAME}.{name}", idx), ua.QualifiedName(name, idx), 0, kind
            )
        await self._write_recipe(now_us)
        newest = last_weight(self._model, now_us)
        if newest is not None:
            await self._write_weight(*newest)
        self._played_us = now_us

    async def play_until(self, now_us: int) -> None:
        """Write every change of recipe and every weight up to `now_us`."""
        if now_us <= self._played_us:
            return
        await self._write_recipe(now_us)
        for us, weight_g in weights(self._model, self._played_us + 1, now_us + 1):
            await self._write_weight(us, weight_g)
        self._played_us = now_us

    async def _write_recipe(self, now_us: int) -> None:
        """Recipes change at a full hour."""
        recipe = self._model.recipe(now_us)
        if recipe.number == self._recipe:
            return
        us = now_us - (now_us - self._model.origin_us) % BLOCK_US if self._recipe else now_us
        await self._put("Recipe", ua.Variant(recipe.number, ua.VariantType.Int32), us)
        self._recipe = recipe.number

    async def _write_weight(self, us: int, weight_g: float) -> None:
        await self._put("Weight", ua.Variant(weight_g, ua.VariantType.Double), us)

    async def _put(self, name: str, value: ua.Variant, us: int) -> None:
        at = cast(ua.DateTime, instant(us))
        stamped = ua.DataValue(value, SourceTimestamp=at, ServerTimestamp=at)
        await self._server.write_attribute_value(self._nodes[name].nodeid, stamped)
