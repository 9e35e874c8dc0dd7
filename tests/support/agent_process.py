"""An edge agent as a process of its own, to be killed."""

import asyncio
from pathlib import Path

from edge.agent import run_agent
from lineproof.stopping import stop_on_signals


def main(config: str) -> None:
    asyncio.run(run_agent(Path(config), stop_on_signals))
