"""The writer's promises, kept by the index on disk: what changes in one step, and what a run that ends leaves."""

import numpy as np
import pytest
from update_parts import content, finds, load, passages, run

from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index.local import LocalStore
from assistant.index.snapshot import LocalSnapshot
from assistant.index.store import Change, Filed, IndexedNote, Store, UnreadNote, Writer


def test_it_knows_what_the_index_holds(indexed: LocalSnapshot, settings: Settings) -> None:
    store: Store = LocalStore(settings)
    with store.writing() as writer:
        seam: Writer = writer
        known = seam.known()
        assert {note.source: note for note in known.notes.values()} == {note.source: note for note in indexed.notes}
        assert list(known.unread) == list(indexed.unread) and known.stamps.keys() == {n.source for n in indexed.notes}
        assert seam.made() == indexed.about.fingerprint and seam.count() == indexed.about.passages
        assert seam.passages_of("녹차.md") == indexed.of("녹차.md")


def test_one_change_does_all_that_it_names(indexed: LocalSnapshot, settings: Settings) -> None:
    held, unread = passages(indexed), [UnreadNote("/", "scan.pdf", "no text", True)]
    note = IndexedNote("/", "kites.md", "0", "Kites", "en", 1)
    some = [indexed.of("deep/bicycle.md")[0]]
    with LocalStore(settings).writing() as writer:
        assert writer.without([(b"kites", some[0])]) == {b"kites"}
        writer.put_vectors([b"kites"], np.eye(513, dtype=np.float32)[:1])
        assert writer.without([(b"kites", some[0])]) == set()
        change = Change(["deep/bicycle.md"], [Filed(note, some, [b"kites"])], (), unread, writer.made())
        writer.change(change)
        assert passages(indexed) == held, "who took a state before keeps it"
    snapshot = load(settings)
    assert [passage.id for passage in snapshot.of("deep/bicycle.md")] == []
    assert snapshot.about.notes == indexed.about.notes and list(snapshot.unread) == unread
    assert snapshot.vectors([some[0].id])[0, 0] == 1.0


def test_a_change_that_readers_need_not_notice_gives_no_new_state(indexed: LocalSnapshot, settings: Settings) -> None:
    store, note = LocalStore(settings), indexed.notes[0]
    before = store.snapshot()
    with store.writing() as writer:
        writer.change(Change(touched=[(note, "another stamp")]))
        assert writer.known().stamps[note.source] == "another stamp"
    assert store.snapshot() is before


def test_a_change_that_fails_changes_nothing(indexed: LocalSnapshot, settings: Settings) -> None:
    note = IndexedNote("/", "kites.md", "0", "Kites", "en", 1)
    twice = indexed.of("등대.txt") * 2
    with pytest.raises(IndexUnusable), LocalStore(settings).writing() as writer:
        writer.change(Change(["등대.txt"], [Filed(note, twice, [b"x"] * len(twice))], (), (), writer.made()))
    assert finds(load(settings)) == finds(indexed)


def test_vectors_that_no_passage_uses_go_when_a_run_ends(indexed: LocalSnapshot, settings: Settings) -> None:
    passage = indexed.of("등대.txt")[0]
    with LocalStore(settings).writing() as writer:
        writer.put_vectors([b"loose"], np.eye(513, dtype=np.float32)[:1])
        writer.tidy()
        assert writer.without([(b"loose", passage)]) == {b"loose"}


def test_there_is_one_writer_at_a_time(indexed: LocalSnapshot, settings: Settings) -> None:
    with LocalStore(settings).writing():
        with pytest.raises(IndexUnusable, match="another process is indexing into"), LocalStore(settings).writing():
            pass
    run(settings)
    before = content(settings.index)
    run(settings)
    assert content(settings.index) == before
