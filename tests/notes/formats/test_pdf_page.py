"""A page is drawn as it stands in the file."""

import io

import pypdfium2
import pytest
from PIL import Image

from assistant.errors import NoteError
from assistant.notes.formats.pdf_page import WIDTH, picture


def blank(*sizes: tuple[float, float]) -> bytes:
    document, kept = pypdfium2.PdfDocument.new(), io.BytesIO()
    for width, height in sizes:
        document.new_page(width, height)
    document.save(kept)
    return kept.getvalue()


def test_a_page_is_drawn_in_its_shape() -> None:
    data = blank((600, 800), (800, 600))
    sizes = [Image.open(io.BytesIO(picture(data, page))).size for page in (1, 2)]
    assert [width for width, _ in sizes] == [WIDTH, WIDTH]
    assert [round(height / WIDTH, 2) for _, height in sizes] == [1.33, 0.75]


def test_a_very_high_page_stays_small() -> None:
    width, height = Image.open(io.BytesIO(picture(blank((10, 14_000)), 1))).size
    assert height <= 3 * WIDTH + 1 and width >= 1


@pytest.mark.parametrize("page", [0, -1, 2])
def test_a_page_that_is_not_there_is_one_line(page: int) -> None:
    with pytest.raises(NoteError, match="expected a page from 1 to 1"):
        picture(blank((100, 100)), page)


def test_what_is_no_pdf_is_one_line() -> None:
    with pytest.raises(NoteError, match="cannot be opened"):
        picture(b"tea", 1)
