"""Takes over an index from another store, with its vectors: nothing is read, cut or embedded anew.

In: the store that has the index, and the one that is to have it. Out: the same index in both, and a report.
"""

import time
from collections.abc import Sequence

from assistant.errors import SettingsError
from assistant.index.database import key_of
from assistant.index.passages import embedded_text
from assistant.index.steps import in_steps
from assistant.index.store import Change, Filed, IndexedNote, Snapshot, Store, Writer
from assistant.index.update import Report

_AT_ONCE = 1_000
"""Vectors that are read in one go."""


def take_over(source: Store, target: Store) -> Report:
    """Make the index of `target` the same as that of `source`, whatever it held; report its notes as unchanged.

    Raises:
        SettingsError: both are the same index.
        IndexUnusable: there is no index to take over, or the other cannot be written.

    """
    started = time.perf_counter()
    if source.place == target.place:
        raise SettingsError(f"--from must name another index, found the one that is to be written, {target.place}")
    snapshot = source.snapshot()
    made, notes = snapshot.about.fingerprint, snapshot.notes
    with target.writing() as writer:
        before = {note.source for note in writer.known().notes.values()}
        *steps, last = [*in_steps(notes, lambda note: note.passages, writer.at_once(made))] or [[]]
        for step in steps:
            gone = before & {note.source for note in step}
            writer.change(Change(gone, _filed(step, snapshot, writer), fingerprint=made))
        gone = before - {note.source for step in steps for note in step}
        writer.change(Change(gone, _filed(last, snapshot, writer), unread=snapshot.unread, fingerprint=made))
        writer.tidy()
        sources = tuple(note.source for note in notes)
        return Report(unchanged=sources, passages=writer.count(), seconds=time.perf_counter() - started)


def _filed(notes: Sequence[IndexedNote], snapshot: Snapshot, writer: Writer) -> list[Filed]:
    """Return notes to be written, whose vectors the writer has got."""
    weights, filed = str(snapshot.about.fingerprint["weights"]), list[Filed]()
    for note in notes:
        passages = snapshot.of(note.source)
        filed.append(Filed(note, passages, [key_of(weights, embedded_text(passage)) for passage in passages]))
    pairs = [(key, passage.id) for item in filed for key, passage in item.pairs]
    for at in range(0, len(pairs), _AT_ONCE):
        keys, ids = zip(*pairs[at : at + _AT_ONCE], strict=True)
        writer.put_vectors(keys, snapshot.vectors(ids))
    return filed
