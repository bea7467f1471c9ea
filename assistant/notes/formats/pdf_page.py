"""Draws a page of a PDF, so that a citation can be seen where it stands.

In: the bytes of a PDF and a page's number. Out: a PNG.
"""

import io

import pypdfium2
from PIL import Image

from assistant.errors import NoteError

WIDTH = 1100
"""Pixels of a page: sharp at the width of the page's right column, and about 150 kB."""


def picture(data: bytes, page: int) -> bytes:
    """Return the page as PNG, pages counting from 1; raise NoteError if there is no such page."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise NoteError(f"the PDF cannot be opened: {error}") from error
    if not 1 <= page <= len(document):
        raise NoteError(f"expected a page from 1 to {len(document)}, found {page}")
    drawn = document[page - 1]
    width, height = drawn.get_size()
    # a page may be a metre high
    return png(drawn.render(scale=WIDTH / max(width, height / 3, 1)).to_pil())


def png(image: Image.Image) -> bytes:
    """Return a picture's bytes as PNG."""
    kept = io.BytesIO()
    image.convert("RGB").save(kept, "PNG", optimize=False)
    return kept.getvalue()
