"""RTF → blocks."""

import pytest

from assistant.errors import NoteError
from assistant.notes.formats.extracted import Extracted
from assistant.notes.formats.rtf import extract
from assistant.text.blocks import Kind

HEAD = r"{\rtf1\ansi\ansicpg949\deff0{\fonttbl{\f0\fnil\fcharset129 Batang;}}{\stylesheet{\s1\outlinelevel0 heading;}}"


def escaped(words: str) -> str:
    return "".join(f"\\'{byte:02x}" for byte in words.encode("cp949"))


def read(body: str) -> Extracted:
    return extract(f"{HEAD}{body}}}".encode("cp949"))


def shown(found: Extracted) -> list[tuple[Kind, int, str]]:
    return [(block.kind, block.level, found.text[block.start : block.end]) for block in found.blocks]


def test_korean_is_read_from_code_pages_and_from_escapes() -> None:
    expected = "녹차는 뜨겁다. Tea 😀"
    assert read(escaped("녹차는 뜨겁다.") + r" Tea \u-10179?\u-8704?\par").text == expected
    assert read(r"녹차는 뜨겁다. Tea \u-10179?\u-8704?\par").text == expected
    assert read(r"\uc2\u45433\'b3\'ec\u52264\'c2\'f7\par").text == "녹차"


def test_headings_items_and_paragraphs_are_told_apart() -> None:
    found = read(
        r"\pard\s1\outlinelevel1 " + escaped("우리기") + r"\par\pard Hot\line water\par"
        r"{\listtext\pard\'b7\tab}\pard\ilvl0\ls1 one\par{\listtext\pard 2.\tab}\pard\ilvl1\ls1 two\par"
    )
    assert shown(found) == [
        (Kind.HEADING, 2, "우리기"),
        (Kind.PARAGRAPH, 0, "Hot water"),
        (Kind.ITEM, 1, "- one"),
        (Kind.ITEM, 2, "  2. two"),
    ]


def test_a_table_has_rows_with_a_header() -> None:
    found = read(
        r"before\par\trowd\cellx1\cellx2\pard\intbl Item\cell Price\cell{\trowd\cellx1\row}"
        r"\trowd\cellx1\cellx2\pard\intbl Tea\par hot\cell 3\cell\row\pard after\par"
    )
    assert shown(found) == [
        (Kind.PARAGRAPH, 0, "before"),
        (Kind.HEAD, 0, "| Item | Price |"),
        (Kind.ROW, 0, "| Tea hot | 3 |"),
        (Kind.PARAGRAPH, 0, "after"),
    ]


def test_a_link_shows_its_words_and_a_picture_nothing() -> None:
    link = r'{\field{\*\fldinst{HYPERLINK "https://x.example/"}}{\fldrslt{the guide}}}'
    assert read(rf"see {link}{{\pict\pngblip\bin4 }}}}}}}} 89504e47}}.\par").text == "see the guide."


def test_the_title_author_and_date_are_the_files() -> None:
    info = r"{\info{\title " + escaped("차 안내서") + r"}{\author Han}{\creatim\yr2024\mo3\dy1}}"
    assert read(info + r"x\par").fields == {"title": "차 안내서", "author": "Han", "date": "2024-03-01"}


@pytest.mark.parametrize("data", [b"", b"plain", b"{\\rtf1}", b"{\\rtf1\\ansi \\par}", b"{\\rtf1 \\u99999999999?x}"])
def test_bytes_that_are_no_rtf_with_text_are_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(NoteError) as error:
        extract(data)
    assert "\n" not in str(error.value)


def test_a_row_may_be_described_behind_its_cells_as_word_does_it() -> None:
    rows = r"\trowd\cellx1\cellx2 \pard\intbl Item\cell Price\cell\trowd\cellx1\cellx2\row"
    rows += r"\pard\intbl Tea\cell 3\cell\trowd\cellx1\cellx2\row \pard\intbl Ink\cell 4\cell\trowd\row"
    found = extract(rb"{\rtf1 before\par" + rows.encode() + rb"\pard after\par}")
    assert found.text == "before\n\n| Item | Price |\n| Tea | 3 |\n| Ink | 4 |\n\nafter"
