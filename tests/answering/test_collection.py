"""Small talk is answered in a sentence, and questions about the collection from the index itself."""

import json
import os
from typing import Any

import pytest
from fakes import HashEmbedding, ScriptedLLM, opened

from assistant import Answer, Assistant, Settings
from assistant.answer import Kind, Scope
from assistant.answering.collection import LISTED, told, topic
from assistant.index.store import Snapshot
from assistant.messages.said import COLLECTION_NONE, COLLECTION_ON, COLLECTION_ONE, TALK
from assistant.search.question import read
from assistant.text.language import Language

KO, EN = Language.KO, Language.EN
both = pytest.mark.parametrize("language", [KO, EN])


def answered(kind: Kind, language: Language, notes: Snapshot, asked: str = "?", scope: Scope | None = None) -> Answer:
    return told(Answer(asked, language, llm="scripted"), kind, read(asked, (), scope or Scope()), notes)


@both
def test_small_talk_is_one_sentence_without_badge_or_citations(language: Language, indexed: Snapshot) -> None:
    answer = answered(Kind.TALK, language, indexed)
    assert answer.answer == TALK[language].format(count=6)
    form: dict[str, Any] = json.loads(json.dumps(answer.to_json()))
    assert (form["kind"], form["action"], form["citations"], form["abstained"]) == ("talk", None, [], False)


@both
def test_the_collection_is_counted_and_listed_latest_first_after_what_is_named(
    language: Language, settings: Settings, embed_model: HashEmbedding
) -> None:
    for days, name in enumerate(("sourdough.md", "등대.txt", "deep/library.txt")):
        os.utime(settings.notes / name, (2e9 + 86_400 * days,) * 2)
    notes = opened(settings, embed_model).snapshot
    first, *lines = answered(Kind.COLLECTION, language, notes, "is there one on sourdough?").answer.splitlines()
    assert "6" in first and len(lines) == 6
    assert ["sourdough" in lines[0], "library" in lines[1], "등대" in lines[2]] == [True] * 3
    assert "2033-05-20" in lines[1]


@both
def test_notes_outside_the_scope_do_not_count(language: Language, indexed: Snapshot) -> None:
    answer = answered(Kind.COLLECTION, language, indexed, scope=Scope(("deep",)))
    first, *lines = answer.answer.splitlines()
    assert "2" in first and {line.partition("(")[2].partition(",")[0] for line in lines} == {
        "deep/bicycle.md",
        "deep/library.txt",
    }


@both
def test_of_a_large_collection_the_first_are_named_and_the_others_counted(
    language: Language, settings: Settings, embed_model: HashEmbedding
) -> None:
    for number in range(LISTED):
        (settings.notes / f"{number}.md").write_text(f"Note {number} has a word.", encoding="utf-8")
    lines = answered(Kind.COLLECTION, language, opened(settings, embed_model).snapshot).answer.splitlines()
    assert len(lines) == LISTED + 2 and "6" in lines[-1]


@both
def test_where_there_are_none_it_says_so(language: Language, indexed: Snapshot) -> None:
    answer = answered(Kind.COLLECTION, language, indexed, "notes of March 1999?")
    assert answer.answer == COLLECTION_NONE[language] and not answer.abstained


def test_no_model_is_asked_where_no_search_is_needed(
    settings: Settings, embed_model: HashEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.answering.plan.kind_of", lambda question, embedding: Kind.TALK)
    assistant: Assistant = opened(settings, embed_model, ScriptedLLM.saying())
    answer = assistant.ask("안녕?")
    assert answer.kind is Kind.TALK and answer.answer == TALK[KO].format(count=6)
    assert "retrieve" not in answer.seconds


@pytest.mark.parametrize(
    ("asked", "count"), [("2019년 3월에 쓴 노트는?", 1), ("notes from March 2019", 1), ("notes?", 7)]
)
def test_a_time_that_is_named_bounds_the_collection(
    settings: Settings, embed_model: HashEmbedding, asked: str, count: int
) -> None:
    (settings.notes / "2019-03-05.md").write_text("The kiln was lit at noon.", encoding="utf-8")
    notes = opened(settings, embed_model).snapshot
    lines = answered(Kind.COLLECTION, EN, notes, asked).answer.splitlines()
    assert len(lines) == 1 + count and any("2019-03-05" in line for line in lines)


@both
def test_a_folder_that_is_named_is_counted_alone(language: Language, indexed: Snapshot) -> None:
    asked = {KO: "deep 폴더에 노트가 몇 개야?", EN: "how many notes are in deep?"}[language]
    first, *lines = answered(Kind.COLLECTION, language, indexed, asked).answer.splitlines()
    assert "deep" in first and "2" in first and len(lines) == 2


@both
def test_one_note_is_not_notes(language: Language, indexed: Snapshot) -> None:
    answer = answered(Kind.COLLECTION, language, indexed, scope=Scope(("deep/bicycle.md",)))
    assert answer.answer.splitlines()[0] == COLLECTION_ONE[language]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("do I have anything on RAG?", "RAG"),
        ("When did I write about model compression?", "model compression"),
        ("환각에 대한 최신 노트는?", "환각에"),
        ("list all my notes, please", ""),
        ("노트가 몇 개야?", ""),
        ("what did I write in June 2024?", ""),
        ("notes tagged kite", ""),
        ("deep 폴더에는 뭐가 있어?", ""),
    ],
)
def test_a_topic_is_what_is_not_said_of_any_collection(indexed: Snapshot, asked: str, words: str) -> None:
    assert topic(read(asked), indexed) == words


@both
def test_notes_on_a_topic_are_listed_alone(language: Language, indexed: Snapshot) -> None:
    def about(sources: set[str]) -> str:
        question = read("notes about bicycles")
        return told(Answer("?", language), Kind.COLLECTION, question, indexed, sources).answer

    two = {"deep/bicycle.md", "등대.txt"}
    assert about(two).splitlines()[0] == COLLECTION_ON[language].format(count=2)
    assert all(source in about(two) for source in two) and "sourdough" not in about(two)
    assert about(set()) == COLLECTION_NONE[language]


@pytest.mark.parametrize(
    ("asked", "there"), [("do I have a note on sourdough?", True), ("any notes on zeppelins?", False)]
)
def test_a_topic_is_looked_for_in_the_notes(
    settings: Settings, embed_model: HashEmbedding, monkeypatch: pytest.MonkeyPatch, asked: str, there: bool
) -> None:
    monkeypatch.setattr("assistant.answering.plan.kind_of", lambda question, embedding: Kind.COLLECTION)
    found = opened(settings, embed_model).ask(asked)
    assert ("sourdough.md" in found.answer) is there and found.kind is Kind.COLLECTION
    assert there or found.answer == COLLECTION_NONE[EN]


def test_a_tag_a_format_and_an_order_that_are_named_are_kept_to(settings: Settings, embed_model: HashEmbedding) -> None:
    (settings.notes / "kite.md").write_text("---\ntags: [red kite]\ndate: 2001-01-01\n---\nIt flies.", encoding="utf-8")
    notes = opened(settings, embed_model).snapshot

    def named(asked: str) -> list[str]:
        lines = answered(Kind.COLLECTION, EN, notes, asked).answer.splitlines()[1:]
        return [line.partition("(")[2].partition(",")[0] for line in lines]

    assert named("notes tagged red kite") == ["kite.md"] == named("#kite red 태그 붙은 노트")
    assert named("which tag has zebra?") == []
    assert set(named("list the txt files")) == {"등대.txt", "deep/library.txt"}
    assert named("which note is the oldest?")[0] == "kite.md"
