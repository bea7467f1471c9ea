"""What any store promises: what goes in comes out by id, searches stay in their scope, and a state stays as it is."""

import threading
from dataclasses import replace

import pytest
from fakes import write_notes
from store_parts import ONE, asked, note, of, passage
from update_parts import finds, passages, run

from assistant.answer import Scope
from assistant.config import Settings
from assistant.index.store import Snapshot, Store
from assistant.index.stores import open_store
from assistant.text.language import Language

KITES = {"ko": "# 연\n바람이 연을 밀어 올린다.", "en": "# Kites\nThe wind lifts a kite."}
IN_SERVER = [pytest.mark.milvus, pytest.mark.filterwarnings("default")]


@pytest.fixture(params=["files", pytest.param("milvus", marks=IN_SERVER)])
def engine(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings for each engine in turn."""
    if request.param == "files":
        return settings
    in_server: Settings = request.getfixturevalue("held")
    return in_server


@pytest.fixture
def filled(engine: Settings) -> Snapshot:
    """The index of the six notes."""
    run(engine)
    return open_store(engine).snapshot()


def test_it_is_a_store_that_says_what_it_holds(engine: Settings, filled: Snapshot) -> None:
    store: Store = open_store(engine)
    snapshot: Snapshot = store.snapshot()
    assert snapshot.about.notes == len(snapshot.notes) == 6 and store.exists()
    assert snapshot.about.languages == {"ko": 4, "en": snapshot.about.passages - 4} and snapshot.about.bytes > 1000


def test_passages_come_in_the_order_of_their_ids_and_unknown_ones_are_left_out(filled: Snapshot) -> None:
    there = passages(filled)
    ids = [passage.id for passage in reversed(there)]
    assert filled.get(["nowhere", *ids]) == there[::-1]
    rows = filled.vectors([*ids, "nowhere"])
    assert rows.shape == (len(ids) + 1, 513) and not rows[-1].any()
    assert filled.get([]) == [] and filled.vectors([]).shape == (0, 513)
    # More than one query takes.
    assert len(filled.get(ids * 300)) == len(filled.vectors(ids * 300)) == len(ids) * 300


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
def test_a_search_stays_in_its_places(filled: Snapshot, places: tuple[str, ...], expected: set[str]) -> None:
    scope = Scope(places=places)
    assert set(of(filled, filled.dense(asked("water"), 50, scope))) == expected
    words = dict.fromkeys((word for passage in passages(filled) for word in passage.terms), 1.0)
    assert set(of(filled, filled.sparse(words, 50, scope))) == expected


def test_the_scope_counts_before_the_best_are_taken(filled: Snapshot) -> None:
    best = filled.dense(asked("sourdough bread"), 1)
    inside = filled.dense(asked("sourdough bread"), 1, Scope(places=("deep",)))
    assert len(best) == len(inside) == 1 and best != inside


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (("cooking",), ["a", "b"]),
        (("#Cooking",), ["a", "b"]),
        (("cooking/bread",), ["a"]),
        (("요리",), ["c"]),
        (("요리", "cooking/bread"), ["a", "c"]),
        (("drinks",), []),
        (('x"] or true or tags in ["',), []),
    ],
)
def test_a_tag_takes_in_the_tags_below_it(engine: Settings, tags: tuple[str, ...], expected: list[str]) -> None:
    store = open_store(engine)
    for source, some in (("a", ("cooking/bread",)), ("b", ("cooking",)), ("c", ("cookingwine", "요리"))):
        store.replace(note(source, some), [passage(source, f"tea {source}")], ONE)
    tagged = store.snapshot()
    assert sorted(hit.id for hit in tagged.sparse({"tea": 1.0}, 9, Scope(tags=tags))) == expected
    assert sorted(hit.id for hit in tagged.dense(ONE[0], 9, Scope(tags=tags))) == expected


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
def test_days_and_formats_bound_both_legs(engine: Settings, scope: Scope, found: set[str]) -> None:
    store = open_store(engine)
    for name, source, day in (("old", "old.md", "2024-06-02"), ("new", "new.pdf", "2025-05-05")):
        store.replace(note(source, day=day), [replace(passage(name, f"tea {name}"), source=source)], ONE)
    notes = store.snapshot()
    assert {hit.id for hit in notes.sparse({"tea": 1.0}, 5, scope)} == found
    assert {hit.id for hit in notes.dense(ONE[0], 5, scope)} == found


def test_a_search_can_be_for_one_language(filled: Snapshot) -> None:
    words = dict.fromkeys((word for passage in passages(filled) for word in passage.terms), 1.0)
    for language in Language:
        hits = filled.get(hit.id for hit in filled.sparse(words, 50, language=language))
        assert hits and {passage.language for passage in hits} == {language}


def test_terms_count_by_their_weight_and_by_how_rare_they_are(filled: Snapshot) -> None:
    rare, common = "chainr", "water"
    assert filled.weight("nowhere") > filled.weight(rare) > 0 and filled.holds(rare) and not filled.holds("nowhere")
    [once] = filled.sparse({rare: 1.0}, 9)
    [twice] = filled.sparse({rare: 2.0}, 9)
    assert twice.score == pytest.approx(2 * once.score)
    assert filled.sparse({rare: 0.0, "nowhere": 1.0}, 9) == [] == filled.sparse({rare: 1.0}, 0)
    assert filled.weight(common) <= filled.weight(rare)


@pytest.mark.parametrize("language", KITES)
def test_replacing_and_removing_a_note_is_as_if_the_index_had_been_made_so(
    engine: Settings, filled: Snapshot, language: str
) -> None:
    before, store = finds(filled), open_store(engine)
    write_notes(engine.notes, {"kites.md": KITES[language]})
    run(engine)
    snapshot = store.snapshot()
    held, now = snapshot.of("kites.md"), finds(snapshot)
    vectors = snapshot.vectors([passage.id for passage in held])
    [known] = [note for note in snapshot.notes if note.source == "kites.md"]
    store.remove("kites.md")
    assert finds(store.snapshot()) == before and store.snapshot().of("kites.md") == []
    store.replace(known, held, vectors)
    store.replace(known, held, vectors)
    assert finds(store.snapshot()) == now and store.snapshot().of("kites.md") == held


def test_nothing_changes_for_who_took_a_state_before(engine: Settings, filled: Snapshot) -> None:
    store, before = open_store(engine), (passages(filled), filled.dense(asked("tea"), 9), filled.of("녹차.md"))
    store.remove("녹차.md")
    assert (passages(filled), filled.dense(asked("tea"), 9), filled.of("녹차.md")) == before
    for source in [one.source for one in store.snapshot().notes]:
        store.remove(source)
    assert store.snapshot().about.passages == 0 and store.snapshot().dense(asked("tea"), 9) == []
    assert filled.dense(asked("tea"), 9) == before[1]


def test_a_state_is_taken_again_only_after_a_change(engine: Settings, filled: Snapshot) -> None:
    store = open_store(engine)
    first = store.snapshot()
    assert store.snapshot() is first and first.notes
    open_store(engine).remove("녹차.md")
    assert store.snapshot() is not first and store.snapshot().version != first.version
    assert [one.source for one in store.snapshot().notes] == [n.source for n in first.notes if n.source != "녹차.md"]
    write_notes(engine.notes, {"kites.md": KITES["en"]})
    run(engine)
    assert "kites.md" in [one.source for one in store.snapshot().notes]


def test_many_threads_may_search_one_state(engine: Settings, filled: Snapshot) -> None:
    expected = filled.dense(asked("tea water"), 5), filled.sparse({"water": 1.0}, 5)
    rounds = 5 if engine.store else 50  # a server is asked over the network each time
    wrong: list[object] = []

    def search() -> None:
        for _ in range(rounds):
            found = filled.dense(asked("tea water"), 5), filled.sparse({"water": 1.0}, 5)
            held = filled.get(hit.id for hit in found[0])
            if found != expected or [p.id for p in held] != [hit.id for hit in found[0]]:
                wrong.append(found)

    threads = [threading.Thread(target=search) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_words_in_brackets_and_words_that_sound_alike_are_known(engine: Settings) -> None:
    write_notes(engine.notes, {"lexicon.md": "# 차\n어텐션(attention)은 트랜스포머의 핵심이다. A transformer reads."})
    run(engine)
    snapshot = open_store(engine).snapshot()
    assert "attent" in snapshot.bracketed("어텐션") and "어텐션" in snapshot.bracketed("attent")
    assert snapshot.alike("en TLNSPM")
    (engine.notes / "lexicon.md").unlink()
    run(engine)
    assert open_store(engine).snapshot().bracketed("어텐션") == set() and snapshot.bracketed("어텐션")
