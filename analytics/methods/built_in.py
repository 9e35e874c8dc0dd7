"""The methods that come with the program, as data.

- `iso22400` (ISO 22400-2): setup is not production; a delay while an order runs is ADET, one
  without an order is ADOT. A stop whose reason is a changeover is setup (AUST), one whose
  reason is maintenance is maintenance. Neither leaves the planned busy time, nor does a stop
  with a planned reason: only the calendar shrinks the plan, dated and visible, never a machine or
  a reason that somebody types.
- `oee-com` (oee.com): every unplanned stop is an availability loss. Stops with a planned reason
  (also maintenance) and time without an order are schedule loss: they leave the planned production
  time. Changeover stays an availability loss.
- `planned-changeover-excluded` (as Sepasoft's OEE module counts): besides planned stops also
  changeovers and maintenance leave the planned time.
- `semi-e10`: the six states of SEMI E10 as in OPC 40100-1 (11.6 and Table 155), beside
  the time classes of `iso22400`. PRD: it works on a job. SBY: it could work and does not (idle,
  starved, blocked, stopped without a failure; off without an order). ENG: somebody works on the
  settings (setup, manual mode; as in OPC 40001-1 annex C; E10 itself also allows setup as
  scheduled downtime). SDT: not available, and that was planned: the calendar's planned down
  time, maintenance, stops with a planned reason. UDT: failure and repair: faults, stops with a
  breakdown as their reason, off in the middle of an order (OPC 40001-1 annex C: out of service
  while processing). NST: outside the plan. UNK is ours: inside the plan, and the state unknown, or
  off while nobody knows whether there is an order. It is
  part of operations time, so total time = operations + NST holds as in E10.
"""

from __future__ import annotations

from analytics.methods.rules import Method, Rule
from domain.states import STOP_STATES, MachineMode, MachineState, Plan, ReasonKind, TimeClass

_NOT_PLANNED = frozenset({Plan.NOT_PLANNED})
_PLANNED_DOWN = frozenset({Plan.PLANNED_DOWN})
_PRODUCING = frozenset({MachineState.PRODUCING})
_UNKNOWN = frozenset({MachineState.UNKNOWN})
_SETUP = frozenset({MachineState.SETUP})
_MAINTENANCE = frozenset({MachineState.MAINTENANCE})
_FAULT = frozenset({MachineState.FAULT})
_OFF = frozenset({MachineState.OFF})
_MAINTENANCE_MODE: frozenset[MachineMode | None] = frozenset({MachineMode.MAINTENANCE})
_MANUAL_MODE: frozenset[MachineMode | None] = frozenset({MachineMode.MANUAL})
_SETUP_REASON: frozenset[ReasonKind | None] = frozenset({ReasonKind.SETUP})
_MAINTENANCE_REASON: frozenset[ReasonKind | None] = frozenset({ReasonKind.MAINTENANCE})
_BREAKDOWN_REASON: frozenset[ReasonKind | None] = frozenset({ReasonKind.BREAKDOWN})
_PLANNED_REASON: frozenset[ReasonKind | None] = frozenset(
    {ReasonKind.PLANNED, ReasonKind.MAINTENANCE}
)

# The same in every method: what the calendar plans, and unknown time.
_CALENDAR = (
    Rule(TimeClass.NOT_PLANNED, plans=_NOT_PLANNED),
    Rule(TimeClass.PLANNED_DOWN, plans=_PLANNED_DOWN),
    Rule(TimeClass.UNKNOWN, states=_UNKNOWN),
)
_UNDER_MAINTENANCE = (
    Rule(TimeClass.MAINTENANCE, states=_MAINTENANCE),
    Rule(TimeClass.MAINTENANCE, modes=_MAINTENANCE_MODE),
)
_IN_SETUP = (
    Rule(TimeClass.SETUP, states=_SETUP),
    Rule(TimeClass.SETUP, states=STOP_STATES, reason_kinds=_SETUP_REASON),
)
_PRODUCTION = (Rule(TimeClass.PRODUCTION, states=_PRODUCING),)
_LOSS = (Rule(TimeClass.DOWN, order=False), Rule(TimeClass.DELAY))

_ISO_RULES = (
    *_CALENDAR,
    *_UNDER_MAINTENANCE,
    Rule(TimeClass.MAINTENANCE, states=STOP_STATES, reason_kinds=_MAINTENANCE_REASON),
    *_IN_SETUP,
    *_PRODUCTION,
    *_LOSS,
)
ISO22400 = Method("iso22400", "ISO 22400-2", _ISO_RULES)

OEE_COM = Method(
    "oee-com",
    "oee.com: all stops are losses but planned ones",
    (
        *_CALENDAR,
        Rule(
            TimeClass.PLANNED_DOWN,
            states=STOP_STATES | _MAINTENANCE,
            reason_kinds=_PLANNED_REASON,
        ),
        Rule(TimeClass.PLANNED_DOWN, states=_MAINTENANCE, order=False),
        Rule(TimeClass.PLANNED_DOWN, modes=_MAINTENANCE_MODE, order=False),
        *_UNDER_MAINTENANCE,
        *_IN_SETUP,
        *_PRODUCTION,
        Rule(TimeClass.PLANNED_DOWN, order=False),
        Rule(TimeClass.DELAY),
    ),
)

PLANNED_CHANGEOVER_EXCLUDED = Method(
    "planned-changeover-excluded",
    "Changeover, maintenance and planned stops outside planned time",
    (
        *_CALENDAR,
        Rule(TimeClass.PLANNED_DOWN, states=_MAINTENANCE | _SETUP),
        Rule(TimeClass.PLANNED_DOWN, modes=_MAINTENANCE_MODE),
        Rule(
            TimeClass.PLANNED_DOWN,
            states=STOP_STATES,
            reason_kinds=_PLANNED_REASON | _SETUP_REASON,
        ),
        *_PRODUCTION,
        *_LOSS,
    ),
)

_MANUFACTURING = ("PRD", "SBY")
_UPTIME = (*_MANUFACTURING, "ENG")
_DOWNTIME = ("SDT", "UDT")
_OPERATIONS = (*_UPTIME, *_DOWNTIME, "UNK")
SEMI_E10 = Method(
    "semi-e10",
    "SEMI E10 states",
    _ISO_RULES,
    element_rules=(
        Rule("NST", plans=_NOT_PLANNED),
        Rule("SDT", plans=_PLANNED_DOWN),
        Rule("UNK", states=_UNKNOWN),
        Rule("UDT", states=_FAULT),
        Rule("UDT", states=STOP_STATES, reason_kinds=_BREAKDOWN_REASON),
        Rule("SDT", states=_MAINTENANCE),
        Rule("SDT", modes=_MAINTENANCE_MODE),
        Rule("SDT", states=STOP_STATES, reason_kinds=_PLANNED_REASON),
        Rule("ENG", states=_SETUP),
        Rule("ENG", modes=_MANUAL_MODE),
        Rule("ENG", states=STOP_STATES, reason_kinds=_SETUP_REASON),
        Rule("PRD", states=_PRODUCING),
        Rule("UDT", states=_OFF, order=True),
        Rule("SBY"),
    ),
    sums=(
        ("manufacturing_time", _MANUFACTURING),
        ("uptime", _UPTIME),
        ("downtime", _DOWNTIME),
        ("operations_time", _OPERATIONS),
        ("total_time", (*_OPERATIONS, "NST")),
    ),
)

BUILT_IN = (ISO22400, OEE_COM, PLANNED_CHANGEOVER_EXCLUDED, SEMI_E10)
