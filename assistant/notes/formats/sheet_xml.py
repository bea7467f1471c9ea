"""Reads in a sheet of a workbook what its reader does not tell: which cells are merged, which formulas have no result.

In: the XML of a sheet. Out: a `Marks`.
"""

from typing import IO, NamedTuple

from lxml import etree
from openpyxl.utils import range_boundaries

_MOST = 10_000
"""Merged cells of a sheet that are read."""


class Marks(NamedTuple):
    """What was read of a sheet.

    `reach` says of the first cell of a merged one, by row and column from 1, the last row that it reaches down to.
    `uncomputed` counts the formulas without a result: programs other than Excel may write such files.
    """

    reach: dict[tuple[int, int], int]
    uncomputed: int


def marks(sheet: IO[bytes]) -> Marks:
    """Return what a sheet's XML marks; nothing of one that is broken, which its own reader will say."""
    reach: dict[tuple[int, int], int] = {}
    uncomputed = 0
    try:
        for _, element in etree.iterparse(sheet, tag=("{*}row", "{*}mergeCell")):
            if element.tag.endswith("row"):
                uncomputed += sum(not element.findtext("{*}v") for element in element.iterfind("{*}c[{*}f]"))
            elif len(reach) < _MOST:
                left, top, _, bottom = range_boundaries(element.get("ref", ""))
                if top and left and bottom and bottom > top:
                    reach[top, left] = bottom
            element.clear()
    except (etree.XMLSyntaxError, ValueError):
        return Marks({}, 0)
    return Marks(reach, uncomputed)
