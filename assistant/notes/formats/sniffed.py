"""Tells a file's format by its first bytes: a name says what somebody meant, the bytes what the file is.

In: bytes and a suffix. Out: the name of the module that reads them, None for plain text, or a NoteError that says what
the file is and how it could be read.
"""

import zipfile
from pathlib import Path

from assistant.errors import NoteError
from assistant.notes.formats.archive import opened, part

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}
_DECLARED = {
    b"application/epub+zip": "epub",
    b"application/hwp+zip": "hwp",
    b"application/vnd.oasis.opendocument.text": "odt",
}
_LONGEST_KIND = 200
"""Bytes of what an archive says it is."""
PICTURES = frozenset((".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff"))
"""The suffixes of pictures."""
_BINARY = (".docx", ".pptx", ".xlsx", ".epub", ".hwpx", ".odt", ".pdf", ".rtf", ".hwp")
_OF_TEXT = {
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".csv": "table",
    ".tsv": "table",
    ".ipynb": "notebook",
    ".eml": "mail",
    ".canvas": "canvas",
}
"""Formats whose files are text and have no mark of their own at the beginning."""
_LIKE_TEXT = (".tex", ".srt", ".vtt", ".log", ".wiki", ".textile")
_OLD = frozenset((".doc", ".dot", ".xls", ".ppt", ".pps"))
_ELSEWHERE = {
    **dict.fromkeys((".pages", ".odp", ".ods", ".key", ".numbers", ".one"), "save it as PDF, .docx, .pptx or .xlsx"),
    **dict.fromkeys((".mobi", ".azw", ".azw3", ".djvu"), "save it as EPUB or PDF"),
    ".enex": "export it as HTML",
}
"""Documents that are not read, by their suffixes, and what to do."""
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")


def told(data: bytes, suffix: str) -> str | None:
    """Return the format: a module of this package, None for plain text.

    Raises:
        NoteError: the bytes are of a format that is not read.

    """
    if not data and (suffix in _BINARY or suffix in PICTURES):
        raise NoteError("the file is empty")
    if data.startswith(b"%PDF-") or (suffix == ".pdf" and b"%PDF-" in data[:1024]):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _in_archive(data)
    if data.startswith(_OLE):
        return _in_ole(data)
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if data.startswith(b"HWP Document File") or (suffix == ".hwp" and b"<HWPML" in data[:1024]):
        return "hwp"
    if data.startswith(_PICTURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return "image"
    if data.startswith(b"GIF8"):
        raise NoteError("it is a GIF, and those are not read; save it as PNG")
    if suffix in _BINARY or suffix in PICTURES:
        raise NoteError(f"it is called {suffix}, but its bytes are not; open it in its program and save it again")
    return _OF_TEXT.get(suffix)


def is_document(first: bytes, suffix: str, file: Path | None = None) -> bool:
    """Tell by a file's first bytes whether it is a document, though its suffix is of none.

    What an archive is, its end tells: it is looked for in the `file`, or in the bytes if there is none.
    """
    if first.startswith(b"PK\x03\x04"):
        try:
            with opened(file or first, lambda name: name == "mimetype") as archive:
                return document_in(archive) is not None
        except NoteError:
            return False
    if first.startswith(_OLE):
        return suffix in _OLD or not suffix
    return first.startswith((b"%PDF-", b"{\\rtf", b"HWP Document File"))


def advice(suffix: str) -> str:
    """Return what to do with a document of a format that is not read; empty if the suffix is of none."""
    if suffix in _LIKE_TEXT:
        return "call it .txt, and it is read as it stands"
    return "it is no document of its kind; save it again" if suffix in _OLD else _ELSEWHERE.get(suffix, "")


def _in_archive(data: bytes) -> str:
    with opened(data) as archive:
        if kind := document_in(archive):
            return kind
    raise NoteError("it is an archive and not a note; call it .zip, or unpack it and name the folder")


def document_in(archive: zipfile.ZipFile) -> str | None:
    """Return the format of the document that an archive is; None if it is an archive of files."""
    names = archive.namelist()
    if "mimetype" in names and archive.getinfo("mimetype").file_size < _LONGEST_KIND:
        if found := _DECLARED.get(part(archive, "mimetype").strip()):
            return found
    for folder, kind in _OFFICE.items():
        if any(name.startswith(folder) for name in names):
            return kind
    return "hwp" if "Contents/content.hpf" in names else None


def _in_ole(data: bytes) -> str:
    """Tell the formats in Microsoft's compound files, whose streams are named in UTF-16."""
    if "FileHeader".encode("utf-16-le") in data and b"HWP Document File" in data:
        return "hwp"
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise NoteError("it is encrypted; save it without a password")
    for stream, what, newer in (
        ("WordDocument", "Word", ".docx"),
        ("PowerPoint Document", "PowerPoint", ".pptx"),
        ("Workbook", "Excel", ".xlsx"),
    ):
        if stream.encode("utf-16-le") in data:
            raise NoteError(f"it is a {what} file of before 2007; save it as {newer}")
    raise NoteError("its format is not read; save it as PDF, .docx, .md or .txt")
