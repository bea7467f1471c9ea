"""An index in a Milvus server (milvus-lite serves it here), beside the promises of tests/index/test_store.py."""

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes import HashEmbedding, write_notes
from milvus_parts import brought
from store_parts import ONE, asked, note, of, passage
from update_parts import finds, load, passages, run

from assistant.answer import Scope
from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import milvus, milvus_lease, milvus_writer
from assistant.index.milvus import MilvusStore
from assistant.index.milvus_client import Milvus, mark
from assistant.index.milvus_snapshot import MilvusSnapshot
from assistant.index.snapshot import LocalSnapshot
from assistant.search.question import embedded, read
from assistant.search.retrieve import hybrid
from assistant.text.blocks import Place

pytestmark = [pytest.mark.milvus, pytest.mark.filterwarnings("default")]
KITES = {"ko": "# 연\n바람이 연을 밀어 올린다.", "en": "# Kites\nThe wind lifts a kite."}


@pytest.fixture
def filled(indexed: LocalSnapshot, held: Settings) -> MilvusSnapshot:
    """The index of the six notes, in the server."""
    return brought(held)


@pytest.mark.parametrize("language", KITES)
def test_it_gives_what_the_store_of_files_gives_before_and_after_a_change(
    indexed: LocalSnapshot, filled: MilvusSnapshot, settings: Settings, held: Settings, language: str
) -> None:
    assert filled.notes == indexed.notes and filled.about.bytes > 1000
    assert replace(filled.about, bytes=0, updated="") == replace(indexed.about, bytes=0, updated="")
    assert passages(filled) == passages(indexed) and finds(filled) == finds(indexed)
    write_notes(settings.notes, {"kites.md": KITES[language]})
    run(settings)
    assert finds(brought(held)) == finds(load(settings)) != finds(indexed)
    assert brought(held).alike("en WTR") == load(settings).alike("en WTR")


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
