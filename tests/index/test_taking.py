"""Notes taken in, by this process or by workers who give them in any order: the same index, step by step."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEmbedding, write_notes
from update_parts import in_line, load, no_model, passages, run, settled

from assistant.config import Settings
from assistant.index import local_writer, manifest
from assistant.index.local_writer import LocalWriter
from assistant.index.store import Change, Known
from assistant.index.survey import surveying
from assistant.index.taking import Alone, Job, Taken, Texts, take_in
from assistant.index.update import EMBEDDING, Report, update
from assistant.models.embedding import Vectors
from assistant.notes.files import NoteFile, Unread

COPY = "흰 사본.md"


class Backwards:
    """Workers who take in all that there is, and give it back from the last to the first."""

    def __init__(self) -> None:
        self._alone = Alone(HashEmbedding)

    def take(self, jobs: Iterable[Job]) -> Iterator[Taken]:
        return reversed(list(self._alone.take(jobs)))

    def embed(self, batches: Iterable[Texts]) -> Iterator[tuple[Texts, Vectors]]:
        return reversed(list(self._alone.embed(batches)))


def by(workers: Backwards, settings: Settings) -> Report:
    return update([settings.notes], settings, no_model, workers=workers)


@pytest.fixture
def more(settings: Settings) -> Settings:
    """Settings over the six notes, a copy of one, and notes with nothing to find: one at each end, with a copy."""
    copied = (settings.notes / "녹차.md").read_text(encoding="utf-8")
    write_notes(settings.notes, {COPY: copied, "0 bare.md": "# Bare", "y bare.md": "# Bare", "z bare.md": "# Bare"})
    return settings


def test_what_is_no_note_says_why_and_nothing_is_raised() -> None:
    def taken(data: bytes) -> object:
        return take_in(Job(NoteFile(Path("/notes"), "tea.md"), data, "digest", None, 0))

    reasons = [taken(data) for data in (b"", b"# Tea")]
    assert [one.reason for one in reasons if isinstance(one, Unread)] == [
        "the file is empty",
        "it holds no text besides headings",
    ]
    [passage] = taken("# 차\n\n3분 우린다.".encode()).passages  # type: ignore[attr-defined]
    assert passage.text == "3분 우린다." and passage.terms


def test_in_any_order_it_is_the_same_index(more: Settings) -> None:
    other = replace(more, index=more.index.parent / "other")
    one, two = run(more), by(Backwards(), other)
    assert replace(one, seconds=0, indexed=()) == replace(two, seconds=0, indexed=())
    assert sorted(one.indexed) == sorted(two.indexed) and len(one.indexed) == 6
    assert load(more).notes == load(other).notes and load(more).unread == load(other).unread
    assert passages(load(more)) == passages(load(other))
    in_line(other)


def test_the_copies_of_a_note_that_turns_out_unreadable_are_looked_at(more: Settings) -> None:
    with surveying([more.notes], Known(), True) as survey:
        given = []
        while survey.to_see:
            jobs = list(survey.jobs())
            given += [job.file.source for job in jobs]
            for job in jobs:
                survey.took((job, take_in(job)))
    assert [source for source in given if "bare" in source] == ["0 bare.md", "y bare.md", "z bare.md"]
    assert survey.seen == len(given) + 1 and survey.copies("녹차.md") == (COPY,)
    reasons = {item.file.source: item.reason for item in survey.unread}
    assert {reasons[source] for source in given if "bare" in source} == {"it holds no text besides headings"}


def test_a_long_run_is_written_in_steps_that_hold_little(more: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    changes: list[Change] = []
    change = LocalWriter.change

    def seen(writer: LocalWriter, now: Change) -> None:
        change(writer, now)
        changes.append(now)

    monkeypatch.setattr(local_writer, "AT_ONCE", 2)
    monkeypatch.setattr(LocalWriter, "change", seen)
    report = run(more)
    held = [[len(filed.passages) for filed in now.added] for now in changes]
    assert len(changes) > 2 and all(sum(step[:-1]) < 2 for step in held)
    assert sum(map(sum, held)) == report.passages
    assert {note.source: note.copies for note in load(more).notes if note.copies} == {"녹차.md": (COPY,)}
    in_line(more)
    settled(monkeypatch.setattr)
    assert len(update([more.notes], more, no_model).unchanged) == 6


def test_a_long_run_that_broke_down_can_be_asked_and_goes_on(more: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_writer, "AT_ONCE", 2)
    with pytest.raises(OSError, match="the encoder broke down"):
        run(more, model=HashEmbedding(breaks_at=5))
    part = load(more)
    assert 0 < part.about.notes < 6
    progress: list[tuple[int, int]] = []

    def told(what: str, done: int, total: int) -> None:
        if what == EMBEDDING:
            progress.append((done, total))

    model = HashEmbedding()
    update([more.notes], more, lambda: model, told)
    whole = load(more)
    assert len(model.embedded) == whole.about.passages - 5 == progress[-1][0] == progress[-1][1]
    in_line(more)


def test_what_another_model_makes_is_seen_as_a_whole(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    run(settings)
    before = load(settings)
    monkeypatch.setattr(local_writer, "AT_ONCE", 2)
    other = replace(settings, embedding="another")
    total = before.about.passages
    with pytest.raises(OSError, match="the encoder broke down"):
        run(other, model=HashEmbedding(dimensions=64, breaks_at=total - 1))
    assert passages(load(settings)) == passages(before)
    run(other, model=HashEmbedding(dimensions=64))
    snapshot = load(other)
    ids: Sequence[str] = [passage.id for passage in passages(snapshot)]
    assert snapshot.vectors(ids).shape == (total, 65) and np.linalg.norm(snapshot.vectors(ids)) > 1
    assert snapshot.about.fingerprint == manifest.fingerprint(other)
