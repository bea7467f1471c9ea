"""Finds columns in the picture of a page: lines that stand side by side are recognised better one column at a time.

In: a picture. Out: the boxes of its pieces. Reading order is no business of this: the words of all pieces go one way.
"""

from itertools import groupby

import numpy as np
from PIL import Image

_ROWS = 500
"""Rows of pixels that are looked at: a line of text has some eight."""
_LEAST = 0.2
"""The share of a page's height that columns have at least, and that of their rows with ink on both sides."""
Box = tuple[int, int, int, int]


def pieces(image: Image.Image) -> list[Box]:
    """Return the boxes of what stands above two columns, of each column, and of what stands below; or of the whole."""
    width, height = image.size
    scale = min(_ROWS / height, 1)
    small = np.asarray(
        image.resize((max(round(width * scale), 1), max(round(height * scale), 1)), Image.Resampling.BOX)
    )
    ink = small < 0.8 * np.median(small)
    gap = max(small.shape[1] // 80, 3)
    best, found = int(_LEAST * len(small)), None
    for left in range(small.shape[1] * 3 // 10, small.shape[1] * 7 // 10):
        row = 0
        for inked, rows in groupby(ink[:, left : left + gap].any(axis=1)):
            count = len(list(rows))
            beside = ink[row : row + count, :left].any(axis=1) & ink[row : row + count, left + gap :].any(axis=1)
            if not inked and (seen := int(beside.sum())) > best:
                best, found = seen, (left + gap // 2, row, row + count)
            row += count
    if not found:
        return [(0, 0, width, height)]
    across, top, bottom = (round(side / scale) for side in found)
    top, bottom = top if top > height / 50 else 0, bottom if bottom < height * 49 / 50 else height
    boxes = [(0, 0, width, top), (0, top, across, bottom), (across, top, width, bottom), (0, bottom, width, height)]
    return [box for box in boxes if box[1] < box[3]]
