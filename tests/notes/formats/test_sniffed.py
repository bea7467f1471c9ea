"""The bytes tell what a file is; its name does only among formats of plain text."""

import io
import zipfile

import pytest

from assistant.errors import NoteError
from assistant.notes import formats
from assistant.notes.formats import archive
from assistant.notes.formats.archive import opened
from assistant.notes.formats.sniffed import is_document, told

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500


def zipped(**parts: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in parts.items():
            made.writestr(name.replace("__", "/"), text)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("data", "suffix", "kind"),
    [
        (b"%PDF-1.7", ".md", "pdf"),
        (b"\n\n%PDF-1.4", ".pdf", "pdf"),
        (b"A note on %PDF-1.4 files", ".md", None),
        (zipped(word__document="x"), ".txt", "docx"),
        (zipped(ppt__presentation="x"), ".pptx", "pptx"),
        (zipped(xl__workbook="x"), ".doc", "xlsx"),
        (zipped(mimetype="application/epub+zip"), ".zip", "epub"),
        (zipped(mimetype="application/hwp+zip"), ".hwpx", "hwp"),
        (zipped(mimetype="application/vnd.oasis.opendocument.text"), ".odt", "odt"),
        (b"{\\rtf1 x}", ".doc", "rtf"),
        (OLE + "FileHeader".encode("utf-16-le") + b"HWP Document File", ".hwp", "hwp"),
        (b'<?xml version="1.0"?><HWPML>', ".hwp", "hwp"),
        (b"HWP Document File V3.00", ".hwp", "hwp"),
        (b"\x89PNG\r\n", ".md", "image"),
        (b"RIFF\0\0\0\0WEBP", ".txt", "image"),
        (b"II*\0", ".png", "image"),
        (b"<p>x", ".html", "html"),
        (b"a,b", ".csv", "table"),
        (b"{}", ".ipynb", "notebook"),
        (b"Subject: x", ".eml", "mail"),
        (b"BM25 is a ranking function.", ".md", None),
        ("차".encode(), ".txt", None),
    ],
)
def test_the_format_is_told_by_the_bytes(data: bytes, suffix: str, kind: str | None) -> None:
    assert told(data, suffix) == kind


@pytest.mark.parametrize(
    ("data", "suffix", "reason"),
    [
        (b"GIF89a", ".png", "GIF"),
        (b"just words", ".jpg", r"called \.jpg"),
        (zipped(other="x"), ".docx", "archive"),
        (b"PK\x03\x04 broken", ".docx", "damaged"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), ".docx", "encrypted"),
        (OLE + "WordDocument".encode("utf-16-le"), ".doc", "Word file of before 2007"),
        (OLE + "Workbook".encode("utf-16-le"), ".xls", "Excel"),
        (OLE, ".hwp", "not read"),
        (b"just words", ".pdf", r"called \.pdf"),
        (b"just words", ".docx", r"called \.docx"),
    ],
)
def test_what_is_not_read_says_what_it_is(data: bytes, suffix: str, reason: str) -> None:
    with pytest.raises(NoteError, match=reason) as raised:
        told(data, suffix)
    assert "\n" not in str(raised.value)


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped(word__document="0" * 5_000_000)
    assert len(bomb) < 20_000
    with opened(bomb) as archive_:
        assert archive_.namelist() == ["word/document"]
    monkeypatch.setattr(archive, "MOST_BYTES", 1_000_000)
    with pytest.raises(NoteError, match="at most 1,000,000 bytes"):
        formats.read(bomb, "bomb.docx")


def test_an_archive_of_too_many_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_PARTS", 2)
    with pytest.raises(NoteError, match="3 parts"):
        opened(zipped(a="1", b="2", c="3"))


def test_an_archive_that_says_too_much_of_what_it_is_or_wants_a_newer_program_is_no_document() -> None:
    assert not is_document(zipped(mimetype="application/epub+zip" + " " * 100_000), ".jar")
    data = bytearray(zipped(word__document="x"))
    directory = data.index(b"PK\x01\x02")
    data[directory + 6 : directory + 8] = (99).to_bytes(2, "little")
    assert not is_document(bytes(data), ".jar")
    assert is_document(zipped(word__document="x"), ".jar")
