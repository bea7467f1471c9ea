"""A note that was changed or deleted since it was indexed is looked at before it is cited, in both languages."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEmbedding, ScriptedLLM, opened
from six_notes import LOAF, TEA

from assistant import Answer, Assistant, Settings
from assistant.answer import Strip
from assistant.answering.recheck import still_there
from assistant.index.store import Snapshot
from assistant.messages.said import CITED_CHANGED, NOT_CITED, NOT_FOUND

CASES = [(TEA, "녹차.md", "70도", "80도"), (LOAF, "sourdough.md", "250 degrees", "260 degrees")]
each = pytest.mark.parametrize(("question", "source", "fact", "other"), CASES, ids=["ko", "en"])


def assert_verbatim(answer: Answer, settings: Settings) -> None:
    for cited in answer.citations:
        text = (settings.notes / cited.source).read_text(encoding="utf-8")
        assert text[cited.start : cited.end] == cited.quote


@each
def test_a_note_that_is_as_it_was_is_cited_without_a_word(
    assistant: Assistant, question: str, source: str, fact: str, other: str
) -> None:
    answer = assistant.ask(question)
    assert answer.citations[0].source == source and answer.fallback is None


@each
def test_a_quote_of_a_note_that_changed_elsewhere_is_found_again(
    assistant: Assistant, question: str, source: str, fact: str, other: str
) -> None:
    before = assistant.ask(question)
    note = assistant.settings.notes / source
    note.write_text(f"\n\n새 줄, a new line.\n{note.read_text(encoding='utf-8')}", encoding="utf-8")
    answer = assistant.ask(question)
    assert answer.answer == before.answer
    assert answer.fallback == CITED_CHANGED[answer.language].format(sources=source)
    moved = {cited.start - was.start for cited, was in zip(answer.citations, before.citations, strict=True)}
    assert moved - {0} == {len("\n\n새 줄, a new line.\n")}
    assert_verbatim(answer, assistant.settings)


@each
def test_a_quote_whose_words_changed_is_not_cited_and_that_is_said(
    assistant: Assistant, question: str, source: str, fact: str, other: str
) -> None:
    note = assistant.settings.notes / source
    note.write_text(note.read_text(encoding="utf-8").replace(fact, other), encoding="utf-8")
    answer = assistant.ask(question)
    assert fact not in answer.answer
    assert answer.fallback == NOT_CITED[answer.language].format(sources=source)
    assert_verbatim(answer, assistant.settings)


@each
def test_a_deleted_note_is_not_cited_and_that_is_said(
    assistant: Assistant, question: str, source: str, fact: str, other: str
) -> None:
    (assistant.settings.notes / source).unlink()
    answer = assistant.ask(question)
    assert fact not in answer.answer and source not in {cited.source for cited in answer.citations}
    assert source in (answer.fallback or "") and "assistant index" in (answer.fallback or "")
    assert_verbatim(answer, assistant.settings)


@each
def test_where_no_note_is_left_the_answer_declines(
    assistant: Assistant, question: str, source: str, fact: str, other: str
) -> None:
    for note in assistant.snapshot.notes:
        Path(note.root, note.source).unlink()
    answer = assistant.ask(question)
    assert answer.abstained and answer.answer.startswith(NOT_FOUND[answer.language]) and answer.citations == ()
    assert source in (answer.fallback or "")


@each
def test_a_note_that_cannot_be_read_is_not_cited(
    assistant: Assistant, question: str, source: str, fact: str, other: str
) -> None:
    note = assistant.settings.notes / source
    note.unlink()
    note.mkdir()  # a file without permission is still read by root
    answer = assistant.ask(question)
    assert fact not in answer.answer and source in (answer.fallback or "")


@each
def test_a_writer_is_given_only_what_can_be_cited(
    settings: Settings, embed_model: HashEmbedding, question: str, source: str, fact: str, other: str
) -> None:
    llm = ScriptedLLM.saying("")
    assistant = opened(settings, embed_model, llm)
    (settings.notes / source).unlink()
    answer = assistant.ask(question)
    assert not any(fact in prompt for prompt in llm.prompts)
    assert source in (answer.fallback or "")


@each
def test_a_note_that_was_only_touched_is_cited(
    assistant: Assistant, question: str, source: str, fact: str, other: str
) -> None:
    os.utime(assistant.settings.notes / source, (1, 1))
    answer = assistant.ask(question)
    assert fact in answer.answer and answer.fallback is None


def test_the_nearest_of_several_places_is_taken(indexed: Snapshot) -> None:
    note = next(note for note in indexed.notes if note.source == "등대.txt")
    file = Path(note.root, note.source)
    was = file.read_text(encoding="utf-8")
    words = "등대의 렌즈는 프레넬 렌즈이다."
    file.write_text(f"{words}\n\n머리말.\n\n{was}", encoding="utf-8")
    strip = Strip(note.source, "", "", "", words, was.index(words), was.index(words) + len(words), 0.5, 3)
    [kept], lost, moved = still_there([strip], indexed)
    text = file.read_text(encoding="utf-8")
    assert (kept.start, kept.number, lost) == (text.rindex(words), 1, [])


def test_a_web_page_is_taken_as_it_came(indexed: Snapshot) -> None:
    page = Strip("https://example.org", "", "", "", "words", 0, 5, 0.5, 1)
    assert still_there([page], indexed) == ([page], [], [])
    assert still_there([replace(page, source="등대.txt")], indexed)[0][0].text == "words"
