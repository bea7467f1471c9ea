"""Where log-ins are kept: the same promises in memory and in a database, which servers share, and which may go away."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from log_in_parts import Clock, emptied, proof, stored
from postgres_parts import cluster, running

from assistant.server.kept import Unkept
from assistant.server.limits import LOG_INS, MINUTE
from assistant.server.log_ins import IDLE, InMemory, LogIns, Shared
from assistant.server.sessions import Sessions


@pytest.fixture
def two(postgres_address: str, clock: Clock) -> Iterator[tuple[Shared, Shared]]:
    """The log-ins of two servers over one database."""
    emptied(postgres_address)
    one, other = Shared(postgres_address, clock), Shared(postgres_address, clock)
    yield one, other
    one.close()
    other.close()


def test_wrong_passwords_are_counted_for_a_name_and_for_an_address(log_ins: LogIns, clock: Clock) -> None:
    for number in range(LOG_INS):
        assert not log_ins.guessing("10.0.0.1", "미라"), number
        log_ins.count_wrong("10.0.0.1", "미라")
    assert log_ins.guessing("10.0.0.1", "미라")
    assert not log_ins.guessing("10.0.0.1", "zoé") and not log_ins.guessing("10.0.0.2", "미라")
    for number in range(9 * LOG_INS):
        assert not log_ins.guessing("10.0.0.1", "zoé"), number
        log_ins.count_wrong("10.0.0.1", f"name {number}")
    assert log_ins.guessing("10.0.0.1", "zoé") and not log_ins.guessing("10.0.0.2", "zoé")
    clock.now += MINUTE + 1
    assert not log_ins.guessing("10.0.0.1", "미라") and not log_ins.guessing("10.0.0.1", "zoé")


def test_what_begins_or_ends_at_one_server_does_at_the_other(two: tuple[Shared, Shared], clock: Clock) -> None:
    here, there = map(Sessions, two)
    value = here.begin("미라", proof("미라"))
    assert there.name(value, proof) == here.name(value, proof) == "미라"
    clock.now += IDLE
    assert there.name(value, proof) == "미라"  # and it is used again
    clock.now += IDLE
    assert here.name(value, proof) == "미라"
    clock.now += IDLE + 1
    assert here.name(value, proof) == there.name(value, proof) == ""
    value = there.begin("미라", proof("미라"))
    here.end(value)
    assert there.name(value, proof) == here.name(value, proof) == ""


def test_wrong_passwords_at_one_server_count_at_the_other(two: tuple[Shared, Shared]) -> None:
    for number in range(LOG_INS):
        two[number % 2].count_wrong("10.0.0.1", "미라")
    assert [one.guessing("10.0.0.1", "미라") for one in two] == [True, True]
    assert [one.guessing("10.0.0.1", "zoé") for one in two] == [False, False]


def test_what_is_kept_opens_nothing_and_leaves_when_it_has_ended(
    two: tuple[Shared, Shared], postgres_address: str, clock: Clock
) -> None:
    sessions = Sessions(two[0])
    value = sessions.begin("미라", "salt:hash-of-the-password")
    two[0].count_wrong("10.0.0.1", "my own password")
    held = stored(postgres_address)
    assert "미라" in held and "10.0.0.1" in held
    assert not [secret for secret in (value, "hash-of-the-password", "my own password") if secret in held]
    clock.now += IDLE + 1
    sessions.begin("zoé", "x")
    two[0].count_wrong("10.0.0.2", "x")
    held = stored(postgres_address)
    assert "미라" not in held and "10.0.0.1" not in held and "zoé" in held


def test_the_clock_is_the_databases(postgres_address: str) -> None:
    emptied(postgres_address)
    shared = Shared(postgres_address)
    shared.add("digest", "미라\0", "seal")
    found = shared.find("digest")
    assert found and (found.name, found.seal) == ("미라", "seal") and found.age == found.idle >= 0
    with psycopg.connect(postgres_address) as open:
        open.execute("UPDATE log_in_session SET began = began - 500, used = used - 100")
    later = shared.find("digest")
    assert later and 400 <= later.age - later.idle < 401 and later.idle >= 100
    shared.renew("digest")
    shared.close()
    again = shared.find("digest")  # closed, it opens itself anew
    assert again and again.idle < later.idle
    shared.close()


def test_of_very_many_sessions_the_oldest_end(postgres_address: str, clock: Clock) -> None:
    memory = InMemory(clock)
    for number in range(10_003):
        memory.add(str(number), "미라", "")
    emptied(postgres_address)
    shared = Shared(postgres_address, clock)
    shared.check()
    with psycopg.connect(postgres_address) as open:
        open.execute(
            "INSERT INTO log_in_session SELECT i, '', '', %s, %s FROM generate_series(0, 10001) i", [clock.now - 9] * 2
        )
        open.execute("UPDATE log_in_session SET began = began + digest::float / 100000")
    shared.add("10002", "미라", "")
    for log_ins in (memory, shared):
        assert [log_ins.find(str(number)) is not None for number in (0, 2, 3, 10_002)] == [False, False, True, True]
    shared.close()


def test_tables_are_made_by_whoever_comes_first_and_those_of_another_version_are_left(postgres_address: str) -> None:
    emptied(postgres_address)
    servers = [Shared(postgres_address) for _ in range(8)]
    beginning = [Thread(target=one.check) for one in servers]
    for thread in beginning:
        thread.start()
    for thread in beginning:
        thread.join()
    for server in servers:
        server.check()
        server.close()
    with psycopg.connect(postgres_address) as open:
        assert open.execute("SELECT version FROM log_in_shape").fetchall() == [(1,)]
        open.execute("UPDATE log_in_shape SET version = 9")
    for _ in range(2):
        with pytest.raises(Unkept, match="log-ins in PostgreSQL, found: .*another version.*serve_database"):
            servers[0].find("x")
    emptied(postgres_address)


def test_a_database_that_goes_away_is_told_in_one_line_and_comes_back_by_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    with cluster() as folder:
        with running(folder) as address:
            shared = Shared(address)
            sessions = Sessions(shared)
            value = sessions.begin("미라", proof("미라"))
        began = time.monotonic()
        while time.monotonic() < began + 2.5:  # in which it is asked more than once
            with pytest.raises(Unkept, match="serve_database") as away:
                sessions.name(value, proof)
            assert "\n" not in str(away.value)
            time.sleep(0.1)
        with running(folder):
            assert answered(lambda: sessions.name(value, proof)) == "미라"
        said = [record.levelname for record in caplog.records if record.name == "assistant.server.kept"]
        assert said == ["ERROR", "WARNING"]
        with running(folder):  # it was started anew while nobody asked
            assert sessions.name(value, proof) == "미라"
        shared.close()


def answered(ask: object) -> object:
    """Ask until there is an answer."""
    assert callable(ask)
    for _ in range(100):
        try:
            return ask()
        except Unkept:
            time.sleep(0.1)
    raise AssertionError("the database did not come back")


def test_an_address_without_a_server_and_no_address_at_all_are_told_without_a_password(tmp_path: Path) -> None:
    for address in (
        f"postgresql://notes:a%20secret@/postgres?host={tmp_path}",
        "postgresql://notes:a%20secret@127.0.0.1:no",
    ):
        with pytest.raises(Unkept) as away:
            Shared(address).check()
        assert "secret" not in str(away.value) and "\n" not in str(away.value)


def test_a_question_that_hangs_does_not_hold_up_the_others_for_ever(postgres_address: str) -> None:
    emptied(postgres_address)
    shared = Shared(postgres_address)
    shared.check()
    with psycopg.connect(postgres_address) as other:
        other.execute("LOCK TABLE log_in_session")  # until the end of the block
        hanging = Thread(target=shared.find, args=("x",))
        hanging.start()
        time.sleep(0.2)
        with pytest.raises(Unkept, match="no answer within"):
            shared.find("x")
        shared.close()  # a server that stops does not wait for it
    hanging.join()
    assert answered(lambda: shared.find("x")) is None
    shared.close()
