"""So many a minute, and no more."""

from assistant.server.limits import MINUTE, Limit


def test_what_is_too_much_in_a_minute_is_told_for_each_name_alone() -> None:
    now = [0.0]
    limit = Limit(2, lambda: now[0])
    assert [limit.count("a"), limit.count("a"), limit.reached("a"), limit.count("a")] == [True, True, True, False]
    assert limit.count("b") and not limit.reached("b")
    now[0] = MINUTE + 1
    assert not limit.reached("a") and limit.count("a")
