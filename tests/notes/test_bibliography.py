"""BibTeX as reference managers write it: titles, people, years, and the files that are meant."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.notes.bibliography import Library, entries

ZOTERO = r"""
@article{vaswani_attention_2017,
	title = {Attention {Is} {All} {You} {Need}},
	url = {http://arxiv.org/abs/1706.03762},
	abstract = {The dominant models, "as ever", are {complex; 50\% more}.},
	author = {Vaswani, Ashish and Shazeer, Noam and Parmar, Niki and Uszkoreit, Jakob},
	month = aug,
	year = {2017},
	file = {PDF:files/12/Vaswani et al. - 2017 - Attention.pdf:application/pdf;Snapshot:files/13/1706.html:text/html},
}

@book{kim2021, title = "검색 증강 {생성}의 \& 이해", author = {김민지 and 박서준}, date = {2021-03-02},
  file = {:C\:\\Users\\me\\Zotero\\storage\\AB12\\책 (1).pdf:PDF}}

@misc{muller, title = {{\"U}ber {\v C}apek, \'{e}t\'e, Gar\c{c}on \textit{and} more},
  author = {{World Health Organization}}, year = 1999}
@comment{nothing} @string{a = "b"} @misc{untitled, year = 2000}
"""


def test_the_entries_of_an_export_are_read() -> None:
    first, second, third = entries(ZOTERO)
    assert (first.key, first.title, first.cited) == (
        "vaswani_attention_2017",
        "Attention Is All You Need",
        "Vaswani et al. 2017",
    )
    assert first.files == ("files/12/Vaswani et al. - 2017 - Attention.pdf", "files/13/1706.html")
    assert (second.title, second.cited) == ("검색 증강 생성의 & 이해", "김민지, 박서준 2021")
    assert second.files == ("C:/Users/me/Zotero/storage/AB12/책 (1).pdf",)
    assert third.title == "Über Čapek, été, Garçon and more"
    assert (third.cited, third.line) == (
        "World Health Organization 1999",
        f"{third.title} (World Health Organization 1999)",
    )


@pytest.mark.parametrize(
    ("field", "paths"),
    [
        ("/home/me/Zotero/storage/AB12/a.pdf", ("/home/me/Zotero/storage/AB12/a.pdf",)),
        (":a.pdf:PDF", ("a.pdf",)),
        ("a\\;b\\_c.pdf", ("a;b_c.pdf",)),
        ("C:\\\\papers\\\\a.pdf", ("C:/papers/a.pdf",)),
        ("", ()),
    ],
)
def test_files_are_named_as_each_program_does(field: str, paths: tuple[str, ...]) -> None:
    [entry] = entries(f"@misc{{k, title = {{T}}, file = {{{field}}}}}")
    assert entry.files == paths


def library(**texts: str) -> Library:
    made = Library()
    for source, text in texts.items():
        made.add(f"{source.replace('__', '/')}.bib", text)
    return made


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("files/12/Vaswani et al. - 2017 - Attention.pdf", "Attention Is All You Need"),
        ("files/13/1706.html", "Attention Is All You Need"),
        ("books/책 (1).pdf", "검색 증강 생성의 & 이해"),
        ("kim2021.pdf", "검색 증강 생성의 & 이해"),
        ("Vaswani et al. - 2017 - Attention is all you need.pdf", "Attention Is All You Need"),
        ("a/attention_is_all_you_need.pdf", "Attention Is All You Need"),
        ("attention.pdf", None),
        ("Attention Is All You Need, explained.pdf", None),
        ("files/12/other.pdf", None),
    ],
)
def test_an_entry_is_found_by_its_file_its_key_or_its_title(source: str, title: str | None) -> None:
    found = library(Library=ZOTERO).entry(source)
    assert (found and found.title) == title


def test_of_files_with_one_name_the_folder_decides_and_of_bibliographies_the_nearest() -> None:
    text = "".join(f"@misc{{k{n}, title = {{Paper {n}}}, file = {{/x/storage/{n}/paper.pdf}}}}" for n in "ABC")
    made = library(all=text, sub__mine="@misc{z, title = {Mine}, file = {paper.pdf}}")
    assert [made.entry(f"storage/{n}/paper.pdf").title for n in "ABC"] == ["Paper A", "Paper B", "Paper C"]  # type: ignore[union-attr]
    assert made.entry("sub/paper.pdf").title == "Mine"  # type: ignore[union-attr]
    assert made.entry("sub/storage/B/paper.pdf").title == "Paper B"  # type: ignore[union-attr]
    assert library(sub__mine=ZOTERO).entry("kim2021.pdf") is None, "it is about the files in its folder"


def test_an_entry_that_is_not_closed_costs_only_itself() -> None:
    broken = '@misc{a, title = {One}, abstract = {never closed\n@misc{b, title = {Two}}\n@misc{c, title = "Three}\n'
    assert [entry.title for entry in entries(f"{broken}@misc{{d, title = {{Four}}}}")] == ["One", "Two", "Four"]


@given(st.lists(st.sampled_from(["@misc{a,", "title", "=", "{", "}", '"', "가", "\\", ",", "\n@", "file", ":", ";"])))
def test_no_text_ends_a_run(pieces: list[str]) -> None:
    for entry in entries("".join(pieces)):
        assert entry.title and "\n" not in entry.line


@pytest.mark.parametrize("piece", ["@a{b,c={", '@a{b,c="', "@a{b,title={x},", "{", "@", "@a{b, file = {x;"])
def test_reading_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    def seconds(times: int) -> float:
        start = time.process_time()
        list(entries(piece * times))
        return time.process_time() - start

    assert seconds(20_000) < 60 * seconds(2_000) + 1
