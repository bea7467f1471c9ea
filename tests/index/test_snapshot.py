"""The store's promises: what goes in comes out by id, searches stay in their scope, and a state stays as it is."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import HashEmbedding, write_notes
from update_parts import finds, load, passages, run

from assistant.answer import Passage, Scope
from assistant.config import Settings
from assistant.index import base
from assistant.index.local import LocalStore
from assistant.index.passages import embedded_text
from assistant.index.snapshot import LocalSnapshot
from assistant.index.store import Hit, IndexedNote, Snapshot, Store
from assistant.models.embedding import embed_question, embed_texts
from assistant.text.blocks import Place
from assistant.text.language import Language

KITES = {"ko": "# 연\n바람이 연을 밀어 올린다.", "en": "# Kites\nThe wind lifts a kite."}


def of(snapshot: LocalSnapshot, hits: Sequence[Hit]) -> list[str]:
    return [passage.source for passage in snapshot.get(hit.id for hit in hits)]


def asked(words: str) -> np.ndarray:
    return embed_question(HashEmbedding(), words)


def test_the_local_store_is_a_store(settings: Settings, indexed: LocalSnapshot) -> None:
    store: Store = LocalStore(settings)
    snapshot: Snapshot = store.snapshot()
    assert snapshot.about.notes == len(snapshot.notes) == 6
    assert snapshot.about.languages == {"ko": 4, "en": snapshot.about.passages - 4} and snapshot.about.bytes > 1000


def test_passages_come_in_the_order_of_their_ids_and_unknown_ones_are_left_out(indexed: LocalSnapshot) -> None:
    held = passages(indexed)
    ids = [passage.id for passage in reversed(held)]
    assert indexed.get(["nowhere", *ids]) == held[::-1]
    rows = indexed.vectors([*ids, "nowhere"])
    assert rows.shape == (len(ids) + 1, 513) and not rows[-1].any()
    assert indexed.get([]) == [] and indexed.vectors([]).shape == (0, 513)


def test_more_ids_than_a_query_takes_can_be_asked_for(indexed: LocalSnapshot) -> None:
    ids = [passage.id for passage in passages(indexed)] * 300
    assert len(indexed.get(ids)) == len(indexed.vectors(ids)) == len(ids)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (("deep",), {"deep/bicycle.md", "deep/library.txt"}),
        (("deep/",), {"deep/bicycle.md", "deep/library.txt"}),
        (("deep/bicycle.md",), {"deep/bicycle.md"}),
        (("녹차.md", "등대.txt"), {"녹차.md", "등대.txt"}),
        (("dee",), set()),
    ],
)
def test_a_search_stays_in_its_places(indexed: LocalSnapshot, places: tuple[str, ...], expected: set[str]) -> None:
    scope = Scope(places=places)
    assert set(of(indexed, indexed.dense(asked("water"), 50, scope))) == expected
    words = dict.fromkeys((word for passage in passages(indexed) for word in passage.terms), 1.0)
    assert set(of(indexed, indexed.sparse(words, 50, scope))) == expected


def test_the_scope_counts_before_the_best_are_taken(indexed: LocalSnapshot) -> None:
    best = indexed.dense(asked("sourdough bread"), 1)
    inside = indexed.dense(asked("sourdough bread"), 1, Scope(places=("deep",)))
    assert len(best) == len(inside) == 1 and best != inside


def note(source: str, tags: tuple[str, ...] = (), language: Language = Language.EN) -> IndexedNote:
    return IndexedNote("/", source, source, source, language.value, 1, tags=tags)


def passage(source: str, text: str, language: Language = Language.EN) -> Passage:
    words = tuple(text.split())
    return Passage(source, source, source, "", "", language, text, 0, len(text), terms=words)


@pytest.fixture
def tagged(settings: Settings) -> LocalSnapshot:
    """Three notes with tags, added one by one."""
    store = LocalStore(settings)
    for source, tags in (("a", ("cooking/bread",)), ("b", ("cooking",)), ("c", ("cookingwine", "요리"))):
        store.replace(note(source, tags), [passage(source, f"tea {source}")], np.eye(3, dtype=np.float32)[:1])
    return store.snapshot()


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (("cooking",), ["a", "b"]),
        (("#Cooking",), ["a", "b"]),
        (("cooking/bread",), ["a"]),
        (("요리",), ["c"]),
        (("요리", "cooking/bread"), ["a", "c"]),
        (("drinks",), []),
    ],
)
def test_a_tag_takes_in_the_tags_below_it(tagged: LocalSnapshot, tags: tuple[str, ...], expected: list[str]) -> None:
    assert sorted(hit.id for hit in tagged.sparse({"tea": 1.0}, 9, Scope(tags=tags))) == expected
    assert sorted(hit.id for hit in tagged.dense(np.eye(3, dtype=np.float32)[0], 9, Scope(tags=tags))) == expected


def test_a_search_can_be_for_one_language(indexed: LocalSnapshot) -> None:
    words = dict.fromkeys((word for passage in passages(indexed) for word in passage.terms), 1.0)
    for language in Language:
        hits = indexed.get(hit.id for hit in indexed.sparse(words, 50, language=language))
        assert hits and {passage.language for passage in hits} == {language}


def test_terms_count_by_their_weight_and_by_how_rare_they_are(indexed: LocalSnapshot) -> None:
    rare, common = "chainr", "water"
    assert indexed.weight("nowhere") > indexed.weight(rare) > 0 and indexed.holds(rare) and not indexed.holds("nowhere")
    [once] = indexed.sparse({rare: 1.0}, 9)
    [twice] = indexed.sparse({rare: 2.0}, 9)
    assert twice.score == pytest.approx(2 * once.score)
    assert indexed.sparse({rare: 0.0, "nowhere": 1.0}, 9) == [] == indexed.sparse({rare: 1.0}, 0)
    assert indexed.weight(common) <= indexed.weight(rare)


@pytest.mark.parametrize("language", KITES)
def test_replacing_and_removing_a_note_is_as_if_the_index_had_been_made_so(
    indexed: LocalSnapshot, settings: Settings, language: str
) -> None:
    store = LocalStore(settings)
    write_notes(settings.notes, {"kites.md": KITES[language]})
    run(settings)
    held, snapshot = store.snapshot().of("kites.md"), store.snapshot()
    vectors = snapshot.vectors([passage.id for passage in held])
    [known] = [note for note in snapshot.notes if note.source == "kites.md"]
    store.remove("kites.md")
    assert finds(store.snapshot()) == finds(indexed) and store.snapshot().of("kites.md") == []
    store.replace(known, held, vectors)
    store.replace(known, held, vectors)
    assert finds(store.snapshot()) == finds(snapshot) and store.snapshot().of("kites.md") == held


def test_nothing_changes_for_who_took_a_state_before(indexed: LocalSnapshot, settings: Settings) -> None:
    before = finds(indexed)
    store = LocalStore(settings)
    for source in [note.source for note in indexed.notes]:
        store.remove(source)
    assert finds(indexed) == before
    assert store.snapshot().about.passages == 0 and store.snapshot().dense(asked("tea"), 9) == []


def test_a_state_is_taken_again_only_after_a_change(indexed: LocalSnapshot, settings: Settings) -> None:
    store = LocalStore(settings)
    first = store.snapshot()
    assert store.snapshot() is first
    write_notes(settings.notes, {"kites.md": KITES["en"]})
    run(settings)
    assert store.snapshot() is not first and store.snapshot().version != first.version


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


def test_many_threads_may_search_one_state(indexed: LocalSnapshot) -> None:
    expected = indexed.dense(asked("tea water"), 5), indexed.sparse({"water": 1.0}, 5)
    wrong: list[object] = []

    def search() -> None:
        for _ in range(50):
            found = indexed.dense(asked("tea water"), 5), indexed.sparse({"water": 1.0}, 5)
            held = indexed.get(hit.id for hit in found[0])
            if found != expected or [p.id for p in held] != [hit.id for hit in found[0]]:
                wrong.append(found)

    threads = [threading.Thread(target=search) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_words_in_brackets_and_words_that_sound_alike_are_known(settings: Settings) -> None:
    write_notes(settings.notes, {"lexicon.md": "# 차\n어텐션(attention)은 트랜스포머의 핵심이다. A transformer reads."})
    run(settings)
    snapshot = load(settings)
    assert "attent" in snapshot.bracketed("어텐션") and "어텐션" in snapshot.bracketed("attent")
    (settings.notes / "lexicon.md").unlink()
    run(settings)
    assert load(settings).bracketed("어텐션") == set() and snapshot.bracketed("어텐션")


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


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (Scope(since="2025-01-01"), {"new"}),
        (Scope(until="2025-01-01"), {"old"}),
        (Scope(since="2024-06-02", until="2024-06-02"), {"old"}),
        (Scope(since="2026-01-01"), set()),
        (Scope(formats=("PDF",)), {"new"}),
        (Scope(formats=(".md", "pdf"), until="2025-01-01"), {"old"}),
    ],
)
def test_days_and_formats_bound_both_legs(settings: Settings, scope: Scope, found: set[str]) -> None:
    store = LocalStore(settings)
    for name, source, day in (("old", "old.md", "2024-06-02"), ("new", "new.pdf", "2025-05-05")):
        kept = replace(passage(name, f"tea {name}"), source=source)
        there = IndexedNote("/", source, source, source, "en", 1, day=day)
        store.replace(there, [kept], np.eye(2, dtype=np.float32)[[0]])
    notes = store.snapshot()
    assert {hit.id for hit in notes.sparse({"tea": 1.0}, 5, scope)} == found
    assert {hit.id for hit in notes.dense(np.eye(2, dtype=np.float32)[0], 5, scope)} == found
