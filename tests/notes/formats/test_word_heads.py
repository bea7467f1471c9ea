"""Headings of Word files by their look, where no style says that they are headings."""

from typing import Any

import pytest
from lxml import etree

from assistant.notes.formats.word_heads import by_look

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BODY = "물은 70도까지 데우고, 그다음에 찻잎을 넣어 이 분 동안 우린다."


def p(words: str, size: int = 0, bold: bool = False, listed: bool = False) -> str:
    look = f'<w:sz w:val="{2 * size}"/>' * bool(size) + "<w:b/>" * bold
    numbered = "<w:pPr><w:numPr/></w:pPr>" * listed
    return f"<w:p>{numbered}<w:r><w:rPr>{look}</w:rPr><w:t>{words}</w:t></w:r></w:p>"


def heads(*paragraphs: str, styles: str = "") -> list[tuple[str, int]]:
    root = etree.fromstring(f'<w:body xmlns:w="{W}">{"".join(paragraphs)}</w:body>')
    found = by_look(root, list(etree.fromstring(f'<w:styles xmlns:w="{W}">{styles}</w:styles>')))
    return [("".join(one.itertext()), level) for one, level in found.items()]


def test_larger_and_bold_paragraphs_are_headings_the_largest_the_highest() -> None:
    page = [
        p("차 우리기", 20),
        p(BODY),
        p("물의 온도", 14),
        p(BODY),
        p("Green tea", bold=True),
        p(BODY),
        p(BODY),
        p(BODY),
        p(BODY),
    ]
    assert heads(*page) == [("차 우리기", 1), ("물의 온도", 2), ("Green tea", 3)]


@pytest.mark.parametrize(
    "other",
    [
        p("이 문장은 굵게 쓴 문장이다.", bold=True),
        p("An item", 20, listed=True),
        p("- 3 -", 20),
        p("x" * 100, 20),
        f"<w:tbl><w:tr><w:tc>{p('In a cell', 20)}</w:tc></w:tr></w:tbl>",
        p("smaller", 6, bold=True),
    ],
)
def test_sentences_items_cells_and_long_paragraphs_are_none(other: Any) -> None:
    assert heads(p(BODY), other, p(BODY), p(BODY)) == []


def test_where_much_of_the_text_is_bold_none_are_told() -> None:
    assert heads(p("one", bold=True), p("two", bold=True), p(BODY)) == []


@pytest.mark.parametrize("size", [10, 24])
def test_the_styles_say_how_large_letters_are_of_which_nothing_is_said(size: int) -> None:
    usual = f'<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="{2 * size}"/></w:rPr></w:rPrDefault></w:docDefaults>'
    assert bool(heads(p(BODY), p("A title", 14), p(BODY), p(BODY), styles=usual)) is (size == 10)
