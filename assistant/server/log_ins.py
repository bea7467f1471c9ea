"""Where log-ins are kept: in the memory of one server, or in PostgreSQL, where several servers share them.

In: sessions by the digest of their cookie (`assistant.server.sessions`), and who typed a wrong password. Out: the
sessions with their age, and whether somebody guesses. Nothing that is kept can be used to log in.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from assistant.server.kept import Line, Tables
from assistant.server.limits import LOG_INS, MINUTE, Limit

IDLE = 12 * 3600.0
"""Seconds after which a log-in that was not used has ended."""
LONGEST = 7 * 24 * 3600.0
"""Seconds after which any log-in has ended."""
_MOST = 10_000
"""Sessions; of more, the oldest end."""
_ALL = 10
"""So many times the wrong passwords for one name may come from one address for all names together."""


class Found(NamedTuple):
    """A session: whose it is, its seal, and the seconds since it began and since its use was noted last."""

    name: str
    seal: str
    age: float
    idle: float


class LogIns(Protocol):
    """Sessions and wrong passwords; thread-safe. Each method but `close` raises Unkept if they cannot be reached."""

    def add(self, digest: str, name: str, seal: str) -> None:
        """Keep a session that begins."""

    def find(self, digest: str) -> Found | None:
        """Return a session, maybe one that has ended."""

    def renew(self, digest: str) -> None:
        """Note that a session is used, if it is still there."""

    def remove(self, digest: str) -> None:
        """End a session, if it is there."""

    def count_wrong(self, address: str, name: str) -> None:
        """Count a wrong password that came from an address."""

    def guessing(self, address: str, name: str) -> bool:
        """Tell whether too many wrong ones came from an address, for this name or for all, within a minute."""

    def check(self) -> None:
        """Do nothing, if log-ins can be reached."""

    def close(self) -> None:
        """Let go of what is open."""


class InMemory:
    """Log-ins of this process; who starts it anew asks everybody to log in again."""

    def __init__(self, now: Callable[[], float] = time.monotonic, most: int = LOG_INS) -> None:
        """Know nobody yet."""
        self._now, self._lock = now, threading.Lock()
        self._known: dict[str, tuple[str, str, float, float]] = {}
        self._wrong, self._all_wrong = Limit(most, now), Limit(_ALL * most, now)

    def add(self, digest: str, name: str, seal: str) -> None:
        """Keep a session that begins."""
        now = self._now()
        with self._lock:
            self._known[digest] = name, seal, now, now
            for old in list(self._known)[:-_MOST]:
                del self._known[old]

    def find(self, digest: str) -> Found | None:
        """Return a session, maybe one that has ended."""
        now = self._now()
        with self._lock:
            if (kept := self._known.get(digest)) is None:
                return None
            name, seal, began, used = kept
            return Found(name, seal, now - began, now - used)

    def renew(self, digest: str) -> None:
        """Note that a session is used, if it is still there."""
        with self._lock:
            if kept := self._known.get(digest):
                self._known[digest] = *kept[:3], self._now()

    def remove(self, digest: str) -> None:
        """End a session, if it is there."""
        with self._lock:
            self._known.pop(digest, None)

    def count_wrong(self, address: str, name: str) -> None:
        """Count a wrong password that came from an address."""
        self._wrong.count(f"{address} {name}")
        self._all_wrong.count(address)

    def guessing(self, address: str, name: str) -> bool:
        """Tell whether too many wrong ones came from an address, for this name or for all, within a minute."""
        return self._wrong.reached(f"{address} {name}") or self._all_wrong.reached(address)

    def check(self) -> None:
        """Do nothing: memory is there."""

    def close(self) -> None:
        """Do nothing: nothing is open."""


_SQL = """
CREATE TABLE log_in_session (
    digest TEXT PRIMARY KEY, name TEXT NOT NULL, seal TEXT NOT NULL,
    began DOUBLE PRECISION NOT NULL, used DOUBLE PRECISION NOT NULL
);
CREATE TABLE log_in_wrong (address TEXT NOT NULL, name TEXT NOT NULL, at DOUBLE PRECISION NOT NULL);
CREATE INDEX log_in_wrong_address ON log_in_wrong (address, at)
"""
_TABLES = Tables("log-ins", "log_in_shape", version=1, sql=_SQL)
# The clock is the database's, so that those of the servers need not agree.
_NOW = "COALESCE(%(now)s::float8, EXTRACT(EPOCH FROM statement_timestamp())::float8)"
_ADD = f"""WITH now AS (SELECT {_NOW} AS at), ended AS (
    DELETE FROM log_in_session WHERE used < (SELECT at FROM now) - {IDLE} OR began < (SELECT at FROM now) - {LONGEST}
    OR digest IN (SELECT digest FROM log_in_session ORDER BY began DESC OFFSET {_MOST - 1})
) INSERT INTO log_in_session SELECT %(digest)s, %(name)s, %(seal)s, at, at FROM now"""
_FIND = f"""SELECT name, seal, {_NOW} - began, {_NOW} - used FROM log_in_session WHERE digest = %(digest)s"""
_COUNT = f"""WITH now AS (SELECT {_NOW} AS at), past AS (
    DELETE FROM log_in_wrong WHERE at < (SELECT at FROM now) - {MINUTE}
) INSERT INTO log_in_wrong SELECT %(address)s, %(name)s, at FROM now"""
_GUESSING = f"""SELECT count(*) FILTER (WHERE name = %(name)s) >= {LOG_INS} OR count(*) >= {_ALL * LOG_INS}
FROM log_in_wrong WHERE address = %(address)s AND at >= {_NOW} - {MINUTE}"""


class Shared:
    """Log-ins in PostgreSQL; they outlive the servers that share them."""

    def __init__(self, address: str, now: Callable[[], float | None] = lambda: None) -> None:
        """Open nothing yet; `now` stands in for the database's clock."""
        self._line, self._now = Line(address, _TABLES), now

    def add(self, digest: str, name: str, seal: str) -> None:
        """Keep a session that begins; those that have ended leave."""
        # PostgreSQL has no NUL in texts.
        self._line.ask(_ADD, digest=digest, name=name.replace("\0", ""), seal=seal, now=self._now())

    def find(self, digest: str) -> Found | None:
        """Return a session, maybe one that has ended."""
        rows = self._line.ask(_FIND, digest=digest, now=self._now())
        return Found(*rows[0]) if rows else None

    def renew(self, digest: str) -> None:
        """Note that a session is used, if it is still there."""
        self._line.ask(
            f"UPDATE log_in_session SET used = {_NOW} WHERE digest = %(digest)s", digest=digest, now=self._now()
        )

    def remove(self, digest: str) -> None:
        """End a session, if it is there."""
        self._line.ask("DELETE FROM log_in_session WHERE digest = %(digest)s", digest=digest)

    def count_wrong(self, address: str, name: str) -> None:
        """Count a wrong password that came from an address; those before the last minute leave."""
        self._line.ask(_COUNT, address=address, name=_digest(name), now=self._now())

    def guessing(self, address: str, name: str) -> bool:
        """Tell whether too many wrong ones came from an address, for this name or for all, within a minute."""
        return bool(self._line.ask(_GUESSING, address=address, name=_digest(name), now=self._now())[0][0])

    def check(self) -> None:
        """Ask for nothing, to see whether there is an answer."""
        self._line.ask("SELECT 1 FROM log_in_session LIMIT 0")

    def close(self) -> None:
        """Close the connection."""
        self._line.close()


def _digest(name: str) -> str:
    """Return what stands for a name, in whose place people type their password now and then."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
