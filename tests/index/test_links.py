"""Which note a link names."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.index.links import resolved
from assistant.index.store import IndexedNote


def note(source: str, title: str = "-", *aliases: str, copies: tuple[str, ...] = ()) -> IndexedNote:
    return IndexedNote("/", source, source, title, "en", 1, aliases=aliases, copies=copies)


NOTES = [
    note("tea.md", "Brewing", "GT", "그린티"),
    note("drinks/tea.md"),
    note("drinks/cold/tea.md"),
    note("drinks/Brewing.md"),
    note("papers/BERT v1.2.pdf"),
    note("차/녹차.md", "녹차 우리기", copies=("copy.md",)),
    note("Export.zip/Home 0123456789abcdef0123456789abcdef.md", "Home of all"),
    note("graph/pages/setting___theme modes.md"),
    note("Export.zip/Home/Plan (a) fedcba98765432100123456789abcdef.md"),
]


@pytest.mark.parametrize(
    ("target", "origin", "found"),
    [
        ("tea", "a.md", "tea.md"),
        ("TEA.md", "a.md", "tea.md"),
        ("tea", "drinks/b.md", "drinks/tea.md"),
        ("tea", "drinks/cold/b.md", "drinks/cold/tea.md"),
        ("cold/tea", "a.md", "drinks/cold/tea.md"),
        ("/drinks/tea", "a.md", "drinks/tea.md"),
        ("../tea.md", "drinks/cold/b.md", "drinks/tea.md"),
        ("./녹차.md", "차/b.md", "차/녹차.md"),
        (unicodedata.normalize("NFD", "녹차"), "a.md", "차/녹차.md"),
        ("copy", "a.md", "차/녹차.md"),
        ("녹차 우리기", "a.md", "차/녹차.md"),
        ("gt", "a.md", "tea.md"),
        ("그린티", "a.md", "tea.md"),
        ("Brewing", "a.md", "drinks/Brewing.md"),  # a file's name goes before a title
        ("BERT v1.2", "a.md", "papers/BERT v1.2.pdf"),
        ("BERT v1.2.pdf", "a.md", "papers/BERT v1.2.pdf"),
        ("Home", "a.md", "Export.zip/Home 0123456789abcdef0123456789abcdef.md"),
        (
            "Home/Plan (a) fedcba98765432100123456789abcdef.md",
            "Export.zip/Home 0123456789abcdef0123456789abcdef.md",
            "Export.zip/Home/Plan (a) fedcba98765432100123456789abcdef.md",
        ),
        ("setting/Theme modes", "graph/journals/2020_10_02.md", "graph/pages/setting___theme modes.md"),
        ("", "drinks/b.md", "drinks/b.md"),
    ],
)
def test_a_link_names_a_note_by_path_name_title_or_alias_and_the_nearest_of_several(
    target: str, origin: str, found: str
) -> None:
    for notes in (NOTES, NOTES[::-1]):
        assert resolved([target], origin, notes) == {target: found}


@pytest.mark.parametrize("target", ["coffee", "ea", "x/tea", "../../tea", "tea.txt", "/", "..", "."])
def test_a_link_that_names_no_note_is_left_out(target: str) -> None:
    assert resolved([target], "a.md", NOTES) == {}


@given(st.sets(st.text(st.sampled_from("te./aA가\\ "), max_size=8)), st.text(st.sampled_from("te/."), max_size=6))
def test_whatever_a_link_says_it_leads_to_a_note_of_the_index(targets: set[str], origin: str) -> None:
    found = resolved(targets, origin, NOTES)
    assert set(found) <= targets and set(found.values()) <= {each.source for each in NOTES} | {origin}
