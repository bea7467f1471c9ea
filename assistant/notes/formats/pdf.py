"""Reads PDF: the words of its pages in reading order, column by column, as paragraphs, headings, items and rows.

In: bytes. Out: an `Extracted`, each of whose lines is placed on its page. A PDF knows only where its letters stand, so
what belongs together is told by that, in steps: `pdf_runs`, `pdf_layout`, `pdf_table`, `pdf_parts`, `pdf_hyphens`.
Pages that are pictures are left to `scans`.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from statistics import median

import pypdfium2
from PIL import Image
from pypdfium2 import raw

from assistant.errors import NoteError
from assistant.notes.formats.extracted import MOST, Extracted, Writer
from assistant.notes.formats.pdf_hyphens import unbreak
from assistant.notes.formats.pdf_layout import regions, without_margins
from assistant.notes.formats.pdf_parts import Part, parts
from assistant.notes.formats.pdf_rules import in_cells, rules
from assistant.notes.formats.pdf_runs import PROSE, Run, in_words, placed, side_by_side
from assistant.notes.formats.pdf_table import lines
from assistant.notes.formats.scans import Scans, level
from assistant.notes.formats.tesseract import GET

MOST_PAGES = 3000
"""Pages at most that are read of one file."""
_NO_TITLE = re.compile(
    r"untitled|about:|microsoft (?:word|powerpoint|excel) -|제목 ?없음|무제"
    r"|.*\.(?:docx?|pptx?|xlsx?|hwpx?|pdf|tex|dvi|indd|html?)$",
    re.I,
)
_RECOGNISE = f"recognise the text with an OCR program and save it anew, {GET}"
_SCANNED = f"hold no text (scanned); {_RECOGNISE}"
_UNNAMED = f"hold text whose letters are not named; {_RECOGNISE}"
_DAMAGED = "cannot be read (damaged); save it anew from the program that made it"


def extract(data: bytes, scans: Scans | None = None) -> Extracted:
    """Return the words of a PDF, in reading order.

    Raises:
        NoteError: it is broken, encrypted, or all of its pages are pictures that `scans` does not read.

    """
    with _opened(data) as document:
        count = len(document)
        pages: list[list[Run]] = []
        unread: dict[str, list[int]] = defaultdict(list)
        written = 0
        while len(pages) < min(count, MOST_PAGES) and written <= MOST:
            runs, why = _page(document, len(pages))
            pages.append(runs)
            written += sum(len(run.text) for run in runs)
            if why:
                unread[why].append(len(pages))
        named = str(document.get_metadata_value("Title")).strip()
        _recognised(document, pages, unread, scans or Scans())
    pages = without_margins(pages)
    missing = [said(numbers, count, why) for why, numbers in unread.items() if numbers]
    if not any(pages):
        raise NoteError("; ".join(missing) or "it holds no text; save it anew from the program that made it")
    if len(pages) < count:
        missing.append(f"of its {count:,} pages the first {len(pages):,} are read")
    found, writer = composed(pages)
    return writer.extracted({"title": _title(named, found)}, "; ".join(missing))


def composed(pages: Sequence[Sequence[Run]]) -> tuple[list[Part], Writer]:
    """Return what stands on pages in reading order, and a writer that has written it."""
    found = parts([lines(region) for region in regions(pages)])
    unbreak(found)
    writer = Writer()
    for part in found:
        placed = [
            (line.text, {"page": line.page, "box": [round(min(max(side, 0), 1), 4) for side in line.box]})
            for line in part.lines
        ]
        writer.lines(placed, part.kind, part.level)
    return found, writer


def _recognised(
    document: pypdfium2.PdfDocument, pages: list[list[Run]], unread: dict[str, list[int]], scans: Scans
) -> None:
    """Put what is recognised of pages that are pictures in their places, and the reasons in those of `unread`."""
    # running titles and stamps on scanned pages are words, but none of theirs
    own = without_margins(pages)
    why = {n: _SCANNED for n in unread.pop(_SCANNED, []) if sum(len(run.text) for run in own[n - 1]) < PROSE}
    why |= {n: _UNNAMED for n in unread.pop(_UNNAMED, [])}
    for n in sorted(why):
        page = document[n - 1]
        size = page.get_size()
        scale = min(300 / 72, 5000 / max(size))
        found, reason = scans.runs(n, size, partial(_drawn, page, scale), why[n])
        page.close()
        if reason:
            unread[reason].append(n)
        if found:
            pages[n - 1] = found
    level([run for n in why for run in pages[n - 1]])


def _drawn(page: pypdfium2.PdfPage, scale: float) -> Image.Image:
    drawn: Image.Image = page.render(scale=scale).to_pil()
    return drawn


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise NoteError("it is encrypted; save it without a password") from error
        raise NoteError("it is damaged, or no PDF; take it from where it came from once more") from error


def _page(document: pypdfium2.PdfDocument, index: int) -> tuple[list[Run], str]:
    """Return a page's runs in the order they were written, and why some or all of it cannot be read."""
    try:
        page = document[index]
        text = page.get_textpage()
    except pypdfium2.PdfiumError:
        return [], _DAMAGED
    try:
        words = in_words(text)
        letters = sum(len(word.text) for word in words)
        if 2 * sum(word.unknown for word in words) > letters:
            return [], _UNNAMED
        pictured = letters < 20 * PROSE and any(
            item.type == raw.FPDF_PAGEOBJ_IMAGE for item in page.get_objects(max_depth=3)
        )
        single, place = placed(words, page, index + 1)
        rows, rest = in_cells(single, *rules(page, place))
        return [*side_by_side(rest), *rows], _SCANNED if pictured else ""
    finally:
        text.close()
        page.close()


def said(numbers: Sequence[int], count: int, why: str) -> str:
    """Return in words which pages cannot be read: "pages 3-5 of 30 hold no text"."""
    if len(numbers) == 1:
        return f"page {numbers[0]} of {count} {why.replace('hold ', 'holds ', 1)}"
    spans = [[n for _, n in span] for _, span in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])]
    shown = ", ".join(f"{span[0]}-{span[-1]}" if len(span) > 1 else f"{span[0]}" for span in spans[:10])
    return f"pages {shown}{' and others' * (len(spans) > 10)} of {count} {why}"


def _title(named: str, parts: Sequence[Part]) -> str:
    """Return the title that a PDF names, unless that is a file's name; else the largest words of its first page."""
    if len(named) > 2 and not _NO_TITLE.match(named) and any(map(str.isalpha, named)):
        return named
    first = [part for part in parts if part.lines[0].page == 1 and sum(map(str.isalpha, part.text)) > 2]
    if not first:
        return ""
    largest = max(first, key=lambda part: part.size)
    usual = median(line.size for part in parts for line in part.lines)
    return largest.text if largest.size > 1.15 * usual and len(largest.text) < 300 else ""
