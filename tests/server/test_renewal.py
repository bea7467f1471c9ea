"""Re-indexing behind the page: by hand, by itself when notes are saved, and not before they are whole."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from fakes import HashEmbedding, opened, until

from assistant import Settings
from assistant.errors import IndexUnusable
from assistant.index.update import Report
from assistant.notes.formats.tesseract import WAITS
from assistant.server.renewal import Renewal

QUIET = 0.3


class Indexer:
    """Stands for an assistant: keeps what the notes held at each run."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.runs = folder, list[dict[str, str]]()
        self.ran = threading.Semaphore(0)

    @property
    def snapshot(self) -> Any:
        raise IndexUnusable("none yet")

    def index(self, paths: Any, progress: Any, so_far: Any, only: bool) -> Report:
        self.runs.append({file.name: file.read_text(encoding="utf-8") for file in self.folder.rglob("*.md")})
        self.ran.release()
        return Report()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "watched"
    place.mkdir()
    return place


@contextmanager
def watched(indexer: Indexer) -> Iterator[Renewal]:
    renewal = Renewal(cast(Any, indexer), lambda: indexer.folder, QUIET)
    renewal.watch(True)
    try:
        yield renewal
    finally:
        renewal.watch(False)


def test_re_indexing_runs_behind_and_what_is_saved_is_taken_in_by_itself(
    settings: Settings, embed_model: HashEmbedding
) -> None:
    assistant = opened(settings, embed_model)
    renewal = Renewal(assistant, lambda: settings.notes, QUIET)
    renewal.begin()
    assert until(lambda: renewal.progress.runs == 1 and not renewal.progress.running)
    renewal.watch(True)
    (settings.notes / "heron.md").write_text("The heron nests on the ninth pylon.\n", encoding="utf-8")
    assert until(lambda: renewal.progress.runs == 2 and not renewal.progress.running)
    renewal.watch(False)
    assert renewal.progress.report and renewal.progress.report.indexed == ("heron.md",)


@pytest.mark.parametrize("name", ["heron.md", "왜가리.md", "deep/er/heron.md"])
def test_a_note_that_is_saved_changed_moved_or_removed_begins_a_run(folder: Path, name: str) -> None:
    indexer, note = Indexer(folder), folder / name
    with watched(indexer):
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text("one", encoding="utf-8")
        assert indexer.ran.acquire(timeout=30) and indexer.runs[-1] == {note.name: "one"}
        other = folder / "other.tmp"
        other.write_text("two!", encoding="utf-8")
        other.replace(note)  # as editors save
        assert indexer.ran.acquire(timeout=30) and indexer.runs[-1] == {note.name: "two!"}
        note.rename(folder / "moved.md")
        assert indexer.ran.acquire(timeout=30) and indexer.runs[-1] == {"moved.md": "two!"}
        (folder / "moved.md").unlink()
        assert indexer.ran.acquire(timeout=30) and indexer.runs[-1] == {}


def test_a_file_that_is_still_being_written_is_waited_for(folder: Path) -> None:
    indexer = Indexer(folder)
    with watched(indexer), (folder / "long.md").open("w", encoding="utf-8") as writing:
        for _ in range(12):
            writing.write("word ")
            writing.flush()
            threading.Event().wait(QUIET / 3)
        assert indexer.runs == []
    with watched(indexer):
        pass
    renewal = Renewal(cast(Any, indexer), lambda: folder, QUIET)
    renewal.watch(True)
    (folder / "long.md").write_text("word " * 12 + "end", encoding="utf-8")
    assert indexer.ran.acquire(timeout=30) and indexer.runs == [{"long.md": "word " * 12 + "end"}]
    renewal.watch(False)


def test_a_folder_that_is_absent_at_first_or_made_anew_is_followed(tmp_path: Path) -> None:
    indexer = Indexer(tmp_path / "later")
    with watched(indexer):
        for text in ("one", "two"):
            indexer.folder.mkdir()
            (indexer.folder / "a.md").write_text(text, encoding="utf-8")
            assert indexer.ran.acquire(timeout=30) and indexer.runs[-1] == {"a.md": text}
            (indexer.folder / "a.md").unlink()
            indexer.folder.rmdir()
            assert indexer.ran.acquire(timeout=30) and indexer.runs[-1] == {}


