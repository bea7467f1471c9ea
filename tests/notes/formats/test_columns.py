"""A page of two columns is cut between them, and no other page is cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from assistant.notes.formats.columns import Box, pieces

Span = tuple[int, int, int, int]


def sheet(*spans: Span, slope: float = 0) -> Image.Image:
    """Return a page with lines of "letters" from left to right, between a top and a bottom."""
    image = Image.new("L", (1240, 1754), 240)
    pen = ImageDraw.Draw(image)
    for left, right, top, bottom in spans:
        for y in range(top, bottom, 36):
            for x in range(left, right, 14):
                pen.rectangle((x, y, x + 9, y + 20), 30)
    return image.rotate(slope, fillcolor=240)


COLUMNS: tuple[Span, ...] = ((120, 600, 400, 1400), (660, 1120, 410, 1380))


@pytest.mark.parametrize("slope", [-0.4, 0, 0.4])
def test_what_stands_across_is_apart_from_both_columns(slope: float) -> None:
    found = pieces(sheet((120, 1120, 150, 300), *COLUMNS, (120, 1120, 1500, 1600), slope=slope))
    above, left, right, below = found
    assert 300 < above[3] < 405 and 1400 < below[1] < 1505
    assert 600 < left[2] == right[0] < 660


def test_columns_alone_are_found_on_the_whole_page() -> None:
    left, right = pieces(sheet(*COLUMNS))[-2:]
    assert 600 < left[2] == right[0] < 660


@pytest.mark.parametrize(
    "spans",
    [
        [(120, 1120, 150, 1600)],
        [(120, 600, 150, 1600)],
        [(120, 600, 150, 800), (660, 1120, 900, 1600)],
        [(120, 600, 200, 380), (660, 1120, 200, 380), (120, 1120, 500, 1600)],
        [],
    ],
    ids=["one column", "a narrow one", "never side by side", "a few rows of a table", "nothing"],
)
def test_other_pages_stay_whole(spans: list[Span]) -> None:
    assert pieces(sheet(*spans)) == [(0, 0, 1240, 1754)]


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_the_pieces_of_any_picture_cover_it_without_overlap(width: int, height: int, seed: int, ink: float) -> None:
    random = np.random.default_rng(seed)
    pixels = np.where(random.random((height, width)) < ink / 3, 20, 240)
    pixels[:, width // 2 : width // 2 + width // 20] = 240
    covered = np.zeros((height, width), int)
    box: Box
    for box in pieces(Image.fromarray(pixels.astype("uint8"))):
        covered[box[1] : box[3], box[0] : box[2]] += 1
        assert 0 <= box[0] < box[2] <= width and 0 <= box[1] < box[3] <= height
    assert (covered == 1).all()
