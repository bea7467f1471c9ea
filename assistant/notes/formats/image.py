"""Reads pictures: the words on photographed or scanned pages and on screens, where Tesseract is installed.

In: the bytes of a PNG, JPEG, WebP or TIFF. Out: an `Extracted`, each of whose lines is placed on its page: only a TIFF
has several. A picture without words has no text.
"""

import io
from collections import defaultdict
from functools import partial

from PIL import Image, ImageOps

from assistant.errors import NoteError
from assistant.notes.formats import tesseract
from assistant.notes.formats.extracted import Extracted
from assistant.notes.formats.pdf import MOST_PAGES, composed, said
from assistant.notes.formats.pdf_layout import without_margins
from assistant.notes.formats.pdf_page import WIDTH, png
from assistant.notes.formats.pdf_runs import Run
from assistant.notes.formats.scans import Scans, level

MOST_PIXELS = 100_000_000
"""Pixels of a picture, which take as much memory."""
_TOO_LARGE = f"a picture has at most {MOST_PIXELS:,} pixels; save a smaller one"
_UNREAD = f"hold what is not read; write it down in a note beside it, {tesseract.GET}"
_WORDLESS = "no words can be read in the picture"
_LONG = 842
"""Points of the longer side of a picture, whose own size says nothing: as on a sheet of A4."""


def extract(data: bytes, scans: Scans | None = None) -> Extracted:
    """Return the words in a picture, in reading order.

    Raises:
        NoteError: it is broken or too large.

    """
    scans, unread = scans or Scans(), defaultdict(list)
    pages: list[list[Run]] = []
    count = _count(_opened(data))
    for number in range(1, count + 1):
        image = _opened(data, number)
        scale = _LONG / max(image.size)
        points = image.width * scale, image.height * scale
        found, why = scans.runs(number, points, partial(_upright, image), _UNREAD)
        pages.append(found)
        if why:
            unread[why].append(number)
    level([run for page in pages for run in page])
    if count == 1:
        missing = "".join(f"the picture {why.replace('hold ', 'holds ', 1)}" for why in unread)
    else:
        missing = "; ".join(said(numbers, count, why) for why, numbers in unread.items())
    pages = without_margins(pages)
    if not any(pages):
        return Extracted("", missing=missing or _WORDLESS)
    return composed(pages)[1].extracted({}, missing)


def picture(data: bytes, page: int) -> bytes:
    """Return a page of a picture as PNG, pages counting from 1; raise NoteError if there is no such page."""
    image = _upright(_opened(data, page))
    # as of PDF: a page may be very long
    scale = min(WIDTH / max(image.width, image.height / 3), 1)
    return png(image.resize((max(round(image.width * scale), 1), max(round(image.height * scale), 1))))


def _count(image: Image.Image) -> int:
    """Return how many pages a picture has; other formats than TIFF hold frames, which move."""
    return min(int(getattr(image, "n_frames", 1)), MOST_PAGES) if image.format == "TIFF" else 1


def _opened(data: bytes, page: int = 1) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "TIFF"))
        count = _count(image)
        if not 1 <= page <= count:
            raise NoteError(f"expected a page from 1 to {count}, found {page}")
        image.seek(page - 1)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise NoteError("it is damaged, or no picture; take it from where it came from once more") from error
    except Image.DecompressionBombError as error:
        raise NoteError(_TOO_LARGE) from error
    if image.width * image.height > MOST_PIXELS:
        raise NoteError(_TOO_LARGE)
    return image


def _upright(image: Image.Image) -> Image.Image:
    """Return a picture as its camera was held, on white where one sees through it."""
    try:
        image = ImageOps.exif_transpose(image)
    except (OSError, SyntaxError, ValueError) as error:
        raise NoteError("it is damaged; take it from where it came from once more") from error
    if not image.has_transparency_data:
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
