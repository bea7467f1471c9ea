"""The store of files: what came since they were made, states that stay whole, and all of a passage."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEmbedding, write_notes
from store_parts import asked, passage
from update_parts import finds, load, passages, run

from assistant.config import Settings
from assistant.index import base
from assistant.index.local import LocalStore
from assistant.index.passages import embedded_text
from assistant.index.snapshot import LocalSnapshot
from assistant.models.embedding import embed_texts
from assistant.text.blocks import Place
from assistant.text.language import Language

KITES = {"ko": "# 연\n바람이 연을 밀어 올린다.", "en": "# Kites\nThe wind lifts a kite."}


def test_nothing_changes_for_who_took_a_state_before(indexed: LocalSnapshot, settings: Settings) -> None:
    before = finds(indexed)
    store = LocalStore(settings)
    for source in [note.source for note in indexed.notes]:
        store.remove(source)
    assert finds(indexed) == before
    assert store.snapshot().about.passages == 0 and store.snapshot().dense(asked("tea"), 9) == []


@pytest.mark.parametrize("small", [0, 3, 1000])
def test_what_is_in_the_files_and_what_came_since_is_searched_as_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    """However often the files are made anew, each state finds what an index made at once would."""
    monkeypatch.setattr(base, "FEW", small)
    monkeypatch.setattr(base, "SHARE", 0.0)
    for edition in range(4):
        write_notes(settings.notes, {f"{edition}.md": KITES["en" if edition % 2 else "ko"] + f" {edition}"})
        write_notes(settings.notes, {"sourdough.md": f"# Bread {edition}\nRye loaf number {edition}."})
        run(settings)
    (settings.notes / "1.md").unlink()
    run(settings)
    snapshot = load(settings)
    held = passages(snapshot)
    vectors = embed_texts(HashEmbedding(), [embedded_text(passage) for passage in held])
    assert finds(snapshot) == finds(LocalStore.holding(held, vectors).snapshot())


def test_a_store_of_its_own_goes_with_who_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = LocalStore.holding([passage("a", "tea"), passage("b", "물", Language.KO)], np.eye(2, dtype=np.float32))
    (folder,) = tmp_path.glob("notes-index-*")
    assert [hit.id for hit in store.snapshot().sparse({"물": 1.0}, 5)] == ["b"]
    del store
    assert not folder.exists()


def test_a_locator_and_what_is_hidden_come_back(settings: Settings) -> None:
    first = replace(
        passage("a", "tea <!-- x --> 물"),
        hidden=((4, 14),),
        sentences=((0, 3), (15, 16)),
        columns="a | b",
        titled=False,
    )
    first = replace(first, places=(Place(0, 3, {"page": 7, "box": [0.1, 0.2, 0.3, 0.4]}), Place(3, 16, {"slide": 2})))
    store = LocalStore.holding([first, passage("b", "x")], np.eye(2, dtype=np.float32), settings)
    assert store.snapshot().get(["a"]) == [first]
