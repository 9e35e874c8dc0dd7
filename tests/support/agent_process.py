"""An edge agent as a process of its own, to be killed: `python agent_process.py CONFIG.yaml`."""

import asyncio
import sys
from pathlib import Path

from edge.agent import run_agent

if __name__ == "__main__":
    asyncio.run(run_agent(Path(sys.argv[1])))
