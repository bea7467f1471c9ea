"""A job: one piece of work for the assistant, done in one thread and read from another.

In: a function that yields values. Out: these values, one after the other, in the reader's thread. A slow reader misses
early values but never the last one, so that memory stays bounded. It does not know the queue.
"""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")
_KEPT = 32
"""Values that are kept for a reader; later values of a growing answer include the earlier ones."""


class Job(Generic[Value]):
    """Work to be done once, by one thread, and read by another; every method may be called from any thread."""

    def __init__(self, work: Callable[[], Iterator[Value]], tell: Callable[[], None] = lambda: None) -> None:
        """Take the work; `tell` is called after each value and at the end, in the thread that does the work."""
        self._work, self._tell = work, tell
        self._changed = threading.Condition()
        self._values: deque[Value] = deque(maxlen=_KEPT)
        self._error: Exception | None = None
        self._over = False
        self._unwanted = False

    @property
    def unwanted(self) -> bool:
        """Tell whether its reader has left."""
        return self._unwanted

    def leave(self) -> None:
        """Leave the job: it is not started, or it ends at its next value."""
        self._unwanted = True
        self.end()

    def end(self, error: Exception | None = None) -> None:
        """End the job, with an error if there is one; later calls have no effect."""
        with self._changed:
            if self._over:
                return
            self._over, self._error = True, error
            self._changed.notify_all()
        self._tell()

    def run(self) -> None:
        """Do the work until it is finished or its reader has left; never raises."""
        if self._over:
            return
        try:
            with closing(_generator(self._work)) as values:
                for value in values:
                    if self._over:
                        return
                    with self._changed:
                        self._values.append(value)
                        self._changed.notify_all()
                    self._tell()
            self.end()
        except Exception as error:  # the reader gets it, not the queue
            self.end(error)

    def take(self) -> tuple[list[Value], bool]:
        """Return the values since the last call, and whether the job is over; raise the error that ended it."""
        with self._changed:
            values, over, error = list(self._values), self._over, self._error
            self._values.clear()
        if error is None:
            return values, over
        if not values:
            raise error
        return values, False  # the error comes after the values before it

    def wait(self, seconds: float) -> None:
        """Wait until there is something to take, at most this many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._values or self._over, seconds)


def _generator(work: Callable[[], Iterator[Value]]) -> Generator[Value, Any, None]:
    yield from work()
