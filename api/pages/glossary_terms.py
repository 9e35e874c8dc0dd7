"""The words of the pages, each in a sentence that a newcomer understands.

What has its words elsewhere is taken from there: KPIs (`analytics.kpi.words`), verdicts and flags
(`api.pages.labels`, `api.pages.flag_meanings`), so that nothing is said twice. `docs/glossary.md`
is the developers' list; a test holds the two to the same Chinese words.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.kpi.words import KPI_WORDS
from api.pages import labels
from api.pages.flag_meanings import FLAG_MEANINGS
from domain.texts import N_


@dataclass(frozen=True, slots=True)
class Term:
    """`anchor`: its place on the page, as in /glossary#oee. `word`, `meaning`: message ids."""

    anchor: str
    word: str
    meaning: str


@dataclass(frozen=True, slots=True)
class TermGroup:
    anchor: str
    title: str
    terms: tuple[Term, ...]


# Those that pages show to everybody.
_KPIS = (
    "oee",
    "availability",
    "effectiveness",
    "quality_ratio",
    "mean_time_between_failures_s",
    "mean_time_to_repair_s",
    "energy_per_good_unit",
)
_TIME = (
    Term(
        "unknown-time",
        N_("unknown time"),
        N_(
            "Time of which nobody can say what the line did, because no data came. It counts "
            "neither as running nor as stopped."
        ),
    ),
    Term(
        "bounds",
        N_("bounds"),
        N_(
            "What a figure would be with all unknown time at its worst, and at its best. The true "
            "value lies between the two."
        ),
    ),
    Term(
        "coverage",
        N_("coverage"),
        N_("The share of planned time in which it is known what the line did."),
    ),
    Term(
        "stop",
        N_("stop"),
        N_("A stretch in which the line stands that should produce."),
    ),
    Term(
        "minor-stop",
        N_("minor stop"),
        N_("A stop that is shorter than the plant counts as a stop of its own."),
    ),
    Term(
        "shift-target",
        N_("shift target"),
        N_("The good items that a shift is to make: so many by now, and so many by its end."),
    ),
    Term(
        "shift-handover",
        N_("shift handover"),
        N_(
            "What a shift leaves to the next one: what was made, what stood, what is open; signed "
            "by who leaves and by who takes over."
        ),
    ),
    Term(
        "correction",
        N_("correction"),
        N_(
            "What a person enters beside the measured data, with name and time. The measured data "
            "stay as they are."
        ),
    ),
    Term(
        "method",
        N_("method"),
        N_("The rule that says which state of a machine counts as which kind of time."),
    ),
)
_GRANTS = (
    Term(
        "milestone",
        N_("milestone"),
        N_("What a company has to reach by a day, under a clause of its grant agreement."),
    ),
    Term(
        "terms",
        N_("terms"),
        N_("What exactly the milestone asks for: which figure, which value, which days."),
    ),
    Term("window", N_("window"), N_("The days that the terms look at.")),
    Term(
        "baseline",
        N_("baseline"),
        N_("The days before, against which an improvement is measured."),
    ),
    Term(
        "verdict",
        N_("verdict"),
        N_("What the data say about a milestone. It is computed; nobody can type it in."),
    ),
    Term(
        "decision",
        N_("decision"),
        N_("What an officer makes of a milestone. It keeps the verdict of its moment."),
    ),
    Term(
        "finding",
        N_("finding"),
        N_(
            "Something odd in the data of a milestone, with numbers and with what to ask the "
            "company. It changes no figure."
        ),
    ),
    Term(
        "site-visit",
        N_("site visit"),
        N_(
            "An officer was at the line, read what its panel showed, and wrote it down: it is held "
            "against the data of that minute."
        ),
    ),
    Term(
        "change-request",
        N_("change request"),
        N_("What the company asks to have changed, such as a date or a budget."),
    ),
    Term(
        "accepted-period",
        N_("accepted period"),
        N_("Days whose figures an officer has accepted: they stay, whatever comes later."),
    ),
)
_EVIDENCE = (
    Term(
        "evidence",
        N_("evidence"),
        N_("The facts that a verdict stands on, and what shows that nobody has changed them."),
    ),
    Term(
        "seal",
        N_("seal"),
        N_(
            "The signature that the program beside the machine puts on its data at once. Who "
            "changes them afterwards breaks it."
        ),
    ),
    Term(
        "digest",
        N_("digest"),
        N_(
            "A short number of a file or text, as a fingerprint is of a person: it changes when a "
            "single letter changes."
        ),
    ),
    Term(
        "ledger",
        N_("ledger"),
        N_("A list of digests to which can only be added, so that nothing in it can be replaced."),
    ),
    Term(
        "witness",
        N_("witness"),
        N_(
            "Somebody outside who countersigns the state of the ledger, so that it cannot be "
            "written anew in secret."
        ),
    ),
    Term(
        "time-stamp",
        N_("time stamp"),
        N_("The signed word of an authority that something was there at a time."),
    ),
    Term(
        "dossier",
        N_("dossier"),
        N_(
            "All that a project's verdicts rest on, in one file that anybody can check without "
            "this program."
        ),
    ),
)
_MACHINES = (
    Term(
        "device-profile",
        N_("device profile"),
        N_("A file that says where a machine's values are, and what they mean."),
    ),
    Term(
        "edge-agent",
        N_("edge agent"),
        N_("The program beside the machine: it reads the values, seals them and sends them."),
    ),
    Term(
        "control-limits",
        N_("control limits"),
        N_("Between them a measured value lies as long as only chance is at work."),
    ),
    Term(
        "specification-limits",
        N_("specification limits"),
        N_("Between them an item is good."),
    ),
)
GROUPS: tuple[TermGroup, ...] = (
    TermGroup("time", N_("Time, stops and shifts"), _TIME),
    TermGroup(
        "figures",
        N_("Figures"),
        tuple(Term(name, KPI_WORDS[name].name, KPI_WORDS[name].meaning) for name in _KPIS),
    ),
    TermGroup("grants", N_("Grants and milestones"), _GRANTS),
    TermGroup(
        "verdicts",
        N_("What a verdict can be"),
        tuple(
            Term(f"verdict-{name}", word, meaning)
            for name, (word, _, meaning) in labels.VERDICTS.items()
        ),
    ),
    TermGroup(
        "flags",
        N_("Flags: what is odd in data"),
        tuple(
            Term(f"flag-{name}", word, FLAG_MEANINGS[name]) for name, word in labels.FLAGS.items()
        ),
    ),
    TermGroup("evidence", N_("Evidence"), _EVIDENCE),
    TermGroup("machines", N_("Machines and quality"), _MACHINES),
)
BY_ANCHOR = {term.anchor: term for group in GROUPS for term in group.terms}
