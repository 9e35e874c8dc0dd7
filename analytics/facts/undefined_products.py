"""Products that a machine tells and the plant file does not define.

They are measured by the line's own cycle time, for want of a better one: the figure may be far off,
so it is flagged and the product is named. A plant that defines no product at all measures every
product by the line's cycle time on purpose.

>>> facts = pl.DataFrame({"product": ["large", "LARGE", "tiny"], "flags": [0, 129, 128]})
>>> undefined_products(facts)
['LARGE', 'tiny']
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics import integrity_flags
from analytics.arrays import Flags
from domain.plant import Plant


def undefined_products(facts: pl.DataFrame) -> list[str]:
    """Those that were made in FACTS, sorted."""
    flagged = (pl.col("flags") & integrity_flags.UNDEFINED_PRODUCT) != 0
    return facts.filter(flagged)["product"].unique().sort().to_list()


def is_undefined(plant: Plant, names: tuple[str, ...], codes: npt.NDArray[np.int32]) -> Flags:
    """Where names[code] is a product that the plant does not define; no name is none."""
    unknown = [bool(plant.products and name and name not in plant.products) for name in names]
    return np.array([*unknown, False])[codes]  # −1 is the last: none
