"""A summary is of the note that the question names, and gives each of its sections a say."""

import pytest
from memory_snapshot import passage

from assistant.answer import Scope, Scored
from assistant.config import Settings
from assistant.index.store import Snapshot
from assistant.index.units import estimate_tokens
from assistant.search.question import read
from assistant.search.summary import named_note, outline, summed_up


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("녹차 우리기 노트 요약해줘", "녹차.md"),
        ("summarise my sourdough bread note", "sourdough.md"),
        ("sourdough 요약 좀", "sourdough.md"),
        ("tldr of the Mirinae telescope", "망원경.md"),
        ("미리내 망원경 핵심만", "망원경.md"),
        ("gist of deep/library.txt", "deep/library.txt"),
        ("요약해줘", ""),
        ("sum up the board meeting", ""),
    ],
)
def test_the_note_is_the_one_that_is_named(indexed: Snapshot, question: str, source: str) -> None:
    assert named_note(read(question), [], indexed, helps=True) == source


def test_what_search_found_decides_between_notes_that_are_named_alike(indexed: Snapshot) -> None:
    both = "summarise the sourdough bicycle note"
    for source in ("sourdough.md", "deep/bicycle.md"):
        found = [Scored(indexed.of(source)[0], 1.0)]
        assert named_note(read(both), found, indexed, helps=True) == source


@pytest.mark.parametrize(
    "question", ["내 부산 여행 노트 요약해줘", "summarise the bread that I baked in Busan for Minho"]
)
def test_what_was_found_first_is_summarised_only_where_it_helps(indexed: Snapshot, question: str) -> None:
    found = [Scored(indexed.of("sourdough.md")[0], 0.6)]
    assert named_note(read(question), found, indexed, helps=True) == "sourdough.md"
    assert named_note(read(question), found, indexed, helps=False) == ""


def test_a_note_named_by_its_title_is_summarised_whatever_was_found(indexed: Snapshot) -> None:
    assert named_note(read("sourdough bread"), [], indexed, helps=False) == "sourdough.md"


def test_a_note_outside_the_scope_is_not_named(indexed: Snapshot) -> None:
    assert named_note(read("summarise sourdough", (), Scope(places=("deep",))), [], indexed, helps=True) == ""


def test_strips_are_the_notes_words_in_its_order_and_come_from_every_section(
    indexed: Snapshot, settings: Settings
) -> None:
    passages = indexed.of("sourdough.md")
    for tokens in (30, 80, 350):
        strips = outline(read("summarise sourdough"), passages, tokens)
        text = (settings.notes / "sourdough.md").read_text(encoding="utf-8")
        assert [strip.number for strip in strips] == list(range(1, len(strips) + 1))
        assert all(text[strip.start : strip.end] == strip.text for strip in strips)
        assert sorted(strip.start for strip in strips) == [strip.start for strip in strips]
        assert len(strips) == 1 or sum(estimate_tokens(strip.shown) for strip in strips) <= tokens
    assert {strip.heading for strip in strips} == {one.heading for one in passages}


def test_a_long_notes_sections_are_read_from_its_beginning_to_its_end() -> None:
    text = [f"Section {number} tells of things that happened on that day in the harbour." for number in range(200)]
    passages = [passage(words, start=100 * number, heading=f"Day {number}") for number, words in enumerate(text)]
    starts = [strip.start for strip in outline(read("summarise it"), passages, 350)]
    assert len(starts) >= 6 and starts[0] == 0 and starts[-1] > 100 * 150


def test_sections_that_the_question_names_are_read_alone() -> None:
    passages = [
        passage("The kiln is fired at night.", heading="Firing", title="Pottery"),
        passage("Glazes are mixed by weight.", start=100, heading="Glazes", title="Pottery"),
    ]
    assert [strip.heading for strip in outline(read("sum up the glazes part of pottery"), passages, 350)] == ["Glazes"]
    assert len(outline(read("sum up pottery"), passages, 350)) == 2
    assert outline(read("sum up pottery"), [], 350) == []


@pytest.mark.parametrize("question", ["deep 폴더 요약해줘", "summarise the deep folder"])
def test_a_folder_is_summed_up_by_the_first_words_of_each_of_its_notes(indexed: Snapshot, question: str) -> None:
    strips = summed_up(read(question), [], indexed, helps=True, tokens=300)
    assert {strip.source for strip in strips} == {"deep/bicycle.md", "deep/library.txt"}
    assert [strip.number for strip in strips] == list(range(1, len(strips) + 1))
    assert [strip.source for strip in strips] == sorted(strip.source for strip in strips)
    assert len(summed_up(read(question), [], indexed, helps=True, tokens=1)) == 1
