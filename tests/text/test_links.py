"""Links to other notes in a text: where they stand and what they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.blocks import without
from assistant.text.links import links
from assistant.text.markdown import hidden

LINKS = [
    ("[[Tea]]", "Tea", "", "Tea"),
    ("[[차/녹차#물의 온도|온도]]", "차/녹차", "물의 온도", "온도"),
    ("[[Tea#Water#Heat]]", "Tea", "Heat", "Tea > Heat"),
    ("[[#Water]]", "", "Water", "Water"),
    ("[[Tea#^a1b2c3]]", "Tea", "", "Tea"),
    ("![[Tea]]", "Tea", "", "Tea"),
    ("[tea](Notes%20on%20tea/%EB%85%B9%EC%B0%A8.md)", "Notes on tea/녹차.md", "", "tea"),
    ("[tea](<Green tea.md#water>)", "Green tea.md", "water", "tea"),
    ('[tea](Tea_(green).md "a title")', "Tea_(green).md", "", "tea"),
    ("[below](#water)", "", "water", "below"),
]


@pytest.mark.parametrize(("text", "target", "heading", "words"), LINKS)
def test_a_link_names_a_note_and_a_heading(text: str, target: str, heading: str, words: str) -> None:
    [link] = links(f"See {text} there.")
    assert (link.target, link.heading, link.words) == (target, heading, words)


@pytest.mark.parametrize(("text", "target", "heading", "words"), LINKS)
def test_a_link_is_known_by_what_a_reader_sees_of_it(text: str, target: str, heading: str, words: str) -> None:
    [link] = links(text)
    assert without(text, hidden(text)) == link.shown


def test_in_a_table_the_bar_before_the_words_is_escaped() -> None:
    row = "| [[차/녹차\\|온도]] |\n|---|"
    [link] = links(row)
    assert (link.target, link.words) == ("차/녹차", "온도") and link.shown in without(row, hidden(row))


@pytest.mark.parametrize(
    "text",
    [
        "[a](https://example.org/b)",
        "[a](//example.org)",
        "[a](javascript:alert(1))",
        "[a](:/0123456789abcdef0123456789abcdef)",
        "[a](mailto:a@example.org)",
        "![a](b.png)",
        "[a] (b.md)",
        "[[ \n ]]",
        "a[0]",
    ],
)
def test_what_leads_elsewhere_or_nowhere_is_no_link(text: str) -> None:
    assert list(links(text)) == []


@given(st.text(st.sampled_from("[]()|#<>! ab가%2\n\"'"), max_size=60))
def test_every_link_is_a_piece_of_its_text(text: str) -> None:
    for link in links(text):
        assert 0 <= link.start < link.end <= len(text)
        assert text[link.start : link.end].startswith("[") and text[link.end - 1] in "])"
