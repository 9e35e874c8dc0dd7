"""What is remembered of a machine's times while nobody reads it: enough to judge what comes first.

A clock that is set back while the agent is stopped shows only by what had come before the stop.
So a few of the newest facts go into a file and come back from it: when the machine was heard, and
of each address the newest times and the last changes. An example, as JSON:

    {"heard": [["2026-03-02T07:00:00Z", "2026-03-02T09:59:50Z"]],
     "addresses": {"main /state": {"believed": "2026-03-02T09:59:50Z", "at_receipt": null,
                                   "changes": [["2026-03-02T07:00:00Z", "1"]]}}}

It was heard from seven to ten; the state was 1 all that time.
"""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

CHANGES_MAX = 100  # of an address


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RememberedAddress(_Model):
    """`believed`: its newest source time that was believed; `at_receipt`: where its newest value
    without such a time stands; `changes`: what was known to be true since when, the last ones;
    None: nothing was."""

    believed: AwareDatetime | None = None
    at_receipt: AwareDatetime | None = None
    changes: tuple[tuple[AwareDatetime, str | None], ...] = ()


class Remembered(_Model):
    """Of one machine. `heard`: begins and ends of the times in which it was heard."""

    heard: tuple[tuple[AwareDatetime, AwareDatetime], ...] = ()
    addresses: dict[str, RememberedAddress] = {}
