"""What people read of packaged profiles, in three languages."""

from __future__ import annotations

import pytest

from api.i18n import language
from api.profile_texts import texts_of
from device_profiles.files import catalogue


@pytest.mark.parametrize("name", catalogue.names())
def test_no_text_of_a_packaged_profile_is_left_in_english(name: str) -> None:
    texts = texts_of(catalogue.read(name))
    english, *chinese = map(language, ("en", "zh-Hant", "zh-Hans"))
    assert [english.text(it) for it in texts] == texts
    for other in chinese:
        same = [it for it in texts if other.text(it) == it]
        assert same == []
