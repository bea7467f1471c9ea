"""Log-ins that end: who logged in on the page is known by a cookie, for a while.

In: a name, or what a browser sends. Out: a random value for the cookie, or the name. What is kept is a digest of that
value, and a seal: what the name logs in with, hashed with the value as the key. So whoever reads it can neither log in
nor try passwords on it, and a session ends when its password changes.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable

from assistant.server.log_ins import IDLE, LONGEST, LogIns

COOKIE = "notes_session"
RENEWED = 60.0
"""Seconds for which a use of a session is not noted again, so that not every request writes."""


class Sessions:
    """The log-ins that have not ended; thread-safe. Each method raises Unkept if they cannot be reached."""

    def __init__(self, log_ins: LogIns) -> None:
        """Take the place where they are kept."""
        self._log_ins = log_ins

    def begin(self, name: str, proof: str) -> str:
        """Return a new cookie's value for somebody who has logged in; it ends when the `proof` of the name changes."""
        value = secrets.token_urlsafe(32)
        self._log_ins.add(_digest(value), name, _seal(value, proof))
        return value

    def name(self, value: str, proof: Callable[[str], str]) -> str:
        """Return who a cookie belongs to; empty if it is none of ours, or has ended, or its name has no proof now."""
        digest = _digest(value)
        # To look up a digest tells nothing of the value by the time that it takes.
        found = self._log_ins.find(digest) if value else None
        if found is None or found.idle > IDLE or found.age > LONGEST:
            return ""
        proved = proof(found.name)
        if not proved or not secrets.compare_digest(found.seal, _seal(value, proved)):
            return ""
        if found.idle >= RENEWED:
            self._log_ins.renew(digest)
        return found.name

    def end(self, value: str) -> None:
        """Log somebody out."""
        self._log_ins.remove(_digest(value))


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()


def _seal(value: str, proof: str) -> str:
    return hmac.digest(value.encode("utf-8", "replace"), proof.encode("utf-8", "replace"), "sha256").hex()
