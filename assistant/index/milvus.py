"""The index in a Milvus server: the implementation of `assistant.index.store.Store` for `store = "milvus"`.

Milvus has no transactions over several rows. So every row carries the revision that wrote it, readers trust one row
(`milvus_rows.Head`) that names the revisions to see, and a change becomes visible by replacing that row. What a killed
writer left behind is never seen, and the next writer deletes it. One process writes at a time; it holds a lease.
"""

import json
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property

from assistant.answer import Passage, Vectors
from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import manifest
from assistant.index.milvus_client import Milvus, Row, mark, storable
from assistant.index.milvus_rows import (
    NOTES,
    PASSAGES,
    SCHEMA,
    WORDS,
    Head,
    content_of,
    head_row,
    head_schema,
    note_row,
    passage_rows,
    schemas,
    word,
    words_of,
)
from assistant.index.milvus_snapshot import GRACE, MilvusSnapshot, counted
from assistant.index.store import IndexedNote

LEASE = 60.0
"""Seconds after which a writer that was not heard of counts as killed."""
_AT_ONCE = 500
"""Passages that are written between two states that readers see: the most work that a killed run loses."""
Filed = tuple[IndexedNote, Sequence[Passage], Vectors]


class MilvusStore:
    """The index in the server that the settings name; thread-safe."""

    def __init__(self, settings: Settings) -> None:
        """Connect to nothing yet."""
        self._settings, self._lock, self._one_writer = settings, threading.Lock(), threading.Lock()
        self._latest: MilvusSnapshot | None = None
        self._lease = ""

    @cached_property
    def _server(self) -> Milvus:
        return Milvus(self._settings)

    @property
    def _heads(self) -> str:
        return f"{self._settings.store_name}_head"

    def snapshot(self) -> MilvusSnapshot:
        """Return the current state; raise IndexUnusable if it is missing, or does not fit the settings."""
        with self._lock:
            head = self._head()
            if head is None:
                raise IndexUnusable(f"no index at {self._place}; make one with: assistant index [FOLDER]")
            if self._latest is None or self._latest.version != head.version:
                manifest.check(head.fingerprint, self._settings)
                self._latest = MilvusSnapshot(self._server, self._settings.store_name, head, self._latest)
            return self._latest

    def replace(self, note: IndexedNote, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Replace a note's passages and their vectors, shape (passages, dimension)."""
        with self._one_writer, self._writing() as head:
            if not head.set:
                self._fill(head, [(note, passages, vectors)])
            else:
                self._change(head, [note.source], [(note, passages, vectors)])

    def remove(self, source: str) -> None:
        """Delete a note."""
        with self._one_writer, self._writing() as head:
            if head.set:
                self._change(head, [source], [])

    def fill(self, notes: Iterable[Filed]) -> None:
        """Replace all notes by these, each with its passages and their vectors; readers see them all at once."""
        with self._one_writer, self._writing() as head:
            self._fill(head, notes)

    @property
    def _place(self) -> str:
        return f"{self._settings.store_address} ({self._settings.store_name})"

    def _head(self) -> Head | None:
        if self._heads not in self._server.collections():
            return None
        rows = self._server.read(self._heads, 'pk == "head"', ["content"], fresh=True)
        if not rows:
            return None
        head = Head.of(rows[0]["content"])
        if head.schema != SCHEMA:
            raise IndexUnusable(
                f"the index at {self._place} has schema {head.schema}, this version of the program has {SCHEMA}; use "
                "that version, or another store_name"
            )
        return head

    @contextmanager
    def _writing(self) -> Iterator[Head]:
        """Hold the lease, and give the state to start from; raise IndexUnusable if another process holds it.

        Each writer first writes its lease and then looks for others, so of two at once at least one sees the other.
        """
        if self._heads not in self._server.collections():
            self._server.create(self._heads, *head_schema())
        left, self._lease = self._lease, f"lease-{secrets.token_hex(8)}"
        self._renew_lease()
        rows = self._server.read(self._heads, 'pk like "lease-%"', ["pk", "content"], fresh=True)
        others = {row["pk"]: row["content"]["until"] for row in rows if row["pk"] != self._lease}
        if left in others:  # of this process, which could not reach the server to give it back
            others[left] = 0.0
        if any(until > time.time() for until in others.values()):
            self._drop_leases([self._lease])
            raise IndexUnusable(
                f"another process is indexing into {self._place}; wait for it, or use another store_name"
            )
        head = self._head() or Head()
        if others:  # their writers were killed
            self._undo(head)
            self._drop_leases(list(others))
        try:
            yield head
        except BaseException:
            with suppress(IndexUnusable):  # the server is away: the next writer undoes it
                self._undo(self._head() or Head())
                self._drop_leases([self._lease])
            raise
        self._drop_leases([self._lease])

    def _renew_lease(self) -> None:
        self._server.put(self._heads, [head_row(self._lease, {"until": time.time() + LEASE})])

    def _drop_leases(self, keys: Sequence[str]) -> None:
        self._server.delete(self._heads, f"pk in {json.dumps(keys)}")

    def _undo(self, head: Head) -> None:
        """Delete what no reader sees because its writer did not finish."""
        of_a_set = re.compile(rf"{re.escape(self._settings.store_name)}_([0-9a-f]{{8}})_({PASSAGES}|{NOTES}|{WORDS})")
        for name in self._server.collections():
            if (match := of_a_set.fullmatch(name)) and match[1] != head.set:
                self._server.drop(name)
        if head.set:
            later = f"revision > {head.generation}"
            for kind in (PASSAGES, NOTES):
                self._server.delete(self._name(head, kind), later)
            words = self._name(head, WORDS)
            rows = list(self._server.read_all(words, later, _WORD))
            self._server.put(words, [_word(row, row["before"], row["before"], head.generation) for row in rows])

    def _name(self, head: Head, kind: str) -> str:
        return f"{self._settings.store_name}_{head.set}_{kind}"

    def _fill(self, before: Head, notes: Iterable[Filed]) -> None:
        head = Head(set=secrets.token_hex(4))
        made = False
        for batch in _batches(notes):
            if not made:
                made = True
                dimension = next((rows.shape[1] for _, _, rows in batch if len(rows)), 2)
                head = replace(head, totals={"dimension": dimension})
                for kind, schema in schemas(dimension, self._server.lite).items():
                    self._server.create(self._name(head, kind), *schema)
            head = self._written(head, [], batch)
        if made:
            for kind in (PASSAGES, NOTES, WORDS):
                self._server.flush(self._name(head, kind))
            self._commit(head)
        for kind in (PASSAGES, NOTES, WORDS) if made and before.set else ():
            self._server.drop(self._name(before, kind))

    def _change(self, head: Head, gone: Sequence[str], notes: Sequence[Filed]) -> None:
        self._commit(self._written(self._purged(head), gone, notes))

    def _written(self, head: Head, gone: Sequence[str], notes: Sequence[Filed]) -> Head:
        """Write notes, each with a revision of its own, and return the state that shows them, without those `gone`."""
        self._renew_lease()
        dead, passages = self._of(head, gone)
        content = [passage for _, some, _ in notes for passage in some]
        totals = Counter(head.totals)
        totals.subtract(_totals(dead.values(), passages, head.totals["dimension"]))
        totals.update(_totals([note for note, _, _ in notes], content, head.totals["dimension"]))
        mean = totals["terms"] / totals["passages"] if totals["passages"] else 0.0
        generation = head.generation + max(len(notes), 1)
        revisions = range(head.generation + 1, head.generation + 1 + len(notes))
        rows = [
            row
            for revision, (note, some, vectors) in zip(revisions, notes, strict=True)
            for row in passage_rows(note, some, vectors, revision, mean)
        ]
        self._server.put(self._name(head, PASSAGES), rows)
        described = (replace(note, passages=len(some)) for note, some, _ in notes)
        self._server.put(self._name(head, NOTES), [note_row(*pair) for pair in zip(described, revisions, strict=True)])
        self._count(head, generation, Counter(words_of(content)), Counter(words_of(passages)))
        return replace(
            head,
            generation=generation,
            dead={**head.dead, **{str(revision): time.time() for revision in dead}},
            totals=dict(totals),
            least=min(filter(None, (head.least, mean)), default=0.0),
        )

    def _of(self, head: Head, sources: Sequence[str]) -> tuple[dict[int, IndexedNote], list[Passage]]:
        """Return what readers see of some notes: the notes by revision, and their passages."""
        if not sources:
            return {}, []
        before = MilvusSnapshot(self._server, self._settings.store_name, head)
        return before.notes_of(sources), [passage for source in sources for passage in before.of(source)]

    def _count(
        self, head: Head, generation: int, more: Counter[tuple[str, str]], less: Counter[tuple[str, str]]
    ) -> None:
        """Change the counts of words; until the state is committed, readers take the counts before."""
        more.subtract(less)
        changes = {word(*pair): (pair, number) for pair, number in more.items() if number}
        name = self._name(head, WORDS)
        known = {row["pk"]: row for row in self._server.among(name, "pk", list(changes), "", _WORD, fresh=True)}
        rows: list[Row] = []
        for key, ((under, term), number) in changes.items():
            row = known.get(mark(key)) or {"pk": mark(key), "key": mark(under), "term": storable(term)}
            before = counted(row, head.generation) if "count" in row else 0
            rows.append(_word(row, before + number, before, generation))
        self._server.put(name, rows)

    def _commit(self, head: Head) -> None:
        """Let readers see a state."""
        embedding = self._settings.embedding or head.fingerprint.get("embedding", "")
        fingerprint = manifest.fingerprint(replace(self._settings, embedding=embedding))
        version, now = secrets.token_hex(8), time.strftime("%Y-%m-%dT%H:%M:%S%z")
        self._server.put(self._heads, [replace(head, version=version, updated=now, fingerprint=fingerprint).row()])

    def _purged(self, head: Head) -> Head:
        """Delete the rows that were replaced so long ago that no reader asks for them."""
        old = [revision for revision, since in head.dead.items() if time.time() - since > GRACE]
        if old:
            for kind in (PASSAGES, NOTES):
                self._server.delete(self._name(head, kind), f"revision in [{', '.join(old)}]")
        return replace(head, dead={revision: since for revision, since in head.dead.items() if revision not in old})


_WORD = ("pk", "key", "term", "revision", "count", "before")


def _word(row: Row, count: int, before: int, revision: int) -> Row:
    return {**row, "count": count, "before": before, "revision": revision, "vector": [0.0, 0.0]}


def _totals(notes: Iterable[IndexedNote], passages: Sequence[Passage], dimension: int) -> Counter[str]:
    """Return what some notes add to the totals of an index."""
    totals = Counter(passage.language.value for passage in passages)
    totals["notes"] = len(list(notes))
    totals["passages"] = len(passages)
    totals["terms"] = sum(len(passage.terms) for passage in passages)
    totals["bytes"] = sum(len(content_of(passage, ())) + 4 * dimension for passage in passages)
    return totals


def _batches(notes: Iterable[Filed]) -> Iterator[list[Filed]]:
    """Group notes into batches of about `_AT_ONCE` passages."""
    batch: list[Filed] = []
    size = 0
    for note in notes:
        batch.append(note)
        size += len(note[1])
        if size >= _AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
