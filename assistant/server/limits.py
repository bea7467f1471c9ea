"""Bounds how much one person asks of a server that many share.

In: who asks. Out: whether it may be now. Times are counted over the last minute.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

MINUTE = 60.0
QUESTIONS, LOG_INS = 60, 10
"""A minute: what one person asks through all doors together, and wrong passwords from one address."""
_MOST = 10_000


class Limit:
    """So many events a minute for each name; thread-safe."""

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        """Count nothing yet."""
        self._most, self._now, self._lock = most, now, threading.Lock()
        self._times: dict[str, deque[float]] = {}

    def count(self, name: str) -> bool:
        """Count an event, and tell whether it is within the bound."""
        with self._lock:
            times = self._recent(name)
            times.append(self._now())
            return len(times) <= self._most

    def reached(self, name: str) -> bool:
        """Tell whether the bound is reached already."""
        with self._lock:
            return len(self._recent(name)) >= self._most

    def _recent(self, name: str) -> deque[float]:
        if len(self._times) > _MOST:
            self._times.clear()
        times, oldest = self._times.setdefault(name, deque(maxlen=self._most + 1)), self._now() - MINUTE
        while times and times[0] < oldest:
            times.popleft()
        return times
