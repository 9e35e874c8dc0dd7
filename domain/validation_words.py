"""What pydantic says is wrong with a value, without the words that are pydantic's own. Pure."""

from __future__ import annotations

import re

OWN = ("value_error", "assertion_error")  # types of pydantic's errors whose words are ours
_BEFORE_OURS = re.compile(r"^(Value error|Assertion failed), ")
_SUBJECT = re.compile(r"^[A-Z][A-Za-z]* (?=should\b)")


def our_words(message: str) -> str:
    """The words of an error of our own, without what pydantic puts before them.

    >>> our_words("Value error, 'tcsh' is no shell"), our_words("Field required")
    ("'tcsh' is no shell", 'Field required')
    """
    return _BEFORE_OURS.sub("", message)


def behind_the_value(message: str) -> str:
    """Half a sentence that goes on behind the value itself.

    >>> behind_the_value("Input should be a valid integer"), behind_the_value("String should match")
    ('should be a valid integer', 'should match')
    """
    return _SUBJECT.sub("", our_words(message))
