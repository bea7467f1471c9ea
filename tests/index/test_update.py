"""Notes on disk → the index in line with them, and a report of every file."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from fakes import HashEmbedding, write_notes
from filelock import FileLock
from six_notes import NOTES
from update_parts import content, in_line, load, no_model, passages, run, settled, sources

from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index.passages import embedded_text
from assistant.index.snapshot import LocalSnapshot
from assistant.index.update import update
from assistant.models.embedding import embed_question
from assistant.notes.files import PICTURE
from assistant.text.terms import terms


def test_the_first_run_indexes_every_note(settings: Settings, embed_model: HashEmbedding) -> None:
    report = run(settings, model=embed_model)
    assert sorted(report.indexed) == sorted(NOTES)
    assert (report.unchanged, report.removed, report.skipped, report.failed) == ((), (), {}, {})
    assert report.passages == report.embedded == len(embed_model.embedded) == load(settings).about.passages
    in_line(settings)


def test_an_unchanged_folder_embeds_nothing_and_changes_no_byte(
    indexed: LocalSnapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(monkeypatch.setattr)
    update([settings.notes], settings, no_model)
    before = content(settings.index)
    report = update([settings.notes], settings, no_model)
    assert sorted(report.unchanged) == sorted(NOTES)
    assert (report.indexed, report.removed, report.embedded) == ((), (), 0)
    assert report.passages == indexed.about.passages
    assert content(settings.index) == before


def test_an_unchanged_folder_needs_neither_passages_nor_what_they_are_made_of(
    indexed: LocalSnapshot, settings: Settings
) -> None:
    said = (
        "import json, sys\nfrom pathlib import Path\nfrom assistant.config import Settings\n"
        "from assistant.index.update import update\n"
        "print(json.dumps(update([Path(sys.argv[1])], Settings.read(), None).unchanged))\n"
        "print(*(name for name in ('llama_index', 'faiss', 'bm25s', 'openvino', 'torch') if name in sys.modules))"
    )
    command = [sys.executable, "-c", said, str(settings.notes)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"ASSISTANT_EMBEDDING": "hash"})
    report, loaded = done.stdout.splitlines()
    assert sorted(json.loads(report)) == sorted(NOTES)
    assert loaded == ""


def test_of_a_changed_note_only_the_new_texts_are_embedded(
    indexed: LocalSnapshot, settings: Settings, embed_model: HashEmbedding
) -> None:
    embed_model.embedded.clear()
    file = settings.notes / "녹차.md"
    file.write_text(file.read_text().replace("3개월", "6개월"))
    report = run(settings, model=embed_model)
    assert (report.indexed, len(report.unchanged), report.embedded) == (("녹차.md",), 5, 1)
    [text] = embed_model.embedded
    assert "6개월" in text
    in_line(settings)


def test_a_new_note_alone_is_embedded(indexed: LocalSnapshot, settings: Settings, embed_model: HashEmbedding) -> None:
    embed_model.embedded.clear()
    write_notes(settings.notes, {"new.md": "# Kites\nA kite needs wind."})
    report = run(settings, model=embed_model)
    assert (report.indexed, embed_model.embedded) == (("new.md",), ["Kites\n\nA kite needs wind."])
    in_line(settings)


def test_a_renamed_note_is_embedded_again_by_nobody(indexed: LocalSnapshot, settings: Settings) -> None:
    (settings.notes / "녹차.md").rename(settings.notes / "deep" / "tea.md")
    report = update([settings.notes], settings, no_model)
    assert (report.indexed, report.removed, report.embedded) == (("deep/tea.md",), ("녹차.md",), 0)
    assert "녹차.md" not in sources(settings) and "deep/tea.md" in sources(settings)
    in_line(settings)


@pytest.mark.parametrize("source", ["등대.txt", "deep/library.txt"])
def test_a_renamed_note_without_a_title_is_embedded_by_nobody_and_found_by_its_new_name(
    indexed: LocalSnapshot, settings: Settings, source: str
) -> None:
    """Its name is its title, which is shown and searched for but not embedded."""
    (settings.notes / source).rename(settings.notes / "동백항 quayside.txt")
    report = update([settings.notes], settings, no_model)
    assert (report.indexed, report.embedded) == (("동백항 quayside.txt",), 0)
    snapshot = load(settings)
    for query in ("동백항", "quayside"):
        hits = snapshot.sparse(dict.fromkeys(terms(query), 1.0), 9)
        best = {passage.source for passage in snapshot.get(hit.id for hit in hits)}
        assert best == {"동백항 quayside.txt"}, query
    [note] = [note for note in snapshot.notes if note.source == "동백항 quayside.txt"]
    assert note.title == "동백항 quayside"
    in_line(settings)


LONG = {
    "en": "# Harbour\n\n" + "\n\n".join(f"Berth {n} takes ships of {n + 20} metres. " * 30 for n in range(8)),
    "ko": "# 항구\n\n" + "\n\n".join(f"{n}번 선석에는 {n + 20}미터짜리 배가 들어온다. " * 20 for n in range(8)),
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_of_a_long_note_the_changed_paragraph_alone_is_embedded(
    settings: Settings, embed_model: HashEmbedding, text: str
) -> None:
    write_notes(settings.notes, {"long.md": text})
    run(settings)
    write_notes(settings.notes, {"long.md": text.replace("25", "77")})
    report = run(settings, model=embed_model)
    held = load(settings).of("long.md")
    changed = [embedded_text(passage) for passage in held if "77" in passage.text]
    assert sorted(embed_model.embedded) == sorted(changed) and report.embedded == len(changed)
    assert 0 < len(changed) <= len(held) / 4
    in_line(settings)


@pytest.mark.parametrize(
    ("source", "words"), [("등대.txt", "솔섬 프레넬 렌즈"), ("sourdough.md", "sourdough rye loaf")]
)
def test_a_deleted_note_is_found_by_neither_leg(
    indexed: LocalSnapshot, settings: Settings, source: str, words: str
) -> None:
    def legs(snapshot: LocalSnapshot) -> list[set[str]]:
        dense = snapshot.dense(embed_question(HashEmbedding(), words), 50)
        sparse = snapshot.sparse(dict.fromkeys(terms(words), 1.0), 50)
        return [{passage.source for passage in snapshot.get(hit.id for hit in leg)} for leg in (dense, sparse)]

    assert all(source in leg for leg in legs(indexed))
    (settings.notes / source).unlink()
    update([settings.notes], settings, no_model)
    assert not any(source in leg for leg in legs(load(settings)))


def test_a_vanished_note_leaves(indexed: LocalSnapshot, settings: Settings) -> None:
    (settings.notes / "녹차.md").unlink()
    report = update([settings.notes], settings, no_model)
    assert (report.removed, report.indexed, len(report.unchanged)) == (("녹차.md",), (), 5)
    assert sources(settings) == sorted(set(NOTES) - {"녹차.md"})
    assert all(passage.source != "녹차.md" for passage in passages(load(settings)))
    in_line(settings)


def test_when_all_notes_vanish_the_index_is_empty_and_can_be_filled_again(
    indexed: LocalSnapshot, settings: Settings
) -> None:
    shutil.rmtree(settings.notes)
    settings.notes.mkdir()
    report = update([settings.notes], settings, no_model)
    assert (sorted(report.removed), report.passages) == (sorted(NOTES), 0)
    assert passages(load(settings)) == []
    write_notes(settings.notes)
    assert len(run(settings).indexed) == 6
    in_line(settings)


def test_files_that_are_no_notes_are_reported_with_the_reason(settings: Settings) -> None:
    write_notes(settings.notes, {"picture.png": "x", "empty.md": " ", "out.md": "---\nindex: false\n---\nx"})
    (settings.notes / "wide.md").write_bytes(bytes(range(128, 256)))
    report = run(settings)
    assert report.skipped == {
        "picture.png": PICTURE,
        "empty.md": "the file is empty",
        "out.md": "its front matter says 'index: false'",
    }
    [(source, reason)] = report.failed.items()
    assert source == "wide.md" and reason.endswith("save it as UTF-8")
    assert len(report.indexed) == 6


def test_a_note_that_opts_out_leaves(indexed: LocalSnapshot, settings: Settings) -> None:
    write_notes(settings.notes, {"등대.txt": "---\nindex: false\n---\n" + NOTES["등대.txt"]})
    report = update([settings.notes], settings, no_model)
    assert (report.removed, list(report.skipped)) == (("등대.txt",), ["등대.txt"])
    assert "등대.txt" not in sources(settings)


def test_progress_counts_the_files_that_are_read_and_the_passages_that_are_embedded(settings: Settings) -> None:
    seen: list[tuple[str, int, int]] = []
    report = update([settings.notes], settings, HashEmbedding, lambda *step: seen.append(step))
    read, embedded = ([step for step in seen if step[0] == what] for what in ("reading", "embedding"))
    assert seen == read + embedded and read == sorted(read) and embedded == sorted(embedded)
    assert (read[-1], embedded[-1]) == (("reading", 6, 6), ("embedding", report.embedded, report.embedded))
    seen.clear()
    update([settings.notes], settings, HashEmbedding, lambda *step: seen.append(step))
    assert seen == []


def test_while_another_process_indexes_the_folder_is_refused(indexed: LocalSnapshot, settings: Settings) -> None:
    with FileLock(settings.index / ".lock"):
        with pytest.raises(IndexUnusable) as caught:
            run(settings)
    assert str(caught.value) == (
        f"another process is indexing into {settings.index}; wait for it, or name another folder with --index"
    )
    assert run(settings).unchanged != ()


def test_an_index_folder_that_cannot_be_made_is_named(settings: Settings) -> None:
    settings.index.write_text("a file, not a folder")
    with pytest.raises(IndexUnusable, match=f"cannot write the index at {settings.index}: .*; .* with --index"):
        run(settings)
