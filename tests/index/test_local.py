"""The index on disk: written whole, loaded whole, or refused with the reason and the command that mends it."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import HashEmbedding
from llama_index.core.vector_stores.types import VectorStoreQuery
from six_notes import NOTES

from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import cut, manifest
from assistant.index import local as index
from assistant.index import passages as chunk
from assistant.index.local import Index, load, load_previous, write
from assistant.index.manifest import IndexedNote, fingerprint
from assistant.index.passages import embedded_text, searched_text
from assistant.models.embedding import embed_texts
from assistant.search.retrieve import keyword_scores
from assistant.text import language
from assistant.text.terms import terms


def generation(settings: Settings) -> Path:
    return settings.index / (settings.index / "CURRENT").read_text()


def again(found: Index, settings: Settings, notes: int | None = None) -> None:
    """Write what an index holds once more, with only the first so many notes."""
    write(settings, found.notes[:notes], found.passages, found.vectors, found.terms)


def test_what_is_loaded_is_what_was_indexed(indexed: Index, settings: Settings) -> None:
    assert [note.source for note in indexed.notes] == sorted(NOTES)
    assert sum(note.passages for note in indexed.notes) == len(indexed.passages)
    assert indexed.fingerprint == fingerprint(settings)
    for passage in indexed.passages:
        text = NOTES[passage.metadata["source"]]
        assert text[passage.start_char_idx : passage.end_char_idx] == passage.text
        assert indexed.rows[passage.node_id] == indexed.passages.index(passage)
    assert [list(words) for words in indexed.terms] == [terms(searched_text(p)) for p in indexed.passages]


def test_a_note_knows_its_file_title_language_and_number_of_passages(indexed: Index, settings: Settings) -> None:
    found = {note.source: note for note in indexed.notes}
    tea = found["녹차.md"]
    assert (tea.title, tea.language, tea.passages) == ("녹차 우리기", "ko", 2)
    assert tea.file.path == settings.notes / "녹차.md"
    assert (found["deep/library.txt"].title, found["deep/library.txt"].language) == ("library", "en")


def test_each_row_is_the_unit_vector_of_its_passage(indexed: Index) -> None:
    expected = embed_texts(HashEmbedding(), [embedded_text(passage) for passage in indexed.passages])
    np.testing.assert_allclose(indexed.vectors, expected, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(indexed.vectors, axis=1), 1, atol=1e-6)


def test_each_passages_language_is_known_by_its_row(indexed: Index) -> None:
    assert indexed.languages.tolist() == [passage.metadata["language"] for passage in indexed.passages]
    assert set(indexed.languages) == {"ko", "en"}


def test_the_vector_store_finds_what_exact_search_finds(indexed: Index) -> None:
    question = indexed.vectors[3]
    found = indexed.store.query(VectorStoreQuery(query_embedding=question.tolist(), similarity_top_k=4))
    exact = np.argsort(-(indexed.vectors @ question), kind="stable")[:4]
    assert [int(id) for id in found.ids or []] == exact.tolist()
    assert found.similarities == pytest.approx((indexed.vectors @ question)[exact].tolist())


def test_nothing_on_disk_is_pickled(indexed: Index, settings: Settings) -> None:
    files = [path for path in settings.index.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {"", ".json", ".jsonl", ".faiss", ".npy"}
    for path in files:
        if path.suffix == ".npy":
            np.load(path, allow_pickle=False)
        assert not path.read_bytes().startswith((b"\x80\x03", b"\x80\x04", b"\x80\x05"))


def test_without_an_index_the_command_that_makes_one_is_named(settings: Settings) -> None:
    with pytest.raises(IndexUnusable) as caught:
        load(settings)
    assert str(caught.value) == f"no index at {settings.index}; make one with: assistant index [FOLDER]"
    assert load_previous(settings) is None


def test_an_index_of_another_embedding_model_is_refused(indexed: Index, settings: Settings) -> None:
    with pytest.raises(IndexUnusable) as caught:
        load(replace(settings, embedding="multilingual-e5-small"))
    said = str(caught.value)
    assert "embedding: index hash, settings multilingual-e5-small" in said
    assert "weights: index hash, settings 1571fc98" in said
    assert "chunking" not in said
    assert said.endswith("renew it with: assistant index [FOLDER]")


@pytest.mark.parametrize(
    ("module", "constant", "key"),
    [(cut, "VERSION", "chunking"), (language, "TERMS_VERSION", "terms"), (manifest, "FORMAT", "format")],
)
def test_an_index_of_another_version_of_the_code_is_refused(
    indexed: Index, settings: Settings, monkeypatch: pytest.MonkeyPatch, module: Any, constant: str, key: str
) -> None:
    before = getattr(module, constant)
    monkeypatch.setattr(module, constant, before + 1)
    with pytest.raises(IndexUnusable, match=f"was made otherwise \\({key}: index {before}, settings {before + 1}\\)"):
        load(settings)
    assert load_previous(settings) is not None


def test_settings_that_change_no_vector_leave_the_index_usable(indexed: Index, settings: Settings) -> None:
    other = replace(settings, llm="openai-like", top_k=3, threads=2, notes=Path("elsewhere"))
    assert load(other).passages == indexed.passages


def damage_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"fingerprint": {')


def damage_fingerprint(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"fingerprint": ["x"]}))


def lose_a_passage(folder: Path) -> None:
    lines = (folder / "passages.jsonl").read_text().splitlines(keepends=True)
    (folder / "passages.jsonl").write_text("".join(lines[:-1]))


def cut_a_passage(folder: Path) -> None:
    (folder / "passages.jsonl").write_text((folder / "passages.jsonl").read_text()[:-20])


def lose_the_passages(folder: Path) -> None:
    (folder / "passages.jsonl").unlink()


def lose_the_generation(folder: Path) -> None:
    folder.rename(folder.parent / "gone")


def empty_the_pointer(folder: Path) -> None:
    (folder.parent / "CURRENT").write_text("")


@pytest.mark.parametrize(
    "damage",
    [damage_manifest, damage_fingerprint, lose_a_passage, cut_a_passage, lose_the_passages, lose_the_generation]
    + [empty_the_pointer],
)
def test_a_damaged_index_is_refused_with_the_command_that_mends_it(
    indexed: Index, settings: Settings, damage: Callable[[Path], None]
) -> None:
    damage(generation(settings))
    with pytest.raises(IndexUnusable) as caught:
        load(settings)
    said = str(caught.value)
    assert said.startswith(f"the index at {settings.index} is damaged (")
    assert said.endswith("); make it anew with: assistant index [FOLDER]")
    assert "\n" not in said


def test_the_number_of_lost_passages_can_be_told(indexed: Index, settings: Settings) -> None:
    lose_a_passage(generation(settings))
    count = len(indexed.passages)
    with pytest.raises(IndexUnusable, match=f"{count} passages expected, {count - 1} found"):
        load(settings)


@pytest.mark.parametrize("kept", [0, 40, -8, None])
def test_damaged_vectors_are_refused_when_they_are_needed(indexed: Index, settings: Settings, kept: int | None) -> None:
    file = generation(settings) / "vectors.faiss"
    data = file.read_bytes()
    file.unlink() if kept is None else file.write_bytes(data[:kept])
    with pytest.raises(IndexUnusable, match="is damaged .*make it anew with: assistant index"):
        _ = load(settings).vectors


def test_vectors_of_other_passages_are_refused(indexed: Index, settings: Settings) -> None:
    other = replace(settings, index=settings.index.parent / "other")
    other.index.mkdir()
    write(other, [], indexed.passages[:2], indexed.vectors[:2], indexed.terms[:2])
    os.replace(generation(other) / "vectors.faiss", generation(settings) / "vectors.faiss")
    with pytest.raises(IndexUnusable, match=f"{len(indexed.passages)} vectors expected, 2 found"):
        _ = load(settings).store


@pytest.mark.parametrize("lost", ["vocab.index.json", "params.index.json", "data.csc.index.npy"])
def test_damaged_keywords_are_refused_when_they_are_needed(indexed: Index, settings: Settings, lost: str) -> None:
    (generation(settings) / "keywords" / lost).unlink()
    with pytest.raises(IndexUnusable, match="is damaged"):
        _ = load(settings).keywords


class Killed(BaseException):
    """The process ended here."""


def test_a_run_killed_before_the_switch_leaves_the_old_index_in_use(
    indexed: Index, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*paths: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(index.os, "replace", killed)
        with pytest.raises(Killed):
            again(indexed, settings, notes=1)
    assert load(settings).notes == indexed.notes
    again(indexed, settings, notes=2)
    assert load(settings).notes == indexed.notes[:2]
    assert not (settings.index / ".writing").exists()


def test_a_run_killed_while_writing_leaves_the_old_index_in_use(
    indexed: Index, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*arguments: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(index, "_write_keywords", killed)
        with pytest.raises(Killed):
            again(indexed, settings, notes=1)
    assert load(settings).notes == indexed.notes
    again(indexed, settings, notes=2)
    assert load(settings).notes == indexed.notes[:2]


def test_the_same_content_written_twice_is_still_there(indexed: Index, settings: Settings) -> None:
    again(indexed, settings)
    again(indexed, settings)
    found = load(settings)
    assert found.notes == indexed.notes
    np.testing.assert_array_equal(found.vectors, indexed.vectors)


def test_writing_removes_what_nobody_reads_any_more_and_nothing_else(indexed: Index, settings: Settings) -> None:
    """The generation before stays for its readers. `--index` may name a folder with other things, even the notes."""
    oldest = generation(settings)
    again(indexed, settings, notes=2)
    old = generation(settings)
    for name in ("notes", ".git", "abc123"):
        (settings.index / name).mkdir()
        (settings.index / name / "precious.md").write_text("text")
    again(indexed, settings, notes=1)
    assert not oldest.exists() and old.exists()
    for name in ("notes", ".git", "abc123"):
        assert (settings.index / name / "precious.md").read_text() == "text"


def test_an_index_that_cannot_be_written_leaves_the_old_one_in_use(indexed: Index, settings: Settings) -> None:
    (settings.index / ".writing").write_text("in the way")
    with pytest.raises(IndexUnusable, match="cannot write the index at .*: File exists; .* --index"):
        again(indexed, settings, notes=1)
    assert load(settings).notes == indexed.notes


def test_an_index_of_nothing_can_be_loaded(settings: Settings) -> None:
    settings.index.mkdir()
    write(settings, [], [], np.empty((0, 1), np.float32), [])
    found = load(settings)
    assert (found.notes, found.passages, found.rows) == ((), (), {})
    assert found.vectors.shape[0] == 0
    assert keyword_scores(found, "tea 녹차").tolist() == []


def test_a_passage_without_terms_can_be_indexed(settings: Settings) -> None:
    settings.index.mkdir()
    node = chunk.passage("id", "🙂", 0, 1, {"title": "", "source": "s", "url": "", "heading": "", "language": "en"})
    write(settings, [IndexedNote("/", "s", "h", "", "en", 1)], [node], np.ones((1, 4), np.float32), [[]])
    found = load(settings)
    assert (found.terms, [passage.text for passage in found.passages]) == (((),), ["🙂"])
