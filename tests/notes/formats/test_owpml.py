"""HWPX and HWPML → blocks."""

import io
import zipfile

import pytest

from assistant.errors import NoteError
from assistant.notes.formats.extracted import Extracted
from assistant.notes.formats.owpml import of_archive, of_xml
from assistant.text.blocks import Kind

NAMES = " ".join(
    f'xmlns:{prefix}="http://www.hancom.co.kr/hwpml/2011/{name}"'
    for prefix, name in (("hp", "paragraph"), ("hs", "section"), ("hh", "head"))
)
HEADER = f"""<hh:head {NAMES}><hh:refList>
<hh:paraPr id="0"><hh:heading type="NONE" level="0"/></hh:paraPr>
<hh:paraPr id="3"><hh:heading type="BULLET" level="1"/></hh:paraPr>
<hh:style id="0" type="PARA" name="바탕글" engName="Normal"/>
<hh:style id="1" type="PARA" name="제목" engName="Title"/>
<hh:style id="2" type="PARA" name="개요 2" engName="Outline 2"/></hh:refList></hh:head>"""
PACKAGE = """<opf:package xmlns:opf="http://www.idpf.org/2007/opf/"><opf:metadata><opf:title>차 안내서</opf:title>
<opf:meta name="creator" content="text">한지우</opf:meta>
<opf:meta name="ModifiedDate" content="text">2024-03-01T04:33:13Z</opf:meta></opf:metadata></opf:package>"""


