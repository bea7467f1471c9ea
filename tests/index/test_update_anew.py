"""What is made anew: passages and vectors that other code or another model made, and an index of an earlier version."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEmbedding, write_notes
from six_notes import NOTES
from update_parts import in_line, load, no_model, passages, run, sources

from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import passages as cutting
from assistant.index import vectors
from assistant.index.snapshot import LocalSnapshot
from assistant.index.update import update
from assistant.models.embedding import normalised


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
    monkeypatch.setattr("assistant.text.terms.TERMS_VERSION", 99)
    monkeypatch.setattr("assistant.index.ingest.terms", lambda text: text.split()[:2])
    with pytest.raises(IndexUnusable, match="was made otherwise"):
        load(settings)
    report = update([settings.notes], settings, no_model)
    assert (sorted(report.unchanged), report.embedded) == (sorted(NOTES), 0)
    assert all(len(passage.terms) == 2 for passage in passages(load(settings)))


def test_another_embedding_model_embeds_everything_anew(indexed: LocalSnapshot, settings: Settings) -> None:
    other = replace(settings, embedding="other")
    report = run(other, model=HashEmbedding(dimensions=64))
    assert report.embedded == indexed.about.passages
    assert load(other).vectors([passage.id for passage in passages(load(other))]).shape == (report.passages, 65)


def test_an_index_that_was_made_otherwise_keeps_the_notes_from_elsewhere(
    indexed: LocalSnapshot, settings: Settings, tmp_path: Path
) -> None:
    other = write_notes(tmp_path / "other", {"kites.md": "# Kites\nA kite needs wind."})
    run(replace(settings, embedding="other"), other)
    assert sources(replace(settings, embedding="other")) == sorted([*NOTES, "kites.md"])


class Old:
    """An index as earlier versions wrote it, with vectors that no model makes again."""

    def __init__(self, settings: Settings, weights: str = "hash") -> None:
        run(settings)
        snapshot = load(settings)
        held = passages(snapshot)
        self.rows = normalised(np.random.default_rng(5).normal(size=(len(held), 513)).astype(np.float32))
        records = [
            {
                "id": passage.id,
                "text": passage.text,
                "start": passage.start,
                "end": passage.end,
                "metadata": {"title": passage.title, "heading": passage.heading, "titled": passage.titled},
                "terms": passage.terms,
            }
            for passage in held
        ]
        notes = [{"root": note.root, "source": note.source} for note in snapshot.notes]
        shutil.rmtree(settings.index)
        self.folder = settings.index / "0123456789ab"
        self.folder.mkdir(parents=True)
        (settings.index / "CURRENT").write_text(self.folder.name)
        (settings.index / ".embedded").write_text("x")
        lines = "\n".join(json.dumps(record) for record in records)
        (self.folder / "passages.jsonl").write_text(lines)
        vectors.write(vectors.build(self.rows, 1), self.folder / "vectors.faiss")
        said = {"fingerprint": {"embedding": "hash", "weights": weights, "format": 2}, "notes": notes, "unread": []}
        (self.folder / "manifest.json").write_text(json.dumps(said))


def test_an_index_of_an_earlier_version_is_told_and_its_vectors_are_taken_over(settings: Settings) -> None:
    old = Old(settings)
    (settings.index / "precious").mkdir()
    with pytest.raises(IndexUnusable) as caught:
        load(settings)
    assert str(caught.value) == (
        f"the index at {settings.index} was made by an earlier version; renew it with: assistant index [FOLDER]"
    )
    report = update([settings.notes], replace(settings, embedding=""), no_model)
    assert (sorted(report.indexed), report.embedded) == (sorted(NOTES), 0)
    held = passages(load(settings))
    np.testing.assert_allclose(load(settings).vectors([passage.id for passage in held]), old.rows, atol=1e-6)
    left = {path.name for path in settings.index.iterdir()} - {"index.sqlite-wal", "index.sqlite-shm"}
    assert left == {"index.sqlite", "precious", ".lock", "whole"}


def test_what_other_weights_embedded_is_not_taken_over(settings: Settings) -> None:
    Old(settings, "other weights")
    report = run(settings)
    assert report.embedded == report.passages
    in_line(settings)


def test_nor_is_the_vector_of_a_passage_of_which_a_sentence_was_left_out(settings: Settings) -> None:
    old = Old(settings)
    records = [json.loads(line) for line in (old.folder / "passages.jsonl").read_text().splitlines()]
    records[0]["terms"] = records[0]["terms"][: len(records[0]["terms"]) // 2]
    (old.folder / "passages.jsonl").write_text("\n".join(map(json.dumps, records)))
    assert run(settings).embedded == 1


@pytest.mark.parametrize("file", ["CURRENT", "0123456789ab/manifest.json", "0123456789ab/vectors.faiss"])
@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"{}"])
def test_a_damaged_one_is_made_anew(settings: Settings, file: str, data: bytes) -> None:
    Old(settings)
    (settings.index / file).write_bytes(data)
    with pytest.raises(IndexUnusable, match="assistant index"):
        load(settings)
    report = run(settings)
    assert report.embedded == report.passages
    assert not (settings.index / "CURRENT").exists()
    in_line(settings)


def test_the_notes_that_it_held_from_elsewhere_stay(settings: Settings, tmp_path: Path) -> None:
    other = write_notes(tmp_path / "other", {"kites.md": "# Kites\nA kite needs wind."})
    run(settings, other)
    Old(settings)
    run(settings)
    assert sources(settings) == sorted([*NOTES, "kites.md"])
