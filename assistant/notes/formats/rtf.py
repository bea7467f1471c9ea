r"""RTF files, with Korean in code pages and in `\u` escapes.

In: bytes. Out: an `Extracted`. striprtf reads the text; marks of private characters that are set before it reads tell
headings, items and tables. Footnotes, headers and footers are left out.
"""

import re

from striprtf.striprtf import font_table_group, rtf_to_text

from assistant.errors import NoteError
from assistant.notes.formats import grid
from assistant.notes.formats.extracted import Extracted, Writer
from assistant.notes.formats.properties import telling

_HEADING, _DEPTH = 0xE000, 0xE010
"""Private characters; the level, from 1, is added to them."""
_ITEM, _ROW, _CELL, _ROW_ENDS = "\ue020", "\ue021", "\ue022", "\ue023"
_MARKS = {"listtext": _ITEM, "trowd": _ROW, "cell": _CELL, "row": _ROW_ENDS} | dict.fromkeys(("nestcell", "line"), " ")
_WORD = re.compile(r"\\(outlinelevel|ilvl|listtext|trowd|cell|row|nestcell|line)(\d*)(?![a-z]) ?")
_PRIVATE = re.compile("[\ue000-\ue023]")
_LINE = re.compile("(?:(?P<item>\ue020(?P<mark>[^\t\n]*)\t)|(?P<marks>[\ue000-\ue01f\\s]+))")
_NUMBER = re.compile(r"\w{1,3}[.)]")
_BINARY = re.compile(rb"\\bin(\d{1,9}) ?")
_HIGH = re.compile(rb"[\x80-\xff]")
_FIELD = re.compile(r"\\fldinst(?![a-z])", re.IGNORECASE)
_CODE_PAGE = re.compile(r"\\ansicpg\d{1,5}")
_DATE = re.compile(r"\\(?:revtim|creatim)\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")


def extract(data: bytes) -> Extracted:
    """Return what an RTF file says; raise NoteError if it is none, broken or empty."""
    if not data.startswith(b"{\\rtf"):
        raise NoteError("expected RTF, found other bytes; open it in its program and save it again")
    source = _HIGH.sub(lambda match: b"\\'%02x" % match[0][0], _without_binary(data)).decode("ascii")
    writer = Writer()
    table: list[list[grid.Cell]] = []
    source = _with_plain_fonts(source)
    *rows, rest = _plain(_WORD.sub(_marked, source)).split(_ROW_ENDS)
    for piece in rows:
        # Word says what a row is like before its first cell, or only behind its last one
        opening, *cells = piece.split(_CELL)
        before, _, first = opening.rpartition(_ROW)
        if before.strip():
            _write(writer, table, before)
            table = []
        if cells:
            table.append([grid.Cell(_PRIVATE.sub("", cell)) for cell in (first, *cells[:-1])])
    _write(writer, table, rest)
    found = writer.extracted(_fields(source))
    if not found.blocks:
        raise NoteError("expected text, found none; its pictures are not read, so write down what they show")
    return found


def _without_binary(data: bytes) -> bytes:
    pieces, at = [], 0
    for match in _BINARY.finditer(data):
        if match.start() >= at:
            pieces.append(data[at : match.start()])
            at = match.end() + int(match[1])
    return b"".join([*pieces, data[at:]])


def _with_plain_fonts(source: str) -> str:
    """Return RTF whose fonts say no more than their character sets; striprtf reads others in quadratic time."""
    fonts = []
    if not (group := font_table_group(source)):
        return source
    for font in re.split(r"\\f(?=\d)", group)[1:]:
        number, charset = re.match(r"\d{1,5}", font), re.search(r"\\fcharset(\d{1,3})", font[:500])
        if number and charset:
            fonts.append(f"{{\\f{number[0]}\\fcharset{charset[1]} x;}}")
    return source.replace(group, f"{{\\fonttbl{''.join(fonts)}}}", 1)


def _marked(match: re.Match[str]) -> str:
    """Return a control word with the mark that stands for it in the text."""
    name, level = match[1], int(match[2] or 0)
    if name in ("outlinelevel", "ilvl"):
        first = _HEADING if name == "outlinelevel" else _DEPTH
        return f"\\{name}{level} {chr(first + level + 1) if level < 9 else ''}"
    # a control word must stand before the mark, since a character after \u is skipped
    return f"{match[0] if name == 'listtext' else chr(92) + 'marked '}{_MARKS[name]}"


def _plain(source: str) -> str:
    """Return the text of RTF; halves of surrogate pairs are put together."""
    # striprtf looks for links in quadratic time unless it finds none; the text of a link is shown all the same
    source = _FIELD.sub(r"\\fldinst" + "\n", source)
    try:
        text = rtf_to_text(source, errors="replace")
    except (ValueError, LookupError, TypeError, OverflowError) as error:
        raise NoteError(f"expected RTF, found it damaged ({error}); save it again in its program") from error
    return str(text).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _fields(source: str) -> dict[str, str]:
    page = _CODE_PAGE.search(source)
    said = {}
    for name in ("title", "author"):
        match = re.search(rf"\{{\\{name} ([^{{}}]{{1,1000}})\}}", source)
        said[name] = _plain(f"{{\\rtf1\\ansi{page[0] if page else ''} {match[1]}}}") if match else ""
    date = _DATE.search(source)
    said["date"] = f"{date[1]}-{int(date[2]):02}-{int(date[3]):02}" if date else ""
    return {**said, "title": telling(said["title"])}


def _write(writer: Writer, table: list[list[grid.Cell]], text: str) -> None:
    """Write a table and the paragraphs after it."""
    grid.write(writer, table)
    for line in text.split("\n"):
        heading = depth = 0
        mark = ""
        at = 0
        while match := _LINE.match(line, at):
            at = match.end()
            for char in match["marks"] or "":
                heading = ord(char) - _HEADING if _HEADING < ord(char) < _DEPTH else heading
                depth = ord(char) - _DEPTH if _DEPTH < ord(char) < ord(_ITEM) else depth
            if match["item"]:
                mark = match["mark"].strip() if _NUMBER.fullmatch(match["mark"].strip()) else "-"
        words = _PRIVATE.sub("", line[at:])
        if heading:
            writer.heading(heading, words)
        elif mark:
            writer.item(words, max(depth, 1), mark)
        else:
            writer.paragraph(words)
