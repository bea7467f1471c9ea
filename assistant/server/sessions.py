"""Log-ins that end: who logged in on the page is known by a cookie, for a while.

In: a name, or what a browser sends. Out: a random value for the cookie, or the name. Nothing is kept on disk: a server
that is started anew asks everybody to log in again.
"""

import secrets
import threading
import time
from collections.abc import Callable

COOKIE = "notes_session"
IDLE = 12 * 3600.0
"""Seconds after which a log-in that was not used has ended."""
LONGEST = 7 * 24 * 3600.0
"""Seconds after which any log-in has ended."""
_MOST = 10_000


class Sessions:
    """The log-ins that have not ended; thread-safe."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Know nobody yet."""
        self._now, self._lock = now, threading.Lock()
        self._known: dict[str, tuple[str, str, float, float]] = {}

    def begin(self, name: str, proof: str = "") -> str:
        """Return a new cookie's value for somebody who has logged in; it ends when the `proof` of the name changes."""
        value, now = secrets.token_urlsafe(32), self._now()
        with self._lock:
            self._known[value] = name, proof, now, now
            for old in list(self._known)[:-_MOST]:
                del self._known[old]
        return value

    def name(self, value: str, proof: Callable[[str], str] = lambda name: "") -> str:
        """Return who a cookie belongs to; empty if it is none of ours, or has ended."""
        now = self._now()
        with self._lock:
            name, proved, began, used = self._known.get(value, ("", "", 0.0, 0.0))
            if not name:
                return ""
            if now - used > IDLE or now - began > LONGEST or proof(name) != proved:
                del self._known[value]
                return ""
            self._known[value] = name, proved, began, now
            return name

    def end(self, value: str) -> None:
        """Log somebody out."""
        with self._lock:
            self._known.pop(value, None)
