"""Hangul documents: HWP 5 → blocks, and which reader takes what."""

import io
import struct
import zipfile
import zlib

import pytest

from assistant.errors import NoteError
from assistant.notes.formats.hwp import extract
from assistant.text.blocks import Kind

NONE, ENDS, SECTOR, SHORTEST = 0xFFFFFFFF, 0xFFFFFFFE, 512, 4096


def entry(name: str, kind: int, left: int, right: int, child: int, start: int, size: int) -> bytes:
    """Return an entry of a compound file's directory."""
    written = name.encode("utf-16-le")
    links = struct.pack("<HBBIII", len(written) + 2, kind, 1, left, right, child)
    return written.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)


def hwp5(body: bytes, flags: int = 1, info: bytes = b"") -> bytes:
    """Return a HWP 5 file; its streams are filled up to the length that has sectors of its own."""
    header = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05010000, flags)
    streams = [header, zlib.compress(info, wbits=-15), zlib.compress(body, wbits=-15)]
    table, sectors, starts = [0xFFFFFFFD, 2, ENDS], b"", []
    for stream in streams:
        filled = stream.ljust(max(SHORTEST, -(-len(stream) // SECTOR) * SECTOR), b"\0")
        starts.append((len(table), len(filled)))
        table += [*range(len(table) + 1, len(table) + len(filled) // SECTOR), ENDS]
        sectors += filled
    directory = (
        entry("Root Entry", 5, NONE, NONE, 3, ENDS, 0)
        + entry("FileHeader", 2, NONE, NONE, NONE, *starts[0])
        + entry("DocInfo", 2, NONE, NONE, NONE, *starts[1])
        + entry("BodyText", 1, 2, 1, 4, 0, 0)
        + entry("Section0", 2, NONE, NONE, NONE, *starts[2])
    )
    directory += entry("", 0, NONE, NONE, NONE, 0, 0) * 3
    first = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    first += struct.pack("<9I", 0, 1, 1, 0, SHORTEST, ENDS, 0, ENDS, 0)
    first += struct.pack("<109I", 0, *[NONE] * 108)
    return first + struct.pack("<128I", *table, *[NONE] * (128 - len(table))) + directory + sectors


def record(tag: int, level: int, data: bytes) -> bytes:
    return struct.pack("<I", tag | level << 10 | len(data) << 20) + data


def section(*paragraphs: str, shapes: tuple[int, ...] = ()) -> bytes:
    """Return the records of paragraphs: each a header, which may name its shape, and a text below it."""
    heads = (struct.pack("<8xH12x", shape) for shape in (*shapes, *[0] * len(paragraphs)))
    texts = ((words + "\r").encode("utf-16-le") for words in paragraphs)
    return b"".join(record(66, 0, head) + record(67, 1, text) for head, text in zip(heads, texts, strict=False))


def table(*rows: tuple[str, ...]) -> bytes:
    """Return the records of a paragraph that holds a table: its shape, and a list of paragraphs for each cell."""
    made = record(66, 0, bytes(22)) + record(67, 1, struct.pack("<H4s8xHH", 11, b" lbt", 11, 13))
    made += record(71, 1, b" lbt" + bytes(42))
    widths = [len(row) for row in rows]
    made += record(77, 2, struct.pack(f"<IHH10x{len(rows)}H4x", 0, len(rows), widths[0], *widths))
    for y, row in enumerate(rows):
        for x, words in enumerate(row):
            made += record(72, 2, struct.pack("<HIHHHHHII10x", 1, 0, 0, x, y, 1, 1, 100, 100))
            made += record(66, 2, bytes(22)) + record(67, 3, (words + "\r").encode("utf-16-le"))
    return made


def test_a_table_has_rows_with_a_header_and_one_of_one_cell_is_a_frame() -> None:
    found = extract(hwp5(table(("요약",)) + table(("차", "Degrees"), ("녹차", "70")) + section("끝")))
    assert found.text == "요약\n\n| 차 | Degrees |\n\n| 녹차 | 70 |\n\n끝".replace("|\n\n|", "|\n|")
    assert [block.kind for block in found.blocks] == [Kind.PARAGRAPH, Kind.HEAD, Kind.ROW, Kind.PARAGRAPH]


def test_a_hwp_5_file_has_its_paragraphs() -> None:
    found = extract(hwp5(section("녹차는 70도에서 우린다.", "Black tea # needs 95 | degrees.")))
    assert found.text == "녹차는 70도에서 우린다.\n\nBlack tea # needs 95 | degrees."
    assert {block.kind for block in found.blocks} == {Kind.PARAGRAPH}


def test_paragraphs_in_an_outline_are_headings_and_numbered_ones_items() -> None:
    plain, outline, bullet = 0, 1 << 23 | 1 << 25, 3 << 23
    info = b"".join(record(25, 1, struct.pack("<I50x", kind)) for kind in (plain, outline, bullet))
    found = extract(hwp5(section("우리기", "Warm the pot", "끝", shapes=(1, 2, 0)), info=info))
    assert [(block.kind, block.level) for block in found.blocks] == [
        (Kind.HEADING, 2),
        (Kind.ITEM, 1),
        (Kind.PARAGRAPH, 0),
    ]


def test_an_encrypted_hwp_5_file_says_so() -> None:
    with pytest.raises(NoteError, match="it is encrypted; save it without a password"):
        extract(hwp5(section("x"), flags=3))


def test_an_archive_and_xml_are_read_by_their_own_reader() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("Contents/section0.xml", "<sec><p><run><t>녹차</t></run></p></sec>")
    assert extract(stream.getvalue()).text == "녹차"
    written = '<?xml version="1.0"?><HWPML><SECTION><P><TEXT><CHAR>홍차</CHAR></TEXT></P></SECTION></HWPML>'
    assert extract(written.encode()).text == "홍차"


@pytest.mark.parametrize(
    "data",
    [b"", b"plain text", hwp5(b""), hwp5(section("x"))[:3000], hwp5(b"\xff" * 50), b"HWP Document File V3.00 \x1a"],
)
def test_bytes_that_are_no_document_with_text_are_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(NoteError) as error:
        extract(data)
    assert "\n" not in str(error.value)
