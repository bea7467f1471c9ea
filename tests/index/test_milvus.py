"""The promises of tests/index/test_snapshot.py, kept by an index in a Milvus server (milvus-lite serves it here)."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes import HashEmbedding, write_notes
from milvus_parts import ONE, asked, brought, note, of, passage
from update_parts import finds, load, passages, run

from assistant.answer import Scope
from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import milvus, milvus_lease, milvus_writer
from assistant.index.milvus import MilvusStore
from assistant.index.milvus_client import Milvus, mark
from assistant.index.milvus_snapshot import MilvusSnapshot
from assistant.index.snapshot import LocalSnapshot
from assistant.index.store import Snapshot, Store
from assistant.search.question import embedded, read
from assistant.search.retrieve import hybrid
from assistant.text.blocks import Place
from assistant.text.language import Language

pytestmark = [pytest.mark.milvus, pytest.mark.filterwarnings("default")]
KITES = {"ko": "# 연\n바람이 연을 밀어 올린다.", "en": "# Kites\nThe wind lifts a kite."}


@pytest.fixture
def filled(indexed: LocalSnapshot, held: Settings) -> MilvusSnapshot:
    """The index of the six notes, in the server."""
    return brought(held)


def test_it_is_a_store_and_gives_what_the_local_one_gives(
    indexed: LocalSnapshot, filled: MilvusSnapshot, held: Settings
) -> None:
    store: Store = MilvusStore(held)
    snapshot: Snapshot = store.snapshot()
    assert snapshot.notes == indexed.notes and snapshot.about.bytes > 1000
    assert replace(snapshot.about, bytes=0, updated="") == replace(indexed.about, bytes=0, updated="")
    assert passages(filled) == passages(indexed) and finds(filled) == finds(indexed)


def test_passages_come_in_the_order_of_their_ids_and_unknown_ones_are_left_out(filled: MilvusSnapshot) -> None:
    there = passages(filled)
    ids = [passage.id for passage in reversed(there)]
    assert filled.get(["nowhere", *ids]) == there[::-1]
    rows = filled.vectors([*ids, "nowhere"])
    assert rows.shape == (len(ids) + 1, 513) and not rows[-1].any()
    assert filled.get([]) == [] and filled.vectors([]).shape == (0, 513)
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
def test_a_search_stays_in_its_places(filled: MilvusSnapshot, places: tuple[str, ...], expected: set[str]) -> None:
    scope = Scope(places=places)
    assert set(of(filled, filled.dense(asked("water"), 50, scope))) == expected
    words = dict.fromkeys((word for passage in passages(filled) for word in passage.terms), 1.0)
    assert set(of(filled, filled.sparse(words, 50, scope))) == expected


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
def test_a_tag_takes_in_the_tags_below_it(held: Settings, tags: tuple[str, ...], expected: list[str]) -> None:
    store = MilvusStore(held)
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
def test_days_and_formats_bound_both_legs(held: Settings, scope: Scope, found: set[str]) -> None:
    store = MilvusStore(held)
    for name, source, day in (("old", "old.md", "2024-06-02"), ("new", "new.pdf", "2025-05-05")):
        store.replace(note(source, day=day), [replace(passage(name, f"tea {name}"), source=source)], ONE)
    notes = store.snapshot()
    assert {hit.id for hit in notes.sparse({"tea": 1.0}, 5, scope)} == found
    assert {hit.id for hit in notes.dense(ONE[0], 5, scope)} == found


def test_a_search_can_be_for_one_language(filled: MilvusSnapshot) -> None:
    words = dict.fromkeys((word for passage in passages(filled) for word in passage.terms), 1.0)
    for language in Language:
        hits = filled.get(hit.id for hit in filled.sparse(words, 50, language=language))
        assert hits and {passage.language for passage in hits} == {language}


def test_terms_count_by_their_weight_and_by_how_rare_they_are(filled: MilvusSnapshot) -> None:
    rare, common = "chainr", "water"
    assert filled.weight("nowhere") > filled.weight(rare) > 0 and filled.holds(rare) and not filled.holds("nowhere")
    [once] = filled.sparse({rare: 1.0}, 9)
    [twice] = filled.sparse({rare: 2.0}, 9)
    assert twice.score == pytest.approx(2 * once.score)
    assert filled.sparse({rare: 0.0, "nowhere": 1.0}, 9) == [] == filled.sparse({rare: 1.0}, 0)
    assert filled.weight(common) <= filled.weight(rare)


@pytest.mark.parametrize("language", KITES)
def test_replacing_and_removing_a_note_is_as_if_the_index_had_been_made_so(
    indexed: LocalSnapshot, filled: MilvusSnapshot, settings: Settings, held: Settings, language: str
) -> None:
    before = finds(filled)
    write_notes(settings.notes, {"kites.md": KITES[language]})
    run(settings)
    snapshot, store = brought(held), MilvusStore(held)
    assert finds(snapshot) == finds(load(settings))
    of_it = snapshot.of("kites.md")
    vectors = snapshot.vectors([passage.id for passage in of_it])
    [known] = [note for note in snapshot.notes if note.source == "kites.md"]
    store.remove("kites.md")
    assert finds(store.snapshot()) == before == finds(indexed) and store.snapshot().of("kites.md") == []
    store.replace(known, of_it, vectors)
    store.replace(known, of_it, vectors)
    assert finds(store.snapshot()) == finds(load(settings)) and store.snapshot().of("kites.md") == of_it


def test_nothing_changes_for_who_took_a_state_before(filled: MilvusSnapshot, held: Settings) -> None:
    store, before = MilvusStore(held), (passages(filled), filled.dense(asked("tea"), 9), filled.of("녹차.md"))
    store.remove("녹차.md")
    assert (passages(filled), filled.dense(asked("tea"), 9), filled.of("녹차.md")) == before
    for source in [one.source for one in store.snapshot().notes]:
        store.remove(source)
    assert store.snapshot().about.passages == 0 and store.snapshot().dense(asked("tea"), 9) == []
    assert filled.dense(asked("tea"), 9) == before[1]


def test_rows_that_were_replaced_go_after_a_while(
    filled: MilvusSnapshot, held: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, server = MilvusStore(held), Milvus(held)

    def left() -> set[str]:
        [name] = [one for one in server.collections() if one.startswith(held.store_name) and one.endswith("_passages")]
        return {row["source"] for row in server.read_all(name, "revision > 0", ["source"])}

    store.remove("녹차.md")
    assert {mark("녹차.md"), mark("등대.txt")} <= left()
    monkeypatch.setattr(milvus_writer, "GRACE", -1.0)
    store.remove("등대.txt")
    assert not {mark("녹차.md"), mark("등대.txt")} & left() and len(left()) == 4


def test_a_state_is_taken_again_only_after_a_change(filled: MilvusSnapshot, held: Settings) -> None:
    store = MilvusStore(held)
    first = store.snapshot()
    assert store.snapshot() is first and first.notes
    MilvusStore(held).remove("녹차.md")
    assert store.snapshot() is not first and store.snapshot().version != first.version
    assert [note.source for note in store.snapshot().notes] == [n.source for n in first.notes if n.source != "녹차.md"]


@pytest.mark.parametrize("broken", ["passages", "notes", "words", "head"])
def test_what_a_killed_writer_left_is_never_seen_and_then_goes(
    filled: MilvusSnapshot, held: Settings, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """The writer stops before each of its writes in turn; the lease that it leaves runs out."""
    before, put, dead = finds(filled), Milvus.put, list[str]()

    def last(self: Milvus, name: str, rows: Sequence[dict[str, object]]) -> None:
        if dead or name.endswith(broken) and not str(rows[0]["pk"]).startswith("lease"):
            nothing_more(self, name)
        put(self, name, rows)

    def nothing_more(self: Milvus, name: str, *arguments: object) -> None:
        dead.append(name)
        raise KeyboardInterrupt

    store = MilvusStore(held)
    with monkeypatch.context() as patched:
        patched.setattr(Milvus, "put", last)
        patched.setattr(Milvus, "delete", nothing_more)
        with pytest.raises(KeyboardInterrupt):
            store.replace(note("kites"), [passage("kites", "water wind")], asked("water")[None, :])
    assert finds(MilvusStore(held).snapshot()) == before
    with pytest.raises(IndexUnusable, match="another process is indexing"):
        MilvusStore(held).remove("nothing")
    now = time.time() + milvus_lease.LEASE
    monkeypatch.setattr(time, "time", lambda: now)
    MilvusStore(held).replace(note("other"), [passage("other", "water fall")], asked("fall")[None, :])
    assert "kites" not in of(filled, MilvusStore(held).snapshot().sparse({"water": 1.0}, 50))
    MilvusStore(held).remove("other")
    assert finds(MilvusStore(held).snapshot()) == before


def test_many_threads_may_search_one_state(filled: MilvusSnapshot) -> None:
    expected = filled.dense(asked("tea water"), 5), filled.sparse({"water": 1.0}, 5)
    wrong: list[object] = []

    def search() -> None:
        for _ in range(5):
            found = filled.dense(asked("tea water"), 5), filled.sparse({"water": 1.0}, 5)
            if found != expected or [p.id for p in filled.get(hit.id for hit in found[0])] != [h.id for h in found[0]]:
                wrong.append(found)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_words_in_brackets_and_words_that_sound_alike_are_known(settings: Settings, held: Settings) -> None:
    write_notes(settings.notes, {"lexicon.md": "# 차\n어텐션(attention)은 트랜스포머의 핵심이다. A transformer reads."})
    run(settings)
    snapshot = brought(held)
    assert "attent" in snapshot.bracketed("어텐션") and "어텐션" in snapshot.bracketed("attent")
    assert snapshot.alike("en TLNSPM") == load(settings).alike("en TLNSPM")
    MilvusStore(held).remove("lexicon.md")
    assert MilvusStore(held).snapshot().bracketed("어텐션") == set()


def test_everything_of_a_passage_comes_back(held: Settings) -> None:
    odd = 'tea <!-- x --> 물 \udc80 \x00 "q" \\ \''
    first = replace(
        passage("a", odd), hidden=((4, 14),), sentences=((0, 3), (15, 16)), columns="a | b", titled=False,
        source='a "b" \udc80\n.md', places=(Place(0, 3, {"page": 7, "box": [0.1, 0.2]}), Place(3, 16, {"slide": 2})),
    )  # fmt: skip
    store = MilvusStore(held)
    store.replace(replace(note(first.source), root="/"), [replace(first, terms=("tea",))], ONE)
    store.replace(note("b"), [passage("b", "")], ONE)
    snapshot = store.snapshot()
    assert snapshot.get(["a"]) == [replace(first, terms=("tea",))] == snapshot.of(first.source)
    assert snapshot.dense(ONE[0], 5, Scope(places=(first.source,)))[0].id == "a"
    assert [n.source for n in snapshot.notes] == [first.source, "b"]


def test_a_server_that_is_away_is_said_in_one_line(held: Settings) -> None:
    with pytest.raises(IndexUnusable, match="Milvus server at http://127.0.0.1:9 ") as told:
        MilvusStore(replace(held, store_address="http://127.0.0.1:9")).snapshot()
    assert "\n" not in str(told.value)


def test_no_index_another_schema_and_another_model_are_said_so(
    filled: MilvusSnapshot, held: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(IndexUnusable, match="no index at"):
        MilvusStore(replace(held, store_name=f"{held.store_name}x")).snapshot()
    with pytest.raises(IndexUnusable, match="was made otherwise"):
        MilvusStore(replace(held, embedding="another")).snapshot()
    monkeypatch.setattr(milvus, "SCHEMA", 2)
    with pytest.raises(IndexUnusable, match="has schema 1, this version of the program has 2"):
        MilvusStore(held).snapshot()
    with pytest.raises(IndexUnusable, match="has schema 1"):
        MilvusStore(held).remove("녹차.md")


def test_a_question_s_words_are_looked_up_in_few_calls(
    indexed: LocalSnapshot, filled: MilvusSnapshot, held: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for kind in ("read", "search"):

        def counted(self: Milvus, *rest: object, call: object = getattr(Milvus, kind), **more: object) -> object:
            calls.append(str(rest[0]))
            return call(self, *rest, **more)  # type: ignore[operator]

        monkeypatch.setattr(Milvus, kind, counted)
    question = embedded(read("물의 온도는 몇 도이고 who keeps the lighthouse on the coast?"), HashEmbedding())
    found = hybrid(filled, question, 10)
    assert [item.passage for item in found] == [item.passage for item in hybrid(indexed, question, 10)]
    assert len(calls) <= 7, "two legs, one of them in both languages; two look-ups of words; the passages"
    monkeypatch.undo()
    assert MilvusStore(held).snapshot().alike("en WTR") == filled.alike("en WTR") == indexed.alike("en WTR")
