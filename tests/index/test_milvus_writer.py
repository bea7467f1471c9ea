"""An update of an index in a Milvus server: what it keeps, makes anew and shows, also when it is killed."""

import os
import time
from dataclasses import replace

import pytest
from fakes import HashEmbedding, write_notes
from milvus_parts import brought
from update_parts import finds, load, no_model, passages, run, settled

from assistant import Assistant
from assistant.answer import Scope
from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import milvus_lease, milvus_writer
from assistant.index.milvus import MilvusStore
from assistant.index.milvus_client import Milvus
from assistant.index.store import Change, Store, Writer
from assistant.index.update import update

pytestmark = [pytest.mark.milvus, pytest.mark.filterwarnings("default")]
PARTS = {f"part{n}.md": f"# Part {n}\nText number {n} of many." for n in range(9)}


def test_the_same_writer_s_promises(held: Settings) -> None:
    brought(held)
    store: Store = MilvusStore(held)
    snapshot = store.snapshot()
    with store.writing() as writer:
        seam: Writer = writer
        assert {note.source for note in seam.known().notes.values()} == {note.source for note in snapshot.notes}
        assert seam.made() == snapshot.about.fingerprint and seam.count() == snapshot.about.passages
        assert seam.passages_of("녹차.md") == snapshot.of("녹차.md")
        assert store.exists() and store.made() == seam.made() and held.store_name in store.place


def test_an_index_without_notes_is_one_and_takes_some_later(held: Settings) -> None:
    update([], held, no_model)
    empty = MilvusStore(held).snapshot()
    assert (empty.notes, empty.about.passages, empty.dense(None, 5), empty.sparse({"tea": 1.0}, 5)) == ((), 0, [], [])
    assert empty.get(["x"]) == [] == empty.of("x") and not empty.holds("tea") and not empty.bracketed("tea")
    assert len(brought(held).notes) == 6


def test_files_that_cannot_be_read_are_known_with_their_reasons(held: Settings) -> None:
    write_notes(held.notes, {"empty.md": "", "copy.md": (held.notes / "녹차.md").read_text(), "a.bin": "x"})
    first = brought(held)
    run(replace(held, store=""))
    local = load(held)
    assert first.unread == local.unread and len(first.unread) >= 2 and first.notes == local.notes
    (held.notes / "empty.md").unlink()
    later = brought(held)
    assert {item.source for item in first.unread} - {item.source for item in later.unread} == {"empty.md"}
    assert later.notes == first.notes


