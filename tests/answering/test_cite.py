"""What a model wrote → sentences that the notes support, under checked marks."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Citation, Sentence, Strip
from assistant.answering.check import SUPPORTED, check
from assistant.answering.cite import marked, marks, number_citations
from assistant.text.language import detect

TEA = "녹차는 70도의 물에 2분 동안 우린다."
BREAD = "The starter is fed every 12 hours with rye flour."
LIGHT = "솔섬 등대는 1931년에 세워졌다."


def strip(number: int, text: str, title: str = "", heading: str = "") -> Strip:
    return Strip("s.md", title, heading, "https://e.org", text, 10, 10 + len(text), relevance=0.5, number=number)


STRIPS = [strip(1, TEA), strip(2, BREAD), strip(3, LIGHT)]


def resolve(written: str, strips: list[Strip]) -> tuple[list[Sentence], list[Citation]]:
    """Return what stands of a text in the language of most of it, under its new numbers."""
    kept = check(written, strips, detect(written)).sentences
    return number_citations(kept, {strip.number: strip for strip in strips})


def shown(written: str, strips: list[Strip] = STRIPS) -> tuple[list[str], list[str]]:
    """Return the answer's sentences as shown, and the quotes in the order of their numbers."""
    found, citations = resolve(written, strips)
    assert [citation.n for citation in citations] == list(range(1, len(citations) + 1))
    return [marked(sentence) for sentence in found], [citation.quote for citation in citations]


@pytest.mark.parametrize(
    ("text", "bare", "numbers"),
    [
        ("녹차는 70도에 우린다 [1].", "녹차는 70도에 우린다.", [1]),
        ("녹차는 70도에 우린다. [1]", "녹차는 70도에 우린다.", [1]),
        ("Tea[1][2] is hot.", "Tea is hot.", [1, 2]),
        ("Tea [1] [2] is hot.", "Tea is hot.", [1, 2]),
        ("Tea is hot [1, 2].", "Tea is hot.", [1, 2]),
        ("Tea is hot [1，2、3].", "Tea is hot.", [1, 2, 3]),
        ("Tea is hot [1-3].", "Tea is hot.", [1, 3]),
        ("Tea is hot 【1】.", "Tea is hot.", [1]),
        ("Tea is hot ［2］.", "Tea is hot.", [2]),
        ("Tea is hot [^1].", "Tea is hot.", [1]),
        ("Tea is hot [Source 2].", "Tea is hot.", [2]),
        ("차는 뜨겁다 [발췌 1, 발췌 2].", "차는 뜨겁다.", [1, 2]),
        ("Tea is hot (1).", "Tea is hot.", [1]),
        ("Tea has (12) sorts.", "Tea has (12) sorts.", []),
        ("Tea came late (1931).", "Tea came late (1931).", []),
        ("[1]에 따르면 차는 뜨겁다.", "차는 뜨겁다.", [1]),
        ("According to [1], tea is hot.", "tea is hot.", [1]),
        ("차 [1]는 뜨겁다.", "차는 뜨겁다.", [1]),
        ("Tea is hot [2][2][1].", "Tea is hot.", [2, 1]),
        ("Tea is hot [1", "Tea is hot", [1]),
        ("Tea is hot [", "Tea is hot", []),
        ("Tea [[1]2] is hot.", "Tea is hot.", [1, 2]),
        ("x[10000] is an array", "x[10000] is an array", []),
        ("no mark", "no mark", []),
        ("", "", []),
    ],
)
def test_marks_are_found_in_all_their_spellings_and_removed(text: str, bare: str, numbers: list[int]) -> None:
    assert marks(text, known=(1, 2, 3)) == (bare, numbers)


def test_a_sentence_keeps_the_mark_that_supports_it() -> None:
    assert shown("녹차는 70도의 물에 우린다 [1].") == (["녹차는 70도의 물에 우린다. [1]"], [TEA])


def test_citations_are_numbered_in_the_order_of_their_first_use() -> None:
    said, quotes = shown(
        "솔섬 등대는 1931년에 세워졌다 [3]. 녹차는 70도의 물에 우린다 [1]. 등대는 1931년에 세워졌다 [3]."
    )
    assert said == [
        "솔섬 등대는 1931년에 세워졌다. [1]",
        "녹차는 70도의 물에 우린다. [2]",
        "등대는 1931년에 세워졌다. [1]",
    ]
    assert quotes == [LIGHT, TEA]