def hwpx(*sections: str, **parts: str) -> bytes:
    """Return a HWPX file of sections, last one first; further parts are named with `__` for a slash."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/hwp+zip")
        archive.writestr("Contents/header.xml", HEADER)
        archive.writestr("Contents/content.hpf", PACKAGE)
        for number, section in reversed([*enumerate(sections)]):
            archive.writestr(f"Contents/section{number}.xml", f"<hs:sec {NAMES}>{section}</hs:sec>")
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", text)
    return stream.getvalue()


def p(words: str, style: int = 0, shape: int = 0, beside: str = "") -> str:
    run = f'<hp:run charPrIDRef="0"><hp:t>{words}</hp:t>{beside}</hp:run>'
    return f'<hp:p paraPrIDRef="{shape}" styleIDRef="{style}">{run}</hp:p>'


def listed(paragraphs: str) -> str:
    return f"<hp:subList>{paragraphs}</hp:subList>"


def cell(paragraphs: str, columns: int = 1, rows: int = 1) -> str:
    return f'<hp:tc>{listed(paragraphs)}<hp:cellSpan colSpan="{columns}" rowSpan="{rows}"/></hp:tc>'


def table(*rows: str) -> str:
    return "<hp:tbl>" + "".join(f"<hp:tr>{row}</hp:tr>" for row in rows) + "</hp:tbl>"


def shown(found: Extracted) -> list[tuple[Kind, int, str]]:
    return [(block.kind, block.level, found.text[block.start : block.end]) for block in found.blocks]


def test_paragraphs_are_headings_and_items_by_their_styles_and_sections_in_order() -> None:
    found = of_archive(hwpx(p("녹차", 1) + p("우리기", 2) + p("물은 70도이다.") + p("Warm the pot", 0, 3), p("끝")))
    assert shown(found) == [
        (Kind.HEADING, 1, "녹차"),
        (Kind.HEADING, 2, "우리기"),
        (Kind.PARAGRAPH, 0, "물은 70도이다."),
        (Kind.ITEM, 2, "  - Warm the pot"),
        (Kind.PARAGRAPH, 0, "끝"),
    ]
    assert found.fields == {"title": "차 안내서", "author": "한지우", "date": "2024-03-01"}


def test_a_table_has_rows_with_a_header_and_its_nested_tables_are_flat() -> None:
    inner = table(cell(p("a")) + cell(p("b")))
    rows = (
        cell(p("품목"), 1, 2) + cell(p("가격"), 2),
        cell(p("2023")) + cell(p("2024")),
        cell(p("Tea", 0, 0, inner)) + cell(p("1") + p("2")) + cell(p("3")),
    )
    found = of_archive(hwpx(p("", 0, 0, table(*rows))))
    assert found.text.split("\n") == ["| 품목 | 가격 2023 | 가격 2024 |", "| Tea a b | 1 2 | 3 |"]
    assert [block.kind for block in found.blocks] == [Kind.HEAD, Kind.ROW]


def test_a_box_says_whether_it_is_checked() -> None:
    boxes = "".join(
        f'<hp:run><hp:checkBtn caption="{name}" value="{value}"/></hp:run>'
        for name, value in (("원천기술", "UNCHECKED"), ("혁신제품", "CHECKED"))
    )
    assert of_archive(hwpx(f"<hp:p>{boxes}</hp:p>")).text == "☐ 원천기술 ☑ 혁신제품"


def test_a_table_of_one_cell_is_a_frame_around_its_paragraphs() -> None:
    assert of_archive(hwpx(p("", 0, 0, table(cell(p("요약", 1) + p("짧다.")))))).text == "요약\n\n짧다."


def test_boxes_notes_and_captions_follow_their_paragraph_and_equations_stand_in_it() -> None:
    beside = (
        "<hp:equation><hp:script>a over b</hp:script></hp:equation><hp:t>이다.</hp:t>"
        f"<hp:ctrl><hp:footNote>{listed(p('각주'))}</hp:footNote></hp:ctrl>"
        f"<hp:container><hp:rect><hp:drawText>{listed(p('box'))}</hp:drawText></hp:rect></hp:container>"
        f"<hp:pic><hp:caption>{listed(p('그림 1'))}</hp:caption><hp:shapeComment>그림입니다.</hp:shapeComment></hp:pic>"
        f"<hp:ctrl><hp:header>{listed(p('머리말'))}</hp:header></hp:ctrl>"
        f"<hp:ctrl><hp:fieldBegin>{listed(p('메모'))}</hp:fieldBegin></hp:ctrl>"
    )
    assert of_archive(hwpx(p("값은", 0, 0, beside))).text.split("\n\n") == [
        "값은 a over b 이다.",
        "각주",
        "box",
        "그림 1",
    ]


def test_deleted_text_is_left_out_and_tabs_and_line_breaks_are_spaces() -> None:
    words = "물은<hp:tab/>뜨거운<hp:lineBreak/><hp:deleteBegin/>차가운<hp:deleteEnd/>물"
    assert of_archive(hwpx(p(words))).text == "물은 뜨거운 물"


def test_hwpml_is_read_by_the_same_rules() -> None:
    found = of_xml(
        """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE HWPML [<!ENTITY nbsp "&#160;">]>
        <HWPML><HEAD><DOCSUMMARY><TITLE>규정</TITLE><AUTHOR>법제처</AUTHOR></DOCSUMMARY>
        <MAPPINGTABLE><STYLELIST><STYLE Id="4" Name="개요 1"/></STYLELIST></MAPPINGTABLE></HEAD><BODY><SECTION>
        <P Style="4"><TEXT><CHAR>제1장</CHAR></TEXT><TEXT><CHAR>&nbsp;총칙</CHAR></TEXT></P>
        <P Style="0"><TEXT><TABLE><ROW><CELL ColSpan="2"><PARALIST><P><TEXT><CHAR>a</CHAR></TEXT></P></PARALIST></CELL>
        <CELL><PARALIST><P><TEXT><CHAR>b</CHAR></TEXT></P></PARALIST></CELL></ROW></TABLE></TEXT></P>
        </SECTION></BODY></HWPML>""".encode()
    )
    assert shown(found) == [(Kind.HEADING, 1, "제1장 총칙"), (Kind.ROW, 0, "| a |  | b |")]
    assert (found.fields["title"], found.fields["author"]) == ("규정", "법제처")


def test_an_encrypted_file_says_so() -> None:
    manifest = '<m:manifest xmlns:m="urn:m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    with pytest.raises(NoteError, match="it is encrypted; save it without a password"):
        of_archive(hwpx(p("x"), **{"META-INF__manifest": manifest}))


@pytest.mark.parametrize("data", [hwpx(), hwpx(p("")), hwpx("<broken"), hwpx("&b;"), b"PK\x03\x04", b""])
def test_a_broken_or_empty_archive_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(NoteError) as error:
        of_archive(data)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("data", [b"", b"<HWPML>", b"<HWPML/>", b"<html/>"])
def test_broken_or_empty_hwpml_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(NoteError) as error:
        of_xml(data)
    assert "\n" not in str(error.value)
