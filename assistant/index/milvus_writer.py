"""Writes to an index in Milvus: the implementation of `assistant.index.store.Writer` for it.

Every row carries the revision that wrote it, and readers trust one row (`milvus_head.Head`) that names the revisions to
see. So a change is written first, and becomes visible by replacing that row. What another model makes goes into a new
set of collections, which readers see when the run ends; vectors that are anywhere in the index are never made again.
"""

import json
import secrets
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cached_property
from itertools import count
from typing import Any

from assistant.answer import Passage, Vectors
from assistant.errors import IndexUnusable
from assistant.index.database import key_of
from assistant.index.manifest import file_of
from assistant.index.milvus_client import Milvus, Row, both, one_of
from assistant.index.milvus_head import GRACE, MOST_DEAD, Head, head_row
from assistant.index.milvus_lease import Lease
from assistant.index.milvus_rows import (
    CONTENT,
    Kept,
    facets,
    note_row,
    passage_of,
    passage_rows,
    totals_of,
    vector_mark,
)
from assistant.index.milvus_schema import NOTES, PASSAGES, WORDS, heads, schemas, set_of
from assistant.index.milvus_snapshot import MilvusSnapshot
from assistant.index.milvus_words import changed_counts, restored_counts
from assistant.index.passages import embedded_text
from assistant.index.steps import in_steps
from assistant.index.store import Change, Filed, IndexedNote, Known, UnreadNote

AT_ONCE = 2_000
"""Passages, about 10 MB, that one change holds."""


def undo(server: Milvus, name: str, head: Head) -> None:
    """Delete what no reader sees because its writer did not finish; whole sets stay, for their vectors."""
    if head.set:
        for kind in (PASSAGES, NOTES):
            server.delete(head.place(name, kind), head.later)
        words = head.place(name, WORDS)
        server.put(words, restored_counts(server, words, head))