@pytest.mark.parametrize(
    "written",
    [
        "등대는 1931년에 세워졌다. [3] 녹차는 70도의 물에 우린다. [1]",
        "등대는 1931년에 세워졌다.[3] 녹차는 70도의 물에 우린다.[1]",
        "등대는 1931년에 세워졌다.【3】 녹차는 70도의 물에 우린다.【1】",
        "등대는 1931년에 세워졌다 [3]. 녹차는 70도의 물에 우린다 [1].",
        "- 등대는 1931년에 세워졌다 [3].\n- 녹차는 70도의 물에 우린다 [1].",
        "1. 등대는 1931년에 세워졌다 [3].\n2. 녹차는 70도의 물에 우린다 [1].",
    ],
)
def test_a_mark_belongs_to_the_sentence_before_it(written: str) -> None:
    assert shown(written) == (["등대는 1931년에 세워졌다. [1]", "녹차는 70도의 물에 우린다. [2]"], [LIGHT, TEA])


def test_a_mark_given_twice_is_shown_once() -> None:
    assert shown("녹차는 70도의 물에 우린다 [1]. [1]")[0] == ["녹차는 70도의 물에 우린다. [1]"]


@pytest.mark.parametrize("wrong", [" [2]", " [9]", " [0]", "", " [2][9]"])
def test_a_wrong_or_missing_number_is_replaced_by_the_source_that_supports_the_sentence(wrong: str) -> None:
    assert shown(f"녹차는 70도의 물에 우린다{wrong}.") == (["녹차는 70도의 물에 우린다. [1]"], [TEA])


def test_of_several_marks_only_those_that_support_the_sentence_stay() -> None:
    assert shown("녹차는 70도의 물에 우린다 [1][2][7].") == (["녹차는 70도의 물에 우린다. [1]"], [TEA])


@pytest.mark.parametrize(
    "written",
    ["커피는 에티오피아에서 왔다 [1].", "Bread is baked on Mars [2].", "[1]", "네.", "", "  \n"],
)
def test_what_no_source_supports_cites_nothing(written: str) -> None:
    found, citations = resolve(written, STRIPS)
    assert citations == [] and all((sentence.citations, sentence.support) == ((), 0.0) for sentence in found)


def test_title_and_heading_are_part_of_the_evidence() -> None:
    named = strip(1, "It observes on nights without a moon.", title="Mirinae telescope", heading="Observing")
    assert shown("Mirinae observes on nights without a moon.", [named])[0] == [
        "Mirinae observes on nights without a moon. [1]"
    ]


def test_a_citation_quotes_its_strip_and_keeps_its_place() -> None:
    _, [citation] = resolve("녹차는 70도의 물에 우린다 [1].", STRIPS)
    assert citation == Citation(1, "s.md", "", "", "https://e.org", TEA, 10, 10 + len(TEA))


def test_without_sources_nothing_is_cited() -> None:
    assert resolve("녹차는 70도의 물에 우린다 [1].", []) == ([Sentence("녹차는 70도의 물에 우린다.", (), 0.0, "")], [])


def test_number_citations_sorts_the_marks_of_a_sentence() -> None:
    cited = [Sentence("a", (3,), 1.0), Sentence("b", (2, 3), 1.0)]
    found, citations = number_citations(cited, {2: strip(2, "x"), 3: strip(3, "y")})
    assert [marked(sentence) for sentence in found] == ["a [1]", "b [1] [2]"]
    assert [(citation.n, citation.quote) for citation in citations] == [(1, "y"), (2, "x")]


PIECES = st.sampled_from(
    [
        TEA,
        BREAD,
        LIGHT,
        "녹차는 70도의 물에 우린다",
        "커피는 쓰다.",
        " ",
        "\n",
        ".",
        "(",
        ")",
        "[",
        "]",
        "【",
        "】",
        ",",
        "- ",
        "1. ",
    ]
    + [
        "[1]",
        "[2]",
        "[3]",
        "[4]",
        "[99]",
        "[1, 2]",
        "[0]",
        "(3)",
        "【2】",
        "[1-3]",
        "[발췌 2]",
        "[2]에 따르면 ",
        "[2]처럼 ",
        "12",
        "1",
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join), st.integers(0, 3))
def test_an_answer_never_shows_a_number_that_is_no_source(written: str, count: int) -> None:
    strips = STRIPS[:count]
    found, citations = resolve(written, strips)
    assert {citation.quote for citation in citations} <= {strip.text for strip in strips}
    assert [citation.n for citation in citations] == list(range(1, len(citations) + 1))
    used = {number for sentence in found for number in sentence.citations}
    assert used == {citation.n for citation in citations}
    answer = " ".join(marked(sentence) for sentence in found)
    assert {int(n) for n in re.findall(r"[\[【［]\s*(\d{1,3})\s*[\]】］]", answer)} == used
    for sentence in found:
        assert sentence.support >= SUPPORTED if sentence.citations else sentence.support == 0.0
        assert len(set(sentence.citations)) == len(sentence.citations)


@given(st.text(max_size=200))
def test_any_text_at_all_resolves_to_sentences_of_which_each_cites_or_is_marked(written: str) -> None:
    found, citations = resolve(written, STRIPS)
    assert all(bool(sentence.citations) == (sentence.support > 0) for sentence in found)
    assert len(citations) == len({number for sentence in found for number in sentence.citations})
