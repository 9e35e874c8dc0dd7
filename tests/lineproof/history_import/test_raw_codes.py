"""Raw codes of a history, decoded by a profile."""

from __future__ import annotations

import pytest
from import_plant import HEADER, Write, run, samples

from domain.errors import InputError, NotFoundError
from store.node.opening import Stores


def test_raw_codes_are_decoded_by_a_profile(stores: Stores, write: Write) -> None:
    rows = "2026-03-02T07:00,filler,state,6\n2026-03-02T08:00,filler,state,2\n"
    run(stores, write(HEADER + rows), profile="packml/opcua")
    assert samples(stores)["text"].to_list() == ["producing", "stopped"]
    more = "2026-03-02T09:00,filler,state,5.0\n2026-03-02T10:00,filler,state,Aborted\n"
    modes = "2026-03-02T09:00,filler,mode,1\n2026-03-02T10:00,filler,mode,2\n"
    run(stores, write(HEADER + more + modes), profile="packml/opcua")
    found = samples(stores).sort("signal", "time")["text"].to_list()
    assert found == ["produce", "maintenance", "producing", "stopped", "stopped", "fault"]
    with pytest.raises(
        InputError, match=r"'999'.*a raw code that the profile or the map file knows"
    ):
        run(stores, write(HEADER + "2026-03-02T07:00,filler,state,999\n"), profile="packml/opcua")
    with pytest.raises(NotFoundError, match="unknown device profile"):
        run(stores, write(HEADER + rows), profile="packml/opcu")
    with pytest.raises(InputError, match=r"--profile: .* no codes of the machine's state"):
        run(stores, write(HEADER + rows), profile="shelly/pro3em-mqtt")
