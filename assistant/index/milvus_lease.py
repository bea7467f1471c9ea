"""The lease of the one writer to an index in Milvus, which has no locks: a row that a living writer renews.

In: a connection and the collection of the head. Out: the lease, held as long as a block runs; or IndexUnusable, if
another process holds it. The clocks of machines that write must agree within half a minute.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from assistant.errors import IndexUnusable
from assistant.index.milvus_client import Milvus
from assistant.index.milvus_head import head_row

LEASE = 60.0
"""Seconds after which a writer that was not heard of counts as killed."""


class Lease:
    """The right to write, as long as it is renewed."""

    def __init__(self, server: Milvus, heads: str, place: str) -> None:
        """Hold nothing yet."""
        self._server, self._heads, self._place = server, heads, place
        self._key, self._until = f"lease-{secrets.token_hex(8)}", 0.0

    def renew(self) -> None:
        """Hold the lease for `LEASE` seconds from now on."""
        until = time.time() + LEASE
        self._server.put(self._heads, [head_row(self._key, {"until": until})])
        self._until = until

    def check(self) -> None:
        """Raise IndexUnusable if the lease may have run out; asks only this machine's clock."""
        if time.time() > self._until:
            raise IndexUnusable(
                f"this run stood still for {LEASE:.0f} s, and may have lost the index at {self._place}; run it again"
            )

    def confirm(self) -> None:
        """Raise IndexUnusable if another process has taken over the index; asks the server."""
        self.check()
        leases = self._leases()
        if self._key not in leases or any(until > time.time() for key, until in leases.items() if key != self._key):
            raise IndexUnusable(f"another process has taken over the index at {self._place}; run this again")

    def take(self) -> list[str]:
        """Take the lease; return those of writers that were killed. Raise IndexUnusable if another process holds it.

        Each writer first writes its lease and then looks for others, so of two at once at least one sees the other.
        """
        self.renew()
        others = {key: until for key, until in self._leases().items() if key != self._key}
        if any(until > time.time() for until in others.values()):
            self.drop([self._key])
            raise IndexUnusable(
                f"another process is indexing into {self._place}; wait for it, or use another store_name"
            )
        return list(others)

    def drop(self, keys: list[str] | None = None) -> None:
        """Delete this lease, or those with some keys."""
        self._server.delete(self._heads, f"pk in {json.dumps(keys or [self._key])}")

    def _leases(self) -> dict[str, float]:
        rows = self._server.read(self._heads, 'pk like "lease-%"', ["pk", "content"], fresh=True)
        return {row["pk"]: row["content"]["until"] for row in rows}


@contextmanager
def leased(server: Milvus, heads: str, place: str, undo: Callable[[], None]) -> Iterator[Lease]:
    """Hold the lease while the block runs; `undo` deletes what it, or a killed writer before, did not finish."""
    lease, over = Lease(server, heads, place), threading.Event()
    killed = lease.take()

    def renewing() -> None:
        while not over.wait(LEASE / 4):
            with suppress(IndexUnusable):  # if the server stays away, the lease runs out, and the next write says so
                lease.check()
                lease.renew()

    renewal = threading.Thread(target=renewing, daemon=True)
    renewal.start()
    try:
        if killed:
            undo()
            lease.drop(killed)
        try:
            yield lease
        except BaseException:
            with suppress(IndexUnusable):  # the error that is raised says more; the next writer undoes it
                lease.confirm()
                undo()
                lease.drop()
            raise
        lease.drop()
    finally:
        over.set()
        renewal.join()
