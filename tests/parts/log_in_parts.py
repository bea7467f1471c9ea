"""What the tests of log-ins share: a clock that is set by hand, and both places where log-ins are kept."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from assistant.server.log_ins import InMemory, LogIns, Shared


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def proof(name: str) -> str:
    return f"the password of {name}"


@contextmanager
def kept(place: str, request: pytest.FixtureRequest, clock: Clock) -> Iterator[LogIns]:
    """Give a place that knows nobody yet, and close it."""
    if place == "memory":
        yield InMemory(clock)
        return
    address: str = request.getfixturevalue("postgres_address")
    emptied(address)
    shared = Shared(address, clock)
    yield shared
    shared.close()


def emptied(address: str) -> None:
    with psycopg.connect(address) as open:
        open.execute("DROP TABLE IF EXISTS log_in_session, log_in_wrong, log_in_shape")


def stored(address: str) -> str:
    """Return all that the database holds of log-ins."""
    with psycopg.connect(address) as open:
        rows = [open.execute(f"SELECT * FROM {table}").fetchall() for table in ("log_in_session", "log_in_wrong")]
    return str(rows)
