"""What the tests of log-ins share: a clock, and each place where log-ins are kept in turn."""

from collections.abc import Iterator

import pytest
from log_in_parts import Clock, kept

from assistant.server.log_ins import LogIns


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "database"])
def log_ins(request: pytest.FixtureRequest, clock: Clock) -> Iterator[LogIns]:
    with kept(request.param, request, clock) as found:
        yield found
