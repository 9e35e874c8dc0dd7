"""What is asked of the vendor, and what else is told."""

from __future__ import annotations

from dataclasses import replace

from seen_machines import node_value, server

from device_profiles.drafting.fitting import Fit
from device_profiles.drafting.proposing import proposals
from device_profiles.drafting.questions import questions, questions_of_fit, reports
from device_profiles.drafting.seen import SeenObject
from device_profiles.files.catalogue import load

PACKML = "http://opcfoundation.org/UA/PackML/"
FIT = Fit(load("packml/opcua"), {}, ("state",), ("total_count",), {}, "", "Filler", "why")


def test_what_a_look_cannot_tell_is_asked() -> None:
    asked = questions(proposals([node_value("State", 2, 6, 2), node_value("Good", 5, 6)]))
    assert asked == [
        "What does each code of state mean, also those that were not seen?",
        "Which value counts rejected items?",
        "When do counters go back to zero (good_count), or never?",
    ]
    asked = questions(proposals([node_value("Speed", 61.5)]))
    assert asked == [
        "Which value says whether the machine produces, and what is each of its codes?",
        "Which value counts items, all of them or the good ones alone?",
        "In which unit is speed?",
    ]


def test_what_a_packaged_profile_misses_is_asked() -> None:
    assert questions_of_fit(FIT) == ["Can the machine be made to tell total_count as well?"]
    assert questions_of_fit(replace(FIT, missing=())) == []


def test_standards_and_other_profiles_are_told() -> None:
    filler = SeenObject((("urn:v", "F"),), frozenset({(PACKML, f"Type{it}") for it in range(5)}))
    seen = replace(server(), namespaces=[PACKML], objects=[filler], left_out="There is more.")
    assert reports(seen, [FIT, replace(FIT, at="Capper")], FIT) == [
        "The server knows PackML (OPC 30050): "
        "with objects of Type0, Type1, Type2, Type3 and 1 more.",
        "The profile packml/opcua fits, too: why.",
        "There is more.",
    ]
    (told,) = reports(replace(seen, objects=[], left_out=""), [], None)
    assert told == "The server knows PackML (OPC 30050): no object of it was found."
