"""An edge agent as a process of its own, to be killed."""

from pathlib import Path

from edge.sources.mqtt.client import MqttClient
from lineproof.run.edge_alone import run_edge


def main(config: str) -> None:
    run_edge(Path(config))


def main_that_acknowledges_nothing(config: str) -> None:
    """To be killed between the moment at which a message is on disk and its acknowledgement."""
    MqttClient.acknowledge = lambda self, number: None  # type: ignore[method-assign]  # killed just before
    main(config)