class MilvusWriter:
    """Writes to the index of a name, while it holds the lease."""

    def __init__(self, server: Milvus, name: str, head: Head, lease: Lease) -> None:
        """Begin with the state that readers see."""
        self._server, self._name, self._lease = server, name, lease
        self._shown = self._head = head
        self._before = MilvusSnapshot(server, name, head)
        self._fresh: dict[bytes, Vectors] = {}
        self._written = 0

    @cached_property
    def _notes(self) -> dict[str, Kept]:
        return {kept.note.source: kept for kept in self._before.kept.values()}

    def at_once(self, fingerprint: Mapping[str, Any]) -> int:
        """Return how many passages one change should hold."""
        return AT_ONCE

    def known(self) -> Known:
        """Return what the index knows of files."""
        notes = {file_of(kept.note).path: kept.note for kept in self._notes.values()}
        return Known(notes, {source: kept.stamp for source, kept in self._notes.items()}, self._before.unread)

    def made(self) -> dict[str, Any]:
        """Return the fingerprint of the index; empty for a new one."""
        return dict(self._head.fingerprint)

    def passages_of(self, source: str) -> list[Passage]:
        """Return a note's passages in the note's order."""
        return self._before.of(source)

    def without(self, passages: Iterable[tuple[bytes, Passage]]) -> set[bytes]:
        """Return the keys that have no vector in any set."""
        keys = {key for key, _ in passages}
        return keys - self._stored(keys, "key").keys()

    def put_vectors(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Keep vectors for the next change."""
        self._fresh.update(zip(keys, vectors, strict=True))

    def count(self) -> int:
        """Return the number of passages."""
        return self._head.totals.get("passages", 0)

    def change(self, change: Change) -> None:
        """Write a change, and let readers see it: at once, or when the run ends if it goes into a new set.

        More notes that go or that moved than one step holds are several steps.
        """
        moved = {note.source: (note, stamp) for note, stamp in change.touched if self._is_asked_otherwise(note)}
        self._touch([pair for pair in change.touched if pair[0].source not in moved])
        fingerprint = change.fingerprint or self._head.fingerprint
        for some in in_steps(moved.values(), lambda pair: pair[0].passages, AT_ONCE):
            self._step(fingerprint, [note.source for note, _ in some], [self._refiled(*pair) for pair in some])
        if change.fingerprint is None:
            return
        new = {filed.note.source for filed in change.added}
        removed = sorted({*change.gone} - new)
        while len(removed) > MOST_DEAD:
            self._step(fingerprint, removed[:MOST_DEAD], ())
            del removed[:MOST_DEAD]
        self._step(fingerprint, [*removed, *new], change.added, change.unread)
        self._fresh.clear()

    def tidy(self) -> None:
        """Let readers see a new set; delete what was replaced so long ago that no reader asks for it."""
        if self._written > AT_ONCE and self._head.set:
            self._server.flush(self._head.place(self._name, PASSAGES))
        head = self._purged(self._head)
        old = {**self._shown.old, self._shown.set: time.time()} if head.set != self._shown.set else self._shown.old
        head = replace(head, old={set: since for set, since in old.items() if set and time.time() - since <= GRACE})
        if head != self._shown:
            self._head = head
            self._show()
        for name in self._server.collections():
            if (set := set_of(self._name, name)) and set != head.set and set not in head.old:
                self._lease.check()
                self._server.drop(name)

    def _step(
        self,
        fingerprint: Mapping[str, Any],
        gone: Sequence[str],
        added: Sequence[Filed],
        unread: Sequence[UnreadNote] | None = None,
    ) -> None:
        vectors = self._vectors(added)
        head = self._changed(self._begun(fingerprint, vectors), gone, added, vectors)
        if unread is not None:
            head = replace(head, unread=self._listed(unread))
        if len(head.gone) > MOST_DEAD:
            head = self._purged(head)
        self._head = replace(head, version=secrets.token_hex(8), updated=time.strftime("%Y-%m-%dT%H:%M:%S%z"))
        if self._head.set == self._shown.set or not self._shown.set:
            self._show()

    def _show(self) -> None:
        """Let readers see the state."""
        self._lease.confirm()
        self._server.put(heads(self._name), [self._head.row()])
        self._shown = self._head

    def _put(self, name: str, rows: Sequence[Row]) -> None:
        self._lease.check()
        self._server.put(name, rows)

    def _vectors(self, added: Sequence[Filed]) -> dict[bytes, Vectors]:
        """Return the vectors of all passages: those that were put, and those that are in the index."""
        keys = {key for filed in added for key in filed.keys}
        vectors = {key: self._fresh[key] for key in keys if key in self._fresh}
        vectors |= self._stored(keys - vectors.keys(), "vector")
        if len(vectors) < len(keys):
            raise IndexUnusable(f"the index {self._name} lost vectors that it had when this run began; run it again")
        return vectors

    def _stored(self, keys: Collection[bytes], field: str) -> dict[bytes, Any]:
        """Return a field of a row for each key that is in any set, also in those that killed runs left."""
        marks = {vector_mark(key): key for key in keys}
        found: dict[bytes, Any] = {}
        for name in self._server.collections() if keys else ():
            if set_of(self._name, name) and name.endswith(PASSAGES) and len(found) < len(keys):
                with suppress(IndexUnusable):  # a killed run may have left a set without its indexes
                    lacking = [key.hex() for key in marks.values() if key not in found]
                    rows = self._server.among(name, "key", lacking, "", ["key", field])
                    found |= {marks[row["key"]]: row[field] for row in rows}
        return found

    def _is_asked_otherwise(self, note: IndexedNote) -> bool:
        """Tell whether a scope asks something of a note that changed, so that its passages must be written again."""
        kept = self._notes.get(note.source)
        return kept is not None and facets(kept.note) != facets(note)

    def _refiled(self, note: IndexedNote, stamp: str) -> Filed:
        passages, weights = self.passages_of(note.source), str(self._head.fingerprint["weights"])
        return Filed(note, passages, [key_of(weights, embedded_text(passage)) for passage in passages], stamp)

    def _touch(self, touched: Sequence[tuple[IndexedNote, str]]) -> None:
        """Write what is known of files into the rows that readers see; no search depends on it."""
        there = self._notes
        now = [Kept(there[note.source].revision, note, stamp) for note, stamp in touched if note.source in there]
        if now:
            self._put(self._head.place(self._name, NOTES), [note_row(kept) for kept in now])
            there.update({kept.note.source: kept for kept in now})

    def _begun(self, fingerprint: Mapping[str, Any], vectors: Mapping[bytes, Vectors]) -> Head:
        """Return the state to go on from: the present one, or an empty one with a new set."""
        same = self._head.fingerprint == fingerprint
        if same and (self._head.set or not vectors):
            return self._head
        head = Head(fingerprint=fingerprint, unread=self._head.unread, old=self._head.old)
        if not same:
            self._notes = {}
        if vectors:
            dimension = len(next(iter(vectors.values())))
            head = replace(head, set=secrets.token_hex(4), totals={"dimension": dimension})
            for kind, schema in schemas(dimension, self._server.lite).items():
                self._lease.check()
                self._server.create(head.place(self._name, kind), *schema)
        return head

    def _changed(
        self, head: Head, gone: Collection[str], added: Sequence[Filed], vectors: Mapping[bytes, Vectors]
    ) -> Head:
        """Write notes, each with a revision of its own; return the state that shows them, without those `gone`."""
        lost = [kept for source in sorted(gone) if (kept := self._notes.pop(source, None))]
        if not lost and not added:
            return head
        less = self._held(head, [kept.note.source for kept in lost])
        more = [passage for filed in added for passage in filed.passages]
        totals, dimension = Counter(head.totals), head.totals["dimension"]
        totals.subtract(totals_of(len(lost), less, dimension))
        totals.update(totals_of(len(added), more, dimension))
        mean = totals["terms"] / totals["passages"] if totals["passages"] else 0.0
        now = str(int(time.time()))
        filed = list(zip(count(head.generation + 1), added, strict=False))
        generation = head.generation + max(len(added), 1)
        passages, notes, words = (head.place(self._name, kind) for kind in (PASSAGES, NOTES, WORDS))
        self._put(passages, [row for revision, one in filed for row in passage_rows(one, vectors, revision, mean)])
        new = [Kept(at, replace(one.note, passages=len(one.passages)), one.stamp) for at, one in filed]
        self._put(notes, [note_row(one) for one in new])
        self._put(words, changed_counts(self._server, words, head, generation, more, less))
        self._notes.update({one.note.source: one for one in new})
        self._written += len(more)
        return replace(
            head,
            generation=generation,
            dead={**head.dead, now: [*head.dead.get(now, ()), *(one.revision for one in lost)]} if lost else head.dead,
            totals=dict(totals),
            least=min(filter(None, (head.least, mean)), default=0.0),
        )

    def _held(self, head: Head, sources: Sequence[str]) -> list[Passage]:
        """Return the passages of some notes."""
        place, inside = head.place(self._name, PASSAGES), [sources[at : at + 100] for at in range(0, len(sources), 100)]
        filters = (both(head.seen, one_of("source", some)) for some in inside)
        return [passage_of(row) for filter in filters for row in self._server.read_all(place, filter, CONTENT)]

    def _listed(self, unread: Sequence[UnreadNote]) -> str:
        """Write the files that were not read, and return the name of their list; the lists before the last one go."""
        named, place = secrets.token_hex(4) if unread else "", heads(self._name)
        there = [row["pk"] for row in self._server.read_all(place, 'pk like "unread-%"', ["pk"])]
        gone = [key for key in there if key.split("-")[1] not in (self._shown.unread, self._head.unread)]
        for at in range(0, len(gone), AT_ONCE):
            self._server.delete(place, f"pk in {json.dumps(gone[at : at + AT_ONCE])}")
        rows = [head_row(f"unread-{named}-{n:06d}", {"json": json.dumps(asdict(one))}) for n, one in enumerate(unread)]
        self._put(place, rows)
        return named

    def _purged(self, head: Head) -> Head:
        """Delete rows that readers have not seen for long, or that are too many to name."""
        dead, left = dict(head.dead), len(head.gone)
        for since, some in sorted(self._shown.dead.items()) if head.set == self._shown.set else ():
            if time.time() - int(since) > GRACE or left > MOST_DEAD:
                self._lease.check()
                for kind in (PASSAGES, NOTES):
                    self._server.delete(head.place(self._name, kind), f"revision in {[*some]}")
                dead[since] = [revision for revision in dead[since] if revision not in some]
                left -= len(some)
        return replace(head, dead={since: some for since, some in dead.items() if some})
