"""Index runs that break down, run out of room or are killed: the old index stays in use, and no work is done twice."""

import errno
import os
import random
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from assistant.index.journal import Journal
from fakes import HashEmbedding, write_notes

from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index.local import Index, load
from assistant.index.update import Report, update

MORE = {"more.md": "\n\n".join(f"## Part {n}\nText number {n}." for n in range(60))}


def run(settings: Settings, model: HashEmbedding) -> Report:
    return update([settings.notes], settings, lambda: model)


def test_a_model_that_breaks_down_leaves_the_old_index_and_the_next_run_goes_on(
    indexed: Index, settings: Settings
) -> None:
    write_notes(settings.notes, MORE)
    with pytest.raises(OSError, match="the encoder broke down"):
        run(settings, HashEmbedding(breaks_at=40))
    assert load(settings).notes == indexed.notes
    report = run(settings, HashEmbedding())
    assert (report.indexed, report.embedded) == (("more.md",), 60 - 32), "32 of 60 were written down"
    assert not (settings.index / ".embedded").exists()


@pytest.mark.parametrize("full", ["journal", "vectors"])
def test_a_full_disk_is_said_and_leaves_the_old_index(
    indexed: Index, settings: Settings, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    write_notes(settings.notes, MORE)
    with monkeypatch.context() as patched:
        if full == "journal":
            patched.setattr(Journal, "append", no_room)
        else:
            patched.setattr("assistant.index.vectors.write", no_room)
        with pytest.raises(IndexUnusable, match="No space left on device; make room there"):
            run(settings, HashEmbedding())
    assert load(settings).notes == indexed.notes
    assert run(settings, HashEmbedding()).embedded == (60 if full == "journal" else 0)


class SlowEmbedding(HashEmbedding):
    """Takes a while, so that a kill often meets it at work."""

    def _get_text_embedding(self, text: str) -> list[float]:
        time.sleep(0.0005)
        return super()._get_text_embedding(text)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_moment_a_run_leaves_a_whole_index(indexed: Index, settings: Settings) -> None:
    """Thirty kills: after each the index is the old one or the new one, whole, and nothing is lost in the end."""
    chance = random.Random(1)
    write_notes(settings.notes, MORE)
    began = time.perf_counter()
    run(settings, SlowEmbedding())
    whole = time.perf_counter() - began
    for number in range(30):
        edition = "\n\n".join(f"## Part {n}\nText number {n}, edition {number}." for n in range(60))
        write_notes(settings.notes, {"more.md": edition})
        child = os.fork()
        if not child:
            run(settings, SlowEmbedding())
            os._exit(0)
        time.sleep(chance.random() * whole * 1.2)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        found = load(settings)
        assert len(found.vectors) == len(found.passages) == len(indexed.passages) + 60
        assert found.keywords.scores["num_docs"] == len(found.passages)
    run(settings, HashEmbedding())
    texts = [passage.text for passage in load(settings).passages]
    assert sum("edition 29" in text for text in texts) == 60


def test_who_reads_keeps_the_view_while_another_run_writes(indexed: Index, settings: Settings) -> None:
    write_notes(settings.notes, MORE)
    run(settings, HashEmbedding())
    assert len(indexed.vectors) == len(indexed.passages), "read only now, from the generation before"


ROWS = np.arange(6, dtype=np.float32).reshape(2, 3)


def test_the_journal_gives_back_what_it_took(tmp_path: Path) -> None:
    first = Journal(tmp_path / "made", "w")
    first.append(["tea", "녹차"], ROWS)
    first.append(["🙂"], ROWS[:1])
    found = Journal(tmp_path / "made", "w").read(["녹차", "🙂", "water"])
    assert {text: vector.tolist() for text, vector in found.items()} == {"녹차": [3, 4, 5], "🙂": [0, 1, 2]}


@pytest.mark.parametrize("cut", range(1, 45, 4))
def test_a_record_cut_short_is_dropped_and_written_over(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "made"
    Journal(file, "w").append(["tea", "water"], ROWS)
    file.write_bytes(file.read_bytes()[:-cut])
    again = Journal(file, "w")
    assert list(again.read(["tea", "water"])) == ["tea"]
    again.append(["milk"], ROWS[1:])
    assert list(Journal(file, "w").read(["tea", "water", "milk"])) == ["tea", "milk"]


@pytest.mark.parametrize("left", [b"", b"{", b"[]\n", b'{"weights": "w"}\n', b'{"weights": "x", "dimension": 3}\n'])
def test_what_is_damaged_or_of_other_weights_is_left_aside_and_written_over(tmp_path: Path, left: bytes) -> None:
    file = tmp_path / "made"
    file.write_bytes(left)
    journal = Journal(file, "w")
    assert journal.read(["tea"]) == {}
    journal.append(["tea"], ROWS[:1])
    assert list(Journal(file, "w").read(["tea"])) == ["tea"]
