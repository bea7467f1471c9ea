"""Talks to a Milvus server: one place for its client, its limits of time, and what its failures mean to a user.

In: settings, collection names, filters and rows. Out: rows; or IndexUnusable, in one line. Knows nothing of notes.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.config import Settings
from assistant.errors import IndexUnusable, SettingsError
from assistant.index.keywords import term_key

if TYPE_CHECKING:
    from pymilvus import CollectionSchema, IndexParams

Row = dict[str, Any]
Answer = TypeVar("Answer")
TIMEOUT = 10.0
"""Seconds that a call may take; without it the client tries for minutes to reach a server that is away."""
PATIENCE = 3.0
"""Seconds for which a server that is away is called again: one that was restarted is not found at once."""
MOST = 16_384
"""Hits of one search: the server's own limit."""
_AWAY = re.compile("connecting|unavailable", re.IGNORECASE)
_GRPC = {
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.min_reconnect_backoff_ms": 200,
    "grpc.max_reconnect_backoff_ms": 1_000,
    "grpc.keepalive_time_ms": 60_000,
}
"""A server that was restarted is found within a second; the client asks after it more seldom than servers allow."""
_NOT_FOUND = 100
"""The server's code for a collection that is not there."""
_IDLE = re.compile("released|not loaded")
_AT_ONCE = 1_000
"""Rows in one message, so that it stays far below the server's 64 MB."""


def is_absent(error: IndexUnusable) -> bool:
    """Tell whether the reason is that there is no collection of the name that was asked for."""
    return getattr(error.__cause__, "code", None) == _NOT_FOUND


