"""Log-ins end."""

from assistant.server.sessions import IDLE, LONGEST, Sessions


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_log_in_ends_when_it_is_not_used_and_after_a_week_in_any_case() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    one, other = sessions.begin("미라"), sessions.begin("zoé")
    assert one != other and (sessions.name(one), sessions.name(other)) == ("미라", "zoé")
    clock.now += IDLE / 2
    assert sessions.name(one) == "미라"
    clock.now += IDLE / 2 + 1
    assert (sessions.name(one), sessions.name(other)) == ("미라", "")
    for _ in range(int(LONGEST / IDLE * 2) + 1):
        clock.now += IDLE / 2
        sessions.name(one)
    assert sessions.name(one) == ""


def test_who_logs_out_is_not_known_any_more_and_a_made_up_value_is_nobody() -> None:
    sessions = Sessions()
    value = sessions.begin("미라")
    sessions.end(value)
    sessions.end("made up")
    assert sessions.name(value) == sessions.name("") == sessions.name("made up") == ""
