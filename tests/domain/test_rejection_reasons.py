"""The most frequent reasons by name, the rest as one, none lost."""

from domain.rejection_reasons import OTHER, REASONS_MAX, most_frequent


def test_few_are_all_told_and_of_many_the_rest_is_one() -> None:
    assert most_frequent({}) == []
    assert most_frequent({"b": 1, "a": 1, "c": 5}) == [("c", 5), ("a", 1), ("b", 1)]
    many = {f"code {number}": number for number in range(1, 30)}
    told = most_frequent(many)
    assert told[0] == ("code 29", 29)
    assert len(told) == REASONS_MAX + 1
    assert told[-1] == (OTHER, sum(range(1, 20)))
    assert sum(count for _, count in told) == sum(many.values())
