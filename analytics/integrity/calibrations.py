"""Calibration of a signal that is overdue, or whose certificate nobody attached.

A signal of a role or a measurement may carry its certificate in the plant file. A day is covered by
any certificate that any version of the file had of that signal, from its date up to its due day:

    version   energy                              covers
    1         E-1, 15 Jan. 2025, due 15 Jan. 2026    until 15 January 2026
    2         E-2, 2 March 2026, due 2 March 2027    from 2 March 2026 on

so of a milestone from 1 January to 31 March 2026 45 days are not covered. A signal that never had a
certificate is not looked at: nobody said that it needs one.
"""

from __future__ import annotations

from collections.abc import Iterator

from analytics.integrity.examined import Examined
from domain.grants import DayRange, Finding, FindingSeverity, Reason
from domain.plant import Calibration

CALIBRATION_OVERDUE = "calibration_overdue"


def overdue_calibrations(examined: Examined) -> Iterator[Finding]:
    """Findings of each signal of each line that has a certificate."""
    for line in examined.lines:
        for signal, newest in examined.plant.lines[line].calibrations.items():
            yield from _uncovered(examined, line, signal, newest)
            if newest.document and newest.document not in examined.documents:
                yield _not_attached(examined, line, signal, newest)


def _uncovered(
    examined: Examined, line: str, signal: str, newest: Calibration
) -> Iterator[Finding]:
    known = [newest]
    for version in examined.versions:
        if line in version.plant.lines:
            earlier = version.plant.lines[line].calibrations.get(signal)
            known += [] if earlier is None else [earlier]
    bare = [
        day
        for day in examined.each_day()
        if not any(it.calibrated_on <= day <= it.due for it in known)
    ]
    if bare:
        yield Finding(
            CALIBRATION_OVERDUE,
            FindingSeverity.WARNS,
            (line,),
            DayRange(bare[0], bare[-1]),
            Reason(
                "On %(count)s days no calibration covers %(signal)s of %(line)s; the last "
                "certificate, %(number)s of %(laboratory)s, is of %(date)s and due on %(due)s.",
                {
                    "count": len(bare),
                    "signal": signal,
                    "line": line,
                    "number": newest.number,
                    "laboratory": newest.laboratory,
                    "date": newest.calibrated_on.isoformat(),
                    "due": newest.due.isoformat(),
                },
            ),
            Reason("Ask for a certificate of these days, or for a calibration now."),
        )


def _not_attached(examined: Examined, line: str, signal: str, newest: Calibration) -> Finding:
    return Finding(
        CALIBRATION_OVERDUE,
        FindingSeverity.TELLS,
        (line,),
        examined.days,
        Reason(
            "The certificate %(number)s of %(laboratory)s for %(signal)s of %(line)s is not "
            "attached to the project.",
            {
                "number": newest.number,
                "laboratory": newest.laboratory,
                "signal": signal,
                "line": line,
            },
        ),
        Reason("Ask for the certificate."),
    )
