"""Index runs that break down, run out of room or are killed: the old index stays in use, and no work is done twice."""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import HashEmbedding, write_notes
from update_parts import in_line, load, passages, run

from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import base, database
from assistant.index.snapshot import LocalSnapshot

MORE = {"more.md": "\n\n".join(f"## Part {n}\nText number {n}." for n in range(60))}


def test_a_model_that_breaks_down_leaves_the_old_index_and_the_next_run_goes_on(
    indexed: LocalSnapshot, settings: Settings
) -> None:
    write_notes(settings.notes, MORE)
    with pytest.raises(OSError, match="the encoder broke down"):
        run(settings, model=HashEmbedding(breaks_at=40))
    assert load(settings).notes == indexed.notes
    report = run(settings, model=HashEmbedding())
    assert (report.indexed, report.embedded) == (("more.md",), 60 - 32), "32 of 60 were written down"


class SlowEmbedding(HashEmbedding):
    """Takes a while, so that a kill often meets it at work."""

    def _get_text_embedding(self, text: str) -> list[float]:
        time.sleep(0.0005)
        return super()._get_text_embedding(text)


def edition(number: int) -> dict[str, str]:
    return {"more.md": "\n\n".join(f"## Part {n}\nText number {n}, edition {number}." for n in range(60))}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_killed_at_any_moment_a_run_leaves_a_whole_index(
    indexed: LocalSnapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch, kills: int
) -> None:
    """After each kill the index is the old one or the new one, whole, and nothing is lost in the end."""
    monkeypatch.setattr(base, "FEW", 90)  # so that the files for searching are made anew every other time
    chance = random.Random(1)
    write_notes(settings.notes, edition(-1))
    began = time.perf_counter()
    run(settings, model=SlowEmbedding())
    whole = time.perf_counter() - began
    before = len(indexed.vectors([])) + indexed.about.passages
    for number in range(kills):
        write_notes(settings.notes, edition(number))
        child = os.fork()
        if not child:
            run(settings, model=SlowEmbedding())
            os._exit(0)
        time.sleep(chance.random() * whole * 1.2)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        snapshot = load(settings)
        texts = [passage.text for passage in snapshot.of("more.md")]
        assert snapshot.about.passages == before + 60 and len(texts) == 60
        assert len({text.rpartition("edition ")[2] for text in texts}) == 1, "all of one edition"
    run(settings, model=HashEmbedding())
    assert sum(f"edition {kills - 1}." in passage.text for passage in passages(load(settings))) == 60
    assert len([path for path in settings.index.iterdir() if path.name.startswith("base-")]) <= 1
    in_line(settings)


def test_a_reader_keeps_its_state_while_another_run_writes(indexed: LocalSnapshot, settings: Settings) -> None:
    held, words = passages(indexed), {"sourdough": 1.0}
    hits = indexed.sparse(words, 10)
    write_notes(settings.notes, {**MORE, "sourdough.md": "# Kites\nA kite needs wind."})
    run(settings)
    assert passages(indexed) == held and indexed.sparse(words, 10) == hits != load(settings).sparse(words, 10)
    assert "more.md" not in [note.source for note in indexed.notes]


class Full:
    """A connection whose disk is full from a statement on."""

    def __init__(self, connection: sqlite3.Connection, statement: str) -> None:
        self.__dict__["connection"], self.__dict__["statement"] = connection, statement

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def executemany(self, statement: str, rows: Any) -> Any:
        if statement.startswith(self.statement):
            self.connection.execute("PRAGMA max_page_count = 1")  # no page more than there are
        return self.connection.executemany(statement, rows)


@pytest.mark.parametrize("statement", ["INSERT OR REPLACE INTO vectors", "INSERT INTO passages", "INSERT INTO lexicon"])
def test_a_full_disk_is_said_in_one_line_and_leaves_the_old_index(
    indexed: LocalSnapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    held = passages(indexed)
    write_notes(settings.notes, {"more.md": "\n\n".join(f"## Part {n}\n{'Text' * 400} {n}." for n in range(300))})
    opened = database.writable
    with monkeypatch.context() as patched:
        patched.setattr(database, "writable", lambda folder: Full(opened(folder), statement))
        with pytest.raises(IndexUnusable) as caught:
            run(settings)
    said = str(caught.value)
    assert said.startswith(f"cannot write the index at {settings.index}: ") and "make room there" in said
    assert "full" in said and "\n" not in said
    assert passages(load(settings)) == held
    assert "more.md" in run(settings).indexed
    in_line(settings)


def test_a_disk_that_is_full_when_the_searched_files_are_made_leaves_none_behind(
    indexed: LocalSnapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    write_notes(settings.notes, MORE)
    with monkeypatch.context() as patched:
        patched.setattr(base, "FEW", 10)
        patched.setattr("assistant.index.vectors.write", no_room)
        with pytest.raises(IndexUnusable, match="cannot write the index at .*: No space left on device; make room"):
            run(settings)
    assert [path for path in settings.index.iterdir() if path.is_dir()] == []
    assert "more.md" in [note.source for note in load(settings).notes], "the notes are in, and are found without them"
    in_line(settings)


@pytest.fixture
def real_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 8 MB, most of which something else takes."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.system(f"mount -t tmpfs -o size=8m tmpfs {folder} 2>/dev/null"):
        pytest.skip("may not mount a small disk")
    (folder / "filler").write_bytes(bytes(5_500_000))
    yield folder
    os.system(f"umount -l {folder}")


def test_a_disk_that_is_really_full_is_said_and_is_not_kept_full(settings: Settings, real_disk: Path) -> None:
    settings = replace(settings, index=real_disk / "index")
    run(settings)
    held = passages(load(settings))
    long = {f"{n}.md": "\n\n".join(f"## {i}\n{n} {i} " + "Text " * 200 for i in range(40)) for n in range(60)}
    write_notes(settings.notes, long)
    with pytest.raises(IndexUnusable, match="cannot write the index at .*full.*make room there"):
        run(settings)
    assert passages(load(settings)) == held
    for name in long:
        (settings.notes / name).unlink()
    (real_disk / "filler").unlink()
    run(settings)
    sizes = {file.name: file.stat().st_size for file in real_disk.rglob("*") if file.is_file()}
    assert sum(sizes.values()) < 1_000_000, sizes
    in_line(settings)


def test_a_first_run_that_fills_the_disk_leaves_nothing_on_it(settings: Settings, real_disk: Path) -> None:
    settings = replace(settings, index=real_disk / "index")
    long = {f"{n}.md": "\n\n".join(f"## {i}\n{n} {i} " + "Text " * 200 for i in range(40)) for n in range(60)}
    write_notes(settings.notes, long)
    with pytest.raises(IndexUnusable, match="cannot write the index at .*full.*make room there"):
        run(settings)
    assert not any(file.stat().st_size for file in settings.index.iterdir())
    for name in long:
        (settings.notes / name).unlink()
    run(settings)
    in_line(settings)
