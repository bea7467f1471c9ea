"""Excel workbooks: the tables of each sheet, with values as people see them.

In: bytes. Out: an `Extracted` whose rows say their sheet and number. Formulas are read as their last result. Hidden
sheets are left out.
"""

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from openpyxl import load_workbook

from assistant.errors import NoteError
from assistant.notes.formats import archive, sheets
from assistant.notes.formats.extracted import Extracted, Writer
from assistant.notes.formats.properties import fields
from assistant.notes.formats.sheet_xml import marks

_LAST_ROW = 1_048_576
_UNNAMED = re.compile(r"(?:Sheet|시트) ?\d*")


def extract(data: bytes) -> Extracted:
    """Return the rows of a workbook; raise NoteError if the bytes are none, or no sheet has any."""
    archive.opened(data).close()
    with warnings.catch_warnings():  # of what openpyxl cannot write back
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            reading = _Reading()
            for sheet in visible:
                reading.sheet(sheet, len(visible) == 1)
        except NoteError:
            raise
        except Exception as error:  # openpyxl raises errors of every kind over a broken workbook
            raise NoteError(
                f"expected an Excel workbook, found a damaged one ({_line(error)}); save it again"
            ) from error
    hidden = [sheet.title for sheet in book.worksheets if sheet not in visible]
    found = reading.writer.extracted(fields(book.properties), _missing(hidden, reading))
    if not found.blocks:
        raise NoteError("expected rows, found a workbook whose sheets are empty; write into it, or remove it")
    return found


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}"


def _missing(hidden: list[str], reading: "_Reading") -> str:
    named = f"{', '.join(hidden[:10])}{' …' if len(hidden) > 10 else ''}"
    said = [f"hidden sheets ({named})"] if hidden else []
    if reading.uncomputed:
        said.append(f"formulas without a result ({reading.uncomputed:,}); open it in Excel or LibreOffice and save it")
    return "; ".join([*said, sheets.missing()] if reading.more else said)


class _Reading:
    """Writes sheets one after another, as many rows as are read of a workbook."""

    def __init__(self) -> None:
        self.writer = Writer()
        self.more = False
        self.uncomputed = 0
        self._read = 0

    def sheet(self, sheet: Any, alone: bool) -> None:
        if not (alone and _UNNAMED.fullmatch(sheet.title)):
            with self.writer.at({"sheet": sheet.title, "row": 1}):
                self.writer.heading(2, sheet.title)
        sheet.reset_dimensions()  # what a file says of its size is often wrong
        with sheet._get_source() as source:
            marked = marks(source)
        self.uncomputed += marked.uncomputed
        sheets.write(self.writer, self._rows(sheet, marked.reach))

    def _rows(self, sheet: Any, reach: Mapping[tuple[int, int], int]) -> Iterator[sheets.Row]:
        below: dict[int, tuple[int, str]] = {}
        for number, cells in enumerate(sheet.iter_rows(), 1):
            if number > _LAST_ROW:
                return
            words = [shown(cell.value, cell.number_format) if cell.value is not None else "" for cell in cells]
            below |= {
                column: (reach[number, column], word)
                for column, word in enumerate(words, 1)
                if (number, column) in reach
            }
            for column, (last, word) in below.items():
                if number <= last and column <= len(words):
                    words[column - 1] = word
            if any(words):
                self._read += 1
                if self._read > sheets.MOST_ROWS:
                    self.more = True
                    return
            yield sheets.Row({"sheet": sheet.title, "row": number}, words)


def shown(value: Any, style: str) -> str:
    """Return a cell's value as Excel shows it in a number format, with dates in ISO and no commas in thousands.

    For example, 0.25 in "0%" is "25%", and 1200.0 in '#,##0"원"' is "1200원".
    """
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return _number(value, style) if isinstance(value, int | float) else str(value)


_FORMAT = re.compile(r"(?P<before>[^#0?.]*)(?P<whole>[#0?,]*[#0?])(?:\.(?P<decimals>[#0?]*))?(?P<after>[^#0?]*)")
_UNSEEN = re.compile(r"\[(?!\$)[^\]]*\]|[_*].")
_LITERAL = re.compile(r'"(?P<quoted>[^"]*)"|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\\(?P<escaped>.)')
_CODE = re.compile(r"[A-Za-z/@]")


class _Look(NamedTuple):
    """How a number format shows a number: what stands around it, how many digits it has, and what it is scaled by.

    `signed` tells that a minus is put before it: a format's second part, for negative numbers, may have its own.
    """

    signed: bool
    before: str
    digits: int
    decimals: int
    after: str
    scale: float


@lru_cache(maxsize=1000)
def _look(style: str, negative: bool) -> _Look | None:
    """Return how a number format shows positive or negative numbers; None if as they are, or as a fraction or date."""
    literals: list[str] = []

    def kept(match: re.Match[str]) -> str:
        literals.append(match["quoted"] or match["currency"] or match["escaped"] or "")
        return "\0"

    parts = _LITERAL.sub(kept, _UNSEEN.sub("", style[:200])).split(";")
    own = negative and len(parts) > 1 and "-" in style.split(";")[1]  # brackets are an accountant's minus
    literals[:] = literals[parts[0].count("\0") :] if own else literals
    form = _FORMAT.fullmatch(parts[own].strip())
    if not form or _CODE.search(form["before"] + form["after"]):
        return None
    after = form["after"].lstrip(",")
    scale = 100.0 ** after.count("%") / 1000.0 ** (len(form["after"]) - len(after))
    words = iter(literals)
    before, after = (re.sub("\0", lambda _: next(words), part) for part in (form["before"], after))
    return _Look(
        negative and not own, before, form["whole"].count("0"), min(len(form["decimals"] or ""), 15), after, scale
    )


def _number(value: float, style: str) -> str:
    look = _look(style, value < 0)
    if look is None:
        words = format(value, ".12g")
        return _trimmed(words if "e" not in words else format(value, ".0f" if abs(value) > 1 else ".15f"))
    words = _trimmed(format(abs(value) * look.scale, f".{look.decimals}f"))
    whole = words.split(".")[0]
    sign = "-" if look.signed and words != "0" else ""
    return f"{sign}{look.before}{'0' * (look.digits - len(whole))}{words}{look.after}"


def _trimmed(words: str) -> str:
    return words.rstrip("0").rstrip(".") if "." in words else words
