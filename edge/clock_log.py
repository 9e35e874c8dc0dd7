"""Says in the log when a machine's clock goes wrong, and when it is right again."""

from __future__ import annotations

import structlog

from device_profiles.decoding.clock_error import ClockError

_log = structlog.get_logger(__name__)

_SAME_S = 60.0  # an amount that moved by less is not told anew


class ClockLog:
    def __init__(self, machine: str) -> None:
        self._machine = machine
        self._told: ClockError | None = None

    def tell(self, error: ClockError | None) -> None:
        """Logs what changed since the last call, if anything did."""
        told = self._told
        if error is None:
            if told is not None:
                _log.info("machine's clock agrees with ours again", machine=self._machine)
        elif told is None or abs(error.ahead_s - told.ahead_s) > _SAME_S:
            _log.warning(
                "machine's clock is off",
                machine=self._machine,
                by=f"{error.amount} {'ahead' if error.ahead_s > 0 else 'behind'}",
                todo=_todo(error),
            )
        else:
            return
        self._told = error


def _todo(error: ClockError) -> str:
    if error.zone_hours is not None:
        return (
            "It looks like a wrong time zone: set the machine's, or its server's, to UTC "
            "or its own; or write 'time: receipt' in the profile."
        )
    return "Set the machine's clock, best by NTP; or write 'time: receipt' in the profile."