def test_what_is_no_note_begins_no_run(folder: Path) -> None:
    indexer = Indexer(folder)
    with watched(indexer):
        (folder / ".removed").mkdir()
        (folder / ".removed" / "a.md").write_text("gone", encoding="utf-8")
        (folder / "empty").mkdir()
        (folder / "b.md").write_text("b", encoding="utf-8")
        assert indexer.ran.acquire(timeout=30)
        (folder / ".hidden.md").write_text("x", encoding="utf-8")
        assert not indexer.ran.acquire(timeout=4 * QUIET)


def test_watching_ends_and_its_thread_with_it(folder: Path) -> None:
    indexer = Indexer(folder)
    before = {thread for thread in threading.enumerate() if thread.name == "watch"}
    with watched(indexer) as renewal:
        assert renewal.watching
        mine = {thread for thread in threading.enumerate() if thread.name == "watch"} - before
        assert len(mine) == 1 and all(thread.daemon for thread in mine)
    assert not renewal.watching
    for thread in mine:
        thread.join(10)
        assert not thread.is_alive()
    (folder / "a.md").write_text("a", encoding="utf-8")
    assert not indexer.ran.acquire(timeout=4 * QUIET)


def test_a_run_that_is_asked_for_during_a_run_follows_it(folder: Path) -> None:
    begun, may_end = threading.Semaphore(0), threading.Semaphore(0)

    class Slow(Indexer):
        def index(self, paths: Any, progress: Any, so_far: Any, only: bool) -> Report:
            progress("reading", 1, 2)
            begun.release()
            assert may_end.acquire(timeout=60)
            return super().index(paths, progress)

    renewal = Renewal(cast(Any, Slow(folder)), lambda: folder)
    renewal.begin()
    assert begun.acquire(timeout=60) and (renewal.progress.done, renewal.progress.total) == (1, 2)
    renewal.begin()
    renewal.begin()
    may_end.release(2)
    assert until(lambda: renewal.progress.runs == 2 and not renewal.progress.running)


@pytest.mark.parametrize(("error", "said"), [(IndexUnusable("no room"), "no room"), (ValueError("x"), "ValueError")])
def test_a_run_that_fails_says_why_and_is_over(folder: Path, error: Exception, said: str) -> None:
    class Broken(Indexer):
        def index(self, paths: Any, progress: Any, so_far: Any, only: bool) -> Report:
            raise error

    renewal = Renewal(cast(Any, Broken(folder)), lambda: folder)
    renewal.begin()
    assert until(lambda: renewal.progress.runs == 1 and not renewal.progress.running)
    assert said in renewal.progress.trouble


def test_notes_are_shown_anew_while_scans_are_still_read(folder: Path) -> None:
    scanned = {"scan.pdf": f"read in part: pages 4-9 of 9 hold words that {WAITS}"}

    class Reading(Indexer):
        def index(self, paths: Any, progress: Any, so_far: Any, only: bool) -> Report:
            for report in (Report(failed=scanned), Report(failed=scanned), Report()):
                so_far(report)
                seen.append((renewal.progress.running, renewal.progress.runs))
            return Report()

    seen: list[tuple[bool, int]] = []
    renewal = Renewal(cast(Any, Reading(folder)), lambda: folder)
    renewal.begin()
    until(lambda: not renewal.progress.running)
    assert (seen, renewal.progress.runs) == ([(True, 1), (True, 2), (True, 2)], 3)


def test_another_folder_is_read_once_and_its_changes_are_watched(
    settings: Settings, embed_model: HashEmbedding, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "kites.md").write_text("A kite needs wind.", encoding="utf-8")
    renewal = Renewal(opened(settings, embed_model), lambda: settings.notes, QUIET)
    renewal.watch(True)
    try:
        renewal.read(own)
        assert until(lambda: renewal.progress.runs == 1)
        assert renewal.progress.report and renewal.progress.report.indexed == ("kites.md",)
        threading.Event().wait(20 * QUIET)
        assert renewal.progress.runs == 1 and renewal.folder == own
        (own / "heron.md").write_text("A heron needs water.", encoding="utf-8")
        assert until(lambda: renewal.progress.runs == 2)
    finally:
        renewal.watch(False)