class Milvus:
    """A connection to the server that the settings name; thread-safe."""

    def __init__(self, settings: Settings) -> None:
        """Connect; raise IndexUnusable if the server is away or refuses the log-in, SettingsError without a client."""
        try:
            from pymilvus import MilvusClient
        except ImportError as error:
            raise SettingsError(
                "store 'milvus' needs the package pymilvus, found none; run: pip install 'notes-assistant[milvus]'"
            ) from error

        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs a traceback for each error that it raises
        self.address = settings.store_address
        options = {"token": settings.store_token, "server_pem_path": str(settings.store_ca or ""), "timeout": TIMEOUT}
        self._client = self._asked(lambda: MilvusClient(self.address, dedicated=True, grpc_options=_GRPC, **options))
        self.lite = "lite" in self._asked(self._version)

    def _version(self) -> str:
        import grpc

        try:
            return str(self._client.get_server_version(timeout=TIMEOUT))
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.UNIMPLEMENTED:
                return "lite"  # of before 3.0
            raise

    def _asked(self, call: Callable[[], Answer], name: str = "") -> Answer:
        """Call the client, a few times if the server is away; every call may be repeated. Raise IndexUnusable.

        A collection of this `name` that the server does not keep in memory since it was restarted is loaded again.
        """
        import grpc
        from pymilvus import MilvusException

        until = time.monotonic() + PATIENCE
        while True:
            try:
                return call()
            except (MilvusException, grpc.RpcError, grpc.FutureTimeoutError, ValueError) as error:
                reason = (str(getattr(error, "message", "") or error).splitlines() or [type(error).__name__])[0][:200]
                if time.monotonic() < until and (_AWAY.search(reason) or name and _IDLE.search(reason)):
                    time.sleep(0.5)
                    if _IDLE.search(reason):
                        self._asked(lambda: self._client.load_collection(name, timeout=TIMEOUT))
                    continue
                raise IndexUnusable(
                    f"the Milvus server at {self.address} did not answer as expected ({reason}); see that it runs and "
                    "that store_address and store_token are right"
                ) from error

    def collections(self) -> list[str]:
        """Return the names of the collections."""
        return list(self._asked(lambda: self._client.list_collections(timeout=TIMEOUT)))

    def create(self, name: str, schema: "CollectionSchema", indexes: "IndexParams") -> None:
        """Make a collection, and have the server keep it in memory for searches."""
        self._asked(lambda: self._client.create_collection(name, schema=schema, timeout=TIMEOUT))
        # There is nothing yet to wait for.
        self._asked(lambda: self._client.create_index(name, indexes, sync=False, timeout=TIMEOUT))
        self._asked(lambda: self._client.load_collection(name, timeout=TIMEOUT))

    def drop(self, name: str) -> None:
        """Delete a collection, if there is one of this name."""
        self._asked(lambda: self._client.drop_collection(name, timeout=TIMEOUT))

    def put(self, name: str, rows: Sequence[Row]) -> None:
        """Write rows; one with the key of another takes its place."""
        for at in range(0, len(rows), _AT_ONCE):
            self._asked(partial(self._client.upsert, name, rows[at : at + _AT_ONCE], timeout=TIMEOUT))

    def delete(self, name: str, filter: str) -> None:
        """Delete the rows that a filter names."""
        self._asked(lambda: self._client.delete(name, filter=filter, timeout=TIMEOUT), name)

    def flush(self, name: str) -> None:
        """Have the server index what was written; until then it compares row by row."""
        self._asked(lambda: self._client.flush(name, timeout=60 * TIMEOUT))

    def read(self, name: str, filter: str, fields: Sequence[str], *, fresh: bool = False) -> list[Row]:
        """Return a few rows; `fresh`: all that was written before the call is seen, which may take 0.2 s longer."""
        level = "Strong" if fresh else "Eventually"
        call = partial(self._client.query, name, filter=filter, output_fields=list(fields), timeout=TIMEOUT)
        return [dict(row) for row in self._asked(lambda: call(consistency_level=level), name)]

    def settle(self, names: Iterable[str]) -> None:
        """Wait until what was written to some collections is seen by whoever reads them later, all at once."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda name: self.read(name, 'pk == "none"', ["pk"], fresh=True), names))

    def read_all(self, name: str, filter: str, fields: Sequence[str]) -> Iterator[Row]:
        """Yield any number of rows, in the order of their keys."""
        call = partial(self._client.query_iterator, name, batch_size=_AT_ONCE, timeout=TIMEOUT)
        rows = self._asked(
            lambda: call(filter=filter, output_fields=list(fields), consistency_level="Eventually"), name
        )
        while batch := self._asked(rows.next):
            yield from map(dict, batch)
        rows.close()

    def among(
        self, name: str, field: str, texts: Sequence[str], filter: str, fields: Sequence[str], *, fresh: bool = False
    ) -> list[Row]:
        """Return the rows whose field holds the mark of one of the texts."""
        rows: list[Row] = []
        for at in range(0, len(texts), _AT_ONCE):
            rows += self.read(name, both(one_of(field, texts[at : at + _AT_ONCE]), filter), fields, fresh=fresh)
        return rows

    def search(
        self, name: str, field: str, vector: Any, k: int, filter: str, fields: Sequence[str]
    ) -> list[tuple[float, Row]]:
        """Return the `k` rows with the greatest inner product, best first."""
        if not k:
            return []
        [hits] = self._asked(
            lambda: self._client.search(
                name,
                data=[vector],
                anns_field=field,
                limit=min(k, MOST),
                filter=filter,
                output_fields=list(fields),
                search_params={"metric_type": "IP", "params": {"ef": max(4 * k, 200)} if field == "vector" else {}},
                consistency_level="Eventually",
                timeout=TIMEOUT,
            ),
            name,
        )
        return [(float(hit["distance"]), dict(hit["entity"])) for hit in hits]


def both(*filters: str) -> str:
    """Join filters that all must hold; an empty one always does."""
    return " and ".join(f"({one})" for one in filters if one)


def either(*filters: str) -> str:
    """Join filters of which one must hold."""
    return " or ".join(f"({one})" for one in filters)


def one_of(field: str, texts: Iterable[str]) -> str:
    """Return the filter that a field holds the mark of one of the texts."""
    return marked(field, map(mark, texts))


def marked(field: str, marks: Iterable[str]) -> str:
    """Return the filter that a field holds one of the marks."""
    return f"{field} in {json.dumps(list(marks))}"


def any_in(field: str, texts: Iterable[str]) -> str:
    """Return the filter that an array holds the mark of one of the texts."""
    return f"array_contains_any({field}, {json.dumps(list(map(mark, texts)))})"


def mark(text: str) -> str:
    """Return the digest that stands for a text in filters, so that no text can change what a filter means."""
    return f"{term_key(text):016x}"


def storable(text: str) -> str:
    """Return a text that the server takes: file names may hold bytes that are no text."""
    return text.encode("utf-8", "backslashreplace").decode()
