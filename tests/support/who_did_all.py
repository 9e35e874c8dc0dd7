"""A registry in which one person did all that can be done in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from drawn_samples import draw_sample
from handed_over import hand_over
from raised import acknowledged
from registered import apply_grant, apply_plant, closure, let_in, quantity, save_plant
from sqlalchemy import insert

from domain.access import Assignment
from domain.attested_figures import AttestedFigure, AttestedKind
from domain.audit_samples import SampleItem
from domain.change_requests import ChangeDecision, ChangeKind, ChangeRequest
from domain.document_acts import ActOnDocument, DocumentAct
from domain.reminders import Addressee, Reminder, ReminderKind
from domain.site_visits import PanelReading, SiteVisit, VisitKind, VisitWithdrawal
from store.registry import tables as t
from store.registry.accounts.failed_tries import Counted, Try
from store.registry.audit import Done, Event
from store.registry.plant_saves import PlantSave
from store.registry.project_work.outbox import Channel, NewMessage, Recipient
from store.registry.registry import Registry

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
NAME, FULL = "chan.tm", "Chan Tai Man"


def did_all(found: Registry) -> None:
    """NAME did all that can be done, and others much of the same."""
    apply_plant(found)
    apply_grant(found)
    people = (("boss", "The Boss"), (NAME, FULL), ("chan", "Lee Mei"))
    for index, (name, full) in enumerate(people, 1):
        role = "administrator" if name == "boss" else "operator"
        found.accounts.add(name, full, [Assignment.parse(role)], NOW)
        found.accounts.set_password(name, "plover plinth plenty")
        found.pins_and_badges.set_pin(name, ("190274", "582617", "730918")[index - 1])
        found.pins_and_badges.set_badge(name, f"0000000{index}4711")
        session = found.sessions.begin(name, NOW)
        found.sign_ons.begin(session, name, NOW, NOW + timedelta(hours=8))
        found.sign_in_codes.for_account(name, NOW)
        found.failed_tries.failed([Try(Counted.NAME, name)], NOW)
        with found._database.writing() as connection:
            linked = {"issuer": "https://id.example", "subject": f"that of {index}"}
            connection.execute(insert(t.identities).values(**linked, account=name, since=NOW))
        found.tokens.add(
            f"of-{index}", [Assignment.parse("operator")], NOW + timedelta(days=1), NOW, by=name
        )
        found.audit.add(Event(Done.SIGN_IN, name, "192.0.2.7"), NOW)
        found.audit.add(
            Event(Done.CHANGE, "boss", "192.0.2.9", f"POST /api/v1/users/{name}/pin"), NOW
        )
        agent = f"agent-{index}"
        code = found.agent_codes.make(agent, NOW, by=name)
        found.agent_codes.use(code, bytes([index]) * 32, NOW)
        found.agents.revoke(agent, NOW, by=name)
        for number, written in enumerate((name, full)):
            made = replace(
                quantity(f"c-{index}-{number}"),
                author=written,
                comment=f"told by {name}, {full} and merchant",
            )
            found.record.correction(made, let_in)
        found.record.plan_change(closure(f"p-{index}", name), let_in)
        save_plant(found, f"change {index}", PlantSave(name, f"told by {full}", index))
    _did_all_of_a_project(found)


def _did_all_of_a_project(found: Registry) -> None:
    project = found.projects.all()[0]
    milestone, reference = project.milestones[0].id, project.reference
    found.attach.document(
        reference, milestone, "final_report", f"report {FULL}.pdf", b"%PDF-1", NOW, attached_by=NAME
    )
    (document,) = found.attachments.of_project(reference)
    found.retain.put(
        ActOnDocument(
            reference, document.sha256, DocumentAct.HOLD, NAME, NOW, f"asked for by {FULL}"
        )
    )
    reading = PanelReading("filler", "total_count", NOW, Decimal(7), NAME, f"beside {FULL}")
    visit = SiteVisit(
        reference,
        milestone,
        0,
        "filler-1",
        VisitKind.PLANNED,
        NOW,
        "boss",
        NOW,
        f"shown round by {FULL}",
        (reading,),
    )
    found.visit.enter(visit, lambda _conflicts: None)
    wrong = VisitWithdrawal("boss", NOW, f"{FULL} was not there")
    found.visit.withdraw(reference, 1, wrong, lambda _visit, _conflicts: None)
    asked = ChangeRequest(
        reference,
        0,
        ChangeKind.SCOPE,
        f"led by {FULL}",
        f"led without {FULL}",
        f"as {FULL} said",
        "boss",
        NOW,
    )
    kept = found.ask.ask(asked)
    decision = ChangeDecision(True, "boss", NOW, f"told to {FULL}")
    found.ask.decide(reference, kept.number, decision, lambda _request, _conflicts: None)
    hand_over(found, "filler-1", NAME, "boss", device=FULL, said=f"told by {FULL}")
    acknowledged(found, "filler-1", NAME, NOW, f"told by {FULL}", FULL)
    draw_sample(found, SampleItem(reference, milestone), NAME, NOW, f"as {FULL} said")
    reminder = Reminder(reference, ReminderKind.DUE, Addressee.COMPANY, NOW.date(), NOW, milestone)
    told = NewMessage(Recipient(Channel.MAIL, NAME, "en"), frozenset({reminder.key}))
    found.outbox.tell([reminder], [told], NOW)
    found.outbox.failed(found.outbox.all()[0], f"550 no such user {NAME}", NOW)
    figure = AttestedFigure(
        reference,
        0,
        AttestedKind.REFUND,
        NOW,
        NAME,
        f"told by {FULL}",
        Decimal(1),
        NOW.date(),
    )
    found.attest.add(figure, "paid.pdf", b"%PDF-2")
