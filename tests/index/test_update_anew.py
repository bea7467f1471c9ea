"""What is made anew: passages and vectors that other code or another model made, and an index that is damaged."""

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEmbedding, write_notes
from six_notes import NOTES
from update_parts import in_line, load, no_model, passages, run, sources

from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import passages as cutting
from assistant.index.snapshot import LocalSnapshot
from assistant.index.update import update
from assistant.text import terms as language


def test_passages_are_cut_anew_when_the_code_that_cuts_them_changed(
    indexed: LocalSnapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "VERSION", 99)
    monkeypatch.setattr(cutting, "TARGET_TOKENS", 30)
    with pytest.raises(IndexUnusable, match="was made otherwise"):
        load(settings)
    report = run(settings)
    assert (sorted(report.indexed), report.unchanged) == (sorted(NOTES), ())
    assert load(settings).about.passages > indexed.about.passages
    assert 0 < report.embedded < report.passages, "texts that stayed the same keep their vectors"
    in_line(settings)


def test_terms_are_made_anew_when_the_code_that_makes_them_changed(
    indexed: LocalSnapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "TERMS_VERSION", 99)
    monkeypatch.setattr(language, "terms", lambda text: text.split()[:2])
    with pytest.raises(IndexUnusable, match="was made otherwise"):
        load(settings)
    report = update([settings.notes], settings, no_model)
    assert (sorted(report.unchanged), report.embedded) == (sorted(NOTES), 0)
    assert all(len(words) == 2 for words in (passage.terms for passage in passages(load(settings))))
    in_line(settings)


def test_another_embedding_model_embeds_everything_anew(indexed: LocalSnapshot, settings: Settings) -> None:
    other = replace(settings, embedding="other")
    report = run(other, model=HashEmbedding(dimensions=64))
    assert report.embedded == indexed.about.passages
    assert load(other).vectors.shape == (indexed.about.passages, 65)


def test_an_index_that_was_made_otherwise_keeps_the_notes_from_elsewhere(
    indexed: LocalSnapshot, settings: Settings, tmp_path: Path
) -> None:
    other = write_notes(tmp_path / "other", {"kites.md": "# Kites\nA kite needs wind."})
    run(replace(settings, embedding="other"), other)
    assert sources(replace(settings, embedding="other")) == sorted([*NOTES, "kites.md"])


@pytest.mark.parametrize("file", ["manifest.json", "passages.jsonl", "vectors.faiss"])
def test_a_damaged_index_is_made_anew(indexed: LocalSnapshot, settings: Settings, file: str) -> None:
    (indexed.folder / file).write_bytes(b"{ damaged")
    write_notes(settings.notes, {"new.md": "# Kites\nA kite needs wind."})
    run(settings)
    assert sources(settings) == sorted([*NOTES, "new.md"])
    in_line(settings)


@pytest.mark.parametrize(
    ("file", "embedded"), [("passages.jsonl", 1), ("vectors.faiss", 1), ("keywords/vocab.index.json", 0)]
)
def test_damage_is_mended_even_if_no_note_changed(
    indexed: LocalSnapshot, settings: Settings, file: str, embedded: int
) -> None:
    """A byte is enough. Vectors are carried over while they and their texts are whole."""
    words = len(indexed.keywords.vocab_dict)
    damaged = bytearray((indexed.folder / file).read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (indexed.folder / file).write_bytes(damaged)
    report = run(settings)
    assert report.embedded == embedded * indexed.about.passages
    assert passages(load(settings)) == passages(indexed)
    assert len(load(settings).keywords.vocab_dict) == words
    in_line(settings)
