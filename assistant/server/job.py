"""One piece of work that waits for the assistant, and what has come of it so far.

In: a way to do the work. Out: its values, one after the other, to whoever asked for them, in whatever thread. A reader
who is slow misses early values and never the last one, so that nobody's slowness fills the memory. It does not know
the queue that it stands in.
"""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")
_KEPT = 32
"""Values that are kept for a reader; an answer's later values hold all that the earlier ones do."""


class Job(Generic[Value]):
    """Work to be done once, by one thread, and read by another; every method may be called from any thread."""

    def __init__(self, work: Callable[[], Iterator[Value]], tell: Callable[[], None] = lambda: None) -> None:
        """Take the work; `tell` is called after each value and after the end, by the thread that does the work."""
        self._work, self._tell = work, tell
        self._changed = threading.Condition()
        self._values: deque[Value] = deque(maxlen=_KEPT)
        self._error: Exception | None = None
        self._over = False
        self._unwanted = False

    @property
    def unwanted(self) -> bool:
        """Tell whether nobody waits for it any more."""
        return self._unwanted

    def leave(self) -> None:
        """Say that nobody waits for it any more: it is not begun, or ends at its next value."""
        self._unwanted = True
        self.end()

    def end(self, error: Exception | None = None) -> None:
        """Let the reader go on, with the error if there is one; what is said later counts no more."""
        with self._changed:
            if self._over:
                return
            self._over, self._error = True, error
            self._changed.notify_all()
        self._tell()

    def run(self) -> None:
        """Do the work, until its end or until nobody waits for it; never raises."""
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
        except Exception as error:  # it is the asker's, not the queue's
            self.end(error)

    def take(self) -> tuple[list[Value], bool]:
        """Return what came since the last call, and whether that was all; raise the error that ended it."""
        with self._changed:
            values, over, error = list(self._values), self._over, self._error
            self._values.clear()
        if error is None:
            return values, over
        if not values:
            raise error
        return values, False  # the error comes after what was said before it

    def wait(self, seconds: float) -> None:
        """Wait until there is something to take, for so long at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._values or self._over, seconds)


def _generator(work: Callable[[], Iterator[Value]]) -> Generator[Value, Any, None]:
    yield from work()
