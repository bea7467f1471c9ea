"""OpenDocument texts → blocks."""

import io
import zipfile

import pytest

from assistant.errors import NoteError
from assistant.notes.formats.extracted import Extracted
from assistant.notes.formats.odt import extract
from assistant.text.blocks import Kind

NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("s", "style"),
    )
)
META = """<office:document-meta xmlns:office="urn:o" xmlns:dc="urn:dc" xmlns:meta="urn:m"><office:meta>
<meta:initial-creator>한지우</meta:initial-creator><meta:creation-date>2023-01-02T03:04:05</meta:creation-date>
<dc:title>차 안내서</dc:title><dc:date>2024-03-01T10:00:00</dc:date></office:meta></office:document-meta>"""


def odt(body: str, **parts: str) -> bytes:
    styles = '<office:automatic-styles><s:style s:name="P1" s:parent-style-name="Title"/></office:automatic-styles>'
    content = f"<office:document-content {NAMES}>{styles}<office:body><office:text>{body}</office:text></office:body>"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", content + "</office:document-content>")
        for name, text in ({"meta": META} | parts).items():
            archive.writestr(name.replace("__", "/") + ".xml", text)
    return stream.getvalue()


def shown(found: Extracted) -> list[tuple[Kind, int, str]]:
    return [(block.kind, block.level, found.text[block.start : block.end]) for block in found.blocks]


def test_headings_paragraphs_and_lists_keep_their_levels() -> None:
    found = extract(
        odt(
            '<text:p text:style-name="P1">녹차</text:p><text:h text:outline-level="2">우리기</text:h>'
            '<text:p>물은<text:s text:c="2"/>70도<text:tab/>이다<text:line-break/>.<text:span> Yes.</text:span>'
            "</text:p>"
            "<text:list><text:list-item><text:p>one</text:p><text:p>more</text:p><text:list><text:list-item>"
            "<text:p>two</text:p></text:list-item></text:list></text:list-item></text:list>"
        )
    )
    assert shown(found) == [
        (Kind.HEADING, 1, "녹차"),
        (Kind.HEADING, 2, "우리기"),
        (Kind.PARAGRAPH, 0, "물은 70도 이다 . Yes."),
        (Kind.ITEM, 1, "- one"),
        (Kind.PARAGRAPH, 0, "more"),
        (Kind.ITEM, 2, "  - two"),
    ]
    assert found.fields == {"title": "차 안내서", "author": "한지우", "date": "2024-03-01"}


def test_a_table_has_rows_with_a_header_and_repeated_cells_are_bounded() -> None:
    def cell(words: str, **more: str) -> str:
        said = "".join(f' table:number-columns-{name}="{value}"' for name, value in more.items())
        return f"<table:table-cell{said}><text:p>{words}</text:p></table:table-cell>"

    rows = (
        cell("품목") + cell("가격"),
        cell("Tea") + cell("3", repeated="2"),
        cell("wide", spanned="2") + "<table:covered-table-cell/>",
        cell("", repeated="999999999"),
    )
    first, *others = (f"<table:table-row>{row}</table:table-row>" for row in rows)
    table = f"<table:table-header-rows>{first}</table:table-header-rows>{''.join(others)}"
    found = extract(odt(f"<table:table>{table}</table:table>"))
    assert found.text.split("\n") == ["| 품목 | 가격 |", "| Tea | 3 | 3 |", "| wide |  |"]
    assert found.blocks[0].kind is Kind.HEAD


def test_notes_and_boxes_follow_their_paragraph_and_comments_and_deleted_text_are_left_out() -> None:
    found = extract(
        odt(
            "<text:tracked-changes><text:changed-region><text:deletion><text:p>옛 글</text:p></text:deletion>"
            "</text:changed-region></text:tracked-changes><text:table-of-content><text:index-body><text:p>목차</text:p>"
            "</text:index-body></text:table-of-content><text:p>Tea<text:note><text:note-citation>1</text:note-citation>"
            "<text:note-body><text:p>각주</text:p></text:note-body></text:note> is<office:annotation><text:p>comment"
            "</text:p></office:annotation> hot.<draw:frame><draw:text-box><text:p>box</text:p></draw:text-box>"
            "</draw:frame></text:p>"
        )
    )
    assert found.text.split("\n\n") == ["Tea is hot.", "각주", "box"]


def test_an_encrypted_file_says_so() -> None:
    manifest = '<m:manifest xmlns:m="urn:m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    with pytest.raises(NoteError, match="it is encrypted; save it without a password"):
        extract(odt("", **{"META-INF__manifest": manifest}))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", odt(""), odt("<text:p>"), odt("<text:p>x</text:p>", meta="<")])
def test_a_broken_or_empty_file_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(NoteError) as error:
        extract(data)
    assert "\n" not in str(error.value)
