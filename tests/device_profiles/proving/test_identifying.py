"""What identifies a person, a computer or a machine is found in texts and addresses."""

from __future__ import annotations

import time

import pytest

from device_profiles.proving.identifying import Pseudonyms


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("lost 10.0.0.5 and 10.0.0.6, not 10.0.0.5", "lost ip-1 and ip-2, not ip-1"),
        ("from fe80::1 or 2001:db8::ff00:42:8329", "from ip-1 or ip-2"),
        ("ring kwok@factory.com.hk", "ring mail-1"),
        ("meter a8:03:2a:b1:23:45", "meter mac-1"),
        ("https://kwok:geheim@cloud/x", "https://credentials-1@cloud/x"),
        ("Password: geheim, wait", "Passwordcredentials-1 wait"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "credentials-1"),
        ("-----BEGIN PRIVATE KEY-----\nMIG\n-----END PRIVATE KEY-----", "credentials-1"),
        ("S/N 4711-A, serial no. 99", "serial-1 serial-2"),
        ("Chan Tai Man at PRESS-HALL-7", "name-1 at host-1"),
        # Nothing of that kind:
        ("jam since 10:23:45", "jam since 10:23:45"),
        ("step 1.2.3, version 300.1.1.1", "step 1.2.3, version 300.1.1.1"),
        ("serial motion of axis 3", "serial motion of axis 3"),
        ("卡瓶 PO-20261129-7", "卡瓶 PO-20261129-7"),
        ("press-hall-70", "press-hall-70"),
    ],
)
def test_what_is_found_in_a_text(text: str, redacted: str) -> None:
    words = {"press-hall-7": "host", "Chan Tai Man": "name"}
    assert Pseudonyms(words).in_text(text) == redacted


@pytest.mark.parametrize(
    ("address", "redacted"),
    [
        ("shellypro3em-a8032ab12345", "shellypro3em-mac-1"),
        ("shellypro3em-acdbdaeeff0a/status", "shellypro3em-mac-1/status"),
        ("press-SN0012345/state", "press-serial-1/state"),
        ("nsu=urn:plc-10.0.0.7;s=Machine.Good", "nsu=urn:plc-ip-1;s=Machine.Good"),
        # What is no name, or as designers of programs write them:
        ("nsu=urn:vendor;i=1234567", "nsu=urn:vendor;i=1234567"),
        ("g=09087e75-8e5e-499b-954f-f2a9603db28a", "g=09087e75-8e5e-499b-954f-f2a9603db28a"),
        ("urn:vendor:DB1000/Line2024Total", "urn:vendor:DB1000/Line2024Total"),
    ],
)
def test_what_is_found_in_an_address(address: str, redacted: str) -> None:
    assert Pseudonyms({}).in_address(address) == redacted


def test_the_same_text_has_the_same_pseudonym_and_no_other_has_it() -> None:
    pseudonyms = Pseudonyms({})
    texts = ["A-1", "A-2", "A-1", "a-1"]
    assert [pseudonyms.of("serial", it) for it in texts] == [
        "serial-1", "serial-2", "serial-1", "serial-3",
    ]  # fmt: skip
    assert pseudonyms.given == {"serial-1": "A-1", "serial-2": "A-2", "serial-3": "a-1"}


def test_a_pseudonym_is_not_taken_for_something_to_replace() -> None:
    assert Pseudonyms({"ip-1": "name"}).in_text("10.0.0.5 ip-1") == "ip-1 name-1"


@pytest.mark.parametrize("part", ["a", "1.", ":", "a:", "-----BEGIN", "a@", "password="])
def test_no_text_of_a_machine_takes_long(part: str) -> None:
    begin = time.process_time()
    Pseudonyms({"a": "name"}).in_text((part * 1000)[:1000])
    assert time.process_time() - begin < 1