def test_an_unchanged_folder_changes_nothing(held: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(monkeypatch.setattr)
    before = brought(held)
    assert update([held.notes], held, no_model).unchanged == tuple(note.source for note in before.notes)
    assert MilvusStore(held).snapshot().version == before.version


def test_another_time_of_a_file_is_known_and_its_day_bounds_searches(
    held: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(monkeypatch.setattr)
    first, old = brought(held), Scope(until="2001-12-31")
    words = {word: 1.0 for word in first.of("등대.txt")[0].terms}
    assert not first.sparse(words, 9, old)
    os.utime(held.notes / "등대.txt", (1e9, 1e9))
    later = brought(held)
    assert {passage.source for passage in later.get(hit.id for hit in later.sparse(words, 9, old))} == {"등대.txt"}
    assert finds(later) == finds(first) and passages(later) == passages(first)
    os.utime(held.notes / "등대.txt", (1e9 + 60, 1e9 + 60))  # the same day: nothing that readers need to notice
    assert brought(held).version == later.version
    with MilvusStore(held).writing() as writer:
        [known] = [note for note in writer.known().notes.values() if note.source == "등대.txt"]
    assert known.modified == int((1e9 + 60) * 1e9)


def test_notes_may_come_go_and_get_another_day_in_one_run(held: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(monkeypatch.setattr)
    brought(held)
    monkeypatch.setattr(milvus_writer, "MOST_DEAD", 1)
    os.utime(held.notes / "등대.txt", (1e9, 1e9))
    write_notes(held.notes, PARTS)
    for source in ("녹차.md", "sourdough.md"):
        (held.notes / source).unlink()
    later = brought(held)
    run(replace(held, store=""))
    local = load(held)
    assert later.notes == local.notes and finds(later) == finds(local) and passages(later) == passages(local)


def test_only_new_texts_are_embedded(held: Settings) -> None:
    brought(held)
    model, file = HashEmbedding(), held.notes / "녹차.md"
    file.write_text(file.read_text().replace("3개월", "6개월"))
    (held.notes / "등대.txt").rename(held.notes / "moved.txt")
    later = brought(held, model)
    assert len(model.embedded) == 1 and "6개월" in model.embedded[0]
    run(replace(held, store=""))
    assert finds(later) == finds(load(held)) and passages(later) == passages(load(held))


def test_a_long_run_is_seen_in_steps_and_goes_on_where_it_broke_down(
    held: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = brought(held)
    write_notes(held.notes, PARTS)
    monkeypatch.setattr(milvus_writer, "AT_ONCE", 3)
    with pytest.raises(OSError, match="the encoder broke down"):
        brought(held, HashEmbedding(breaks_at=7))
    there = MilvusStore(held).snapshot()
    assert there.about.notes == before.about.notes + 6 and len(there.notes) == there.about.notes
    model = HashEmbedding()
    after = brought(held, model)
    assert len(model.embedded) == 3 and after.about.notes == before.about.notes + 9
    run(replace(held, store=""))
    assert finds(after) == finds(load(held))


def test_another_model_is_seen_when_all_is_made_and_a_killed_run_s_vectors_serve(
    held: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = brought(held)
    found, other = finds(before), replace(held, embedding="another")
    total = before.about.passages
    monkeypatch.setattr(milvus_writer, "AT_ONCE", 3)
    with pytest.raises(OSError, match="the encoder broke down"):
        brought(other, HashEmbedding(dimensions=64, breaks_at=total - 1))
    assert finds(MilvusStore(held).snapshot()) == found, "the old index is whole"
    model = HashEmbedding(dimensions=64)
    after = brought(other, model)
    assert 0 < len(model.embedded) < total and after.about.passages == total
    assert after.vectors([passages(after)[0].id]).shape == (1, 65)
    assert finds(before) == found, "who took the old state before keeps it for a while"
    monkeypatch.setattr(milvus_writer, "GRACE", -1.0)
    MilvusStore(other).remove("nothing")
    assert len([name for name in Milvus(held).collections() if name.startswith(held.store_name)]) == 4


def test_a_writer_that_stood_still_changes_nothing_more(held: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = brought(held)
    with pytest.raises(IndexUnusable, match="stood still"), MilvusStore(held).writing() as writer:
        now = time.time() + milvus_lease.LEASE + 1
        monkeypatch.setattr(time, "time", lambda: now)
        writer.change(Change(["녹차.md"], fingerprint=writer.made()))
    assert MilvusStore(held).snapshot().version == before.version


def test_a_writer_whose_index_was_taken_over_does_not_commit(held: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own clock says that it is in time, as where clocks disagree; the server says that another came."""
    brought(held)
    late, now = MilvusStore(held), time.time
    with pytest.raises(IndexUnusable, match="taken over"), late.writing() as writer:
        with monkeypatch.context() as patched:
            patched.setattr(time, "time", lambda: now() + milvus_lease.LEASE + 1)
            MilvusStore(held).remove("등대.txt")
        writer.change(Change(["녹차.md"], fingerprint=writer.made()))
    assert {"등대.txt", "녹차.md"} - {note.source for note in MilvusStore(held).snapshot().notes} == {"등대.txt"}


def test_an_assistant_begins_indexes_and_answers_and_notes_of_ones_own_stay_apart(held: Settings) -> None:
    assistant = Assistant(held, embed_model=HashEmbedding())
    assistant.begin()
    assert assistant.snapshot.about.passages == 0
    assert len(assistant.index([held.notes]).indexed) == 6
    assert assistant.ask("How many degrees is the loaf baked at?").citations[0].source == "sourdough.md"
    mine = write_notes(held.notes.with_name("mine"), {"kites.md": "# Kites\nThe wind lifts a kite."})
    own = assistant.over(mine, held.index.with_name("own"))
    own.begin()
    own.index([mine])
    assert [note.source for note in own.snapshot.notes] == ["kites.md"]
    assert len(assistant.snapshot.notes) == 6 and not assistant.snapshot.holds("kite")
    assistant.index([held.notes])
    assert [note.source for note in Assistant(own.settings, HashEmbedding()).snapshot.notes] == ["kites.md"]
