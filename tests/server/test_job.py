"""One job: what its reader gets, whoever is slow, and how it ends."""

import threading
from collections.abc import Iterator

import pytest

from assistant.server.job import Job


def test_a_reader_gets_every_value_and_then_the_end() -> None:
    told: list[int] = []
    job = Job(lambda: iter([1, 2, 3]), lambda: told.append(1))
    assert job.take() == ([], False)
    job.run()
    assert job.take() == ([1, 2, 3], True) and job.take() == ([], True)
    assert len(told) == 4  # after each value and after the end


def test_who_reads_slowly_gets_the_last_values_and_fills_no_memory() -> None:
    job = Job(lambda: iter(range(100_000)))
    job.run()
    values, over = job.take()
    assert over and len(values) < 100 and values[-1] == 99_999


def test_an_error_comes_after_what_was_said_before_it() -> None:
    def work() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    job = Job(work)
    job.run()
    assert job.take() == ([1], False)
    with pytest.raises(ZeroDivisionError):
        job.take()


def test_what_nobody_waits_for_is_not_begun() -> None:
    begun: list[int] = []

    def work() -> Iterator[int]:
        begun.append(1)
        yield 1
        begun.append(2)

    job = Job(work)
    job.leave()
    job.run()
    assert job.take() == ([], True) and begun == []


def test_what_nobody_waits_for_any_more_ends_at_its_next_value_and_is_closed() -> None:
    closed, said, go_on = threading.Event(), threading.Event(), threading.Event()

    def work() -> Iterator[int]:
        try:
            for number in range(1000):
                said.set()
                assert go_on.wait(60)
                yield number
        finally:
            closed.set()

    job = Job(work)
    worker = threading.Thread(target=job.run)
    worker.start()
    assert said.wait(60)
    job.leave()
    go_on.set()
    worker.join(60)
    assert closed.is_set() and job.unwanted and job.take() == ([], True)


def test_a_reader_is_let_go_while_the_work_still_hangs() -> None:
    may_go, hangs = threading.Event(), threading.Event()

    def work() -> Iterator[int]:
        hangs.set()
        assert may_go.wait(60)
        yield 1

    job = Job(work)
    worker = threading.Thread(target=job.run)
    worker.start()
    assert hangs.wait(60)
    job.end(KeyError("over"))
    job.wait(60)
    with pytest.raises(KeyError):
        job.take()
    may_go.set()
    worker.join(60)
    with pytest.raises(KeyError):
        job.take()
