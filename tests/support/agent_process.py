"""An edge agent as a process of its own, to be killed."""

from pathlib import Path

from lineproof.run.edge_alone import run_edge


def main(config: str) -> None:
    run_edge(Path(config))
