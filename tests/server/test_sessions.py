"""Log-ins end, wherever they are kept, and a cookie that somebody made up is nobody's."""

import hashlib

import pytest
from log_in_parts import Clock, proof

from assistant.server.log_ins import IDLE, LONGEST, LogIns
from assistant.server.sessions import RENEWED, Sessions


@pytest.fixture
def sessions(log_ins: LogIns) -> Sessions:
    return Sessions(log_ins)


def begun(sessions: Sessions, name: str) -> str:
    return sessions.begin(name, proof(name))


def test_a_log_in_ends_when_it_is_not_used_and_after_a_week_in_any_case(sessions: Sessions, clock: Clock) -> None:
    began = clock.now
    one, other = begun(sessions, "미라"), begun(sessions, "zoé")
    assert one != other and (sessions.name(one, proof), sessions.name(other, proof)) == ("미라", "zoé")
    clock.now += IDLE / 2
    assert sessions.name(one, proof) == "미라"
    clock.now = began + IDLE
    assert sessions.name(other, proof) == "zoé"
    clock.now = began + 2 * IDLE + 1
    assert (sessions.name(one, proof), sessions.name(other, proof)) == ("", "")
    third, began = begun(sessions, "jun"), clock.now
    while clock.now + IDLE / 2 < began + LONGEST:
        clock.now += IDLE / 2
        assert sessions.name(third, proof) == "jun"
    clock.now = began + LONGEST
    assert sessions.name(third, proof) == "jun"
    clock.now += 1
    assert sessions.name(third, proof) == ""


def test_a_use_is_noted_once_a_minute(sessions: Sessions, clock: Clock) -> None:
    began = clock.now
    once, twice = begun(sessions, "미라"), begun(sessions, "zoé")
    clock.now = began + RENEWED - 1
    sessions.name(once, proof)
    clock.now = began + RENEWED
    sessions.name(twice, proof)
    clock.now = began + IDLE + 1
    assert (sessions.name(once, proof), sessions.name(twice, proof)) == ("", "zoé")


def test_who_logs_out_is_not_known_any_more_and_is_not_renewed(sessions: Sessions, log_ins: LogIns) -> None:
    value, other = begun(sessions, "미라"), begun(sessions, "미라")
    sessions.end(value)
    log_ins.renew(hashlib.sha256(value.encode()).hexdigest())  # as by a request that was under way elsewhere
    assert sessions.name(value, proof) == "" and sessions.name(other, proof) == "미라"


def test_a_made_up_or_tampered_value_is_nobodys(sessions: Sessions) -> None:
    value = begun(sessions, "미라")
    wrong = [
        "",
        "made up",
        "비밀",
        "\0",
        "\udc80",
        value[:-1],
        value + "=",
        value + " ",
        value.swapcase(),
        "'; --",
        "x" * 9999,
    ]
    wrong += [value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1 :] for at in range(len(value))]
    wrong.append(hashlib.sha256(value.encode()).hexdigest())  # what is kept opens nothing
    for made_up in wrong:
        assert sessions.name(made_up, proof) == "", made_up
        sessions.end(made_up)
    assert sessions.name(value, proof) == "미라"


def test_a_session_ends_with_what_was_logged_in_by(sessions: Sessions) -> None:
    value = begun(sessions, "미라")
    assert sessions.name(value, lambda name: "another password") == sessions.name(value, lambda name: "") == ""
    unproved = sessions.begin("zoé", "")
    assert sessions.name(unproved, lambda name: "") == ""
