"""What an applied file changes, in short sentences for the one who applied it. Pure."""

from __future__ import annotations

from dataclasses import fields

from domain.grants import Project
from domain.plant import Line, Plant

UNCHANGED_MEANING = "the text changed, its meaning did not"


def plant_changes(old: Plant | None, new: Plant) -> list[str]:
    """From the version before (None: there is none) to the new one."""
    head = f"plant {new.id}"
    if old is None:
        return [f"{head}: new, with {_named('line', list(new.lines))}"]
    changed = _differing(old, new, leave=("lines",))
    sentences = [f"{head}: {', '.join(changed)} changed"] if changed else []
    for name, line in new.lines.items():
        if name not in old.lines:
            sentences.append(f"line {name}: new, with {_named('machine', list(line.machines))}")
        elif parts := _differing(old.lines[name], line):
            sentences.append(f"line {name}: {', '.join(parts)} changed")
    sentences += [f"line {name}: removed" for name in old.lines if name not in new.lines]
    return sentences or [f"{head}: {UNCHANGED_MEANING}"]


def project_changes(old: Project | None, new: Project) -> list[str]:
    """From the version before (None: there is none) to the new one."""
    head = f"project {new.reference}"
    milestones = {milestone.id: milestone for milestone in new.milestones}
    if old is None:
        return [f"{head}: new, with {_named('milestone', list(milestones))}"]
    before = {milestone.id: milestone for milestone in old.milestones}
    changed = _differing(old, new, leave=("milestones",))
    sentences = [f"{head}: {', '.join(changed)} changed"] if changed else []
    for name, milestone in milestones.items():
        if name not in before:
            sentences.append(f"milestone {name}: new")
        elif parts := _differing(before[name], milestone, leave=("terms_digest",)):
            sentences.append(f"milestone {name}: {', '.join(parts)} changed")
    sentences += [f"milestone {name}: removed" for name in before if name not in milestones]
    return sentences or [f"{head}: {UNCHANGED_MEANING}"]


def _differing(
    old: Plant | Line | Project | object, new: object, *, leave: tuple[str, ...] = ()
) -> list[str]:
    """The names of the fields in which two values of one dataclass differ."""
    return [
        field.name
        for field in fields(new)  # type: ignore[arg-type]
        if field.name not in leave and getattr(old, field.name) != getattr(new, field.name)
    ]


def _named(what: str, names: list[str]) -> str:
    return f"{what}{'s' * (len(names) != 1)} {', '.join(names)}"
