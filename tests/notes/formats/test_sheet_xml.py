"""A sheet's XML → merged cells and formulas without a result."""

import io

from assistant.notes.formats.sheet_xml import Marks, marks

SHEET = "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>{}</worksheet>"


def test_merged_cells_that_reach_down_and_formulas_without_a_result_are_marked() -> None:
    rows = "<sheetData><row r='1'><c r='A1'><f>1+1</f><v>2</v></c><c r='B1'><f>A1</f><v></v></c></row></sheetData>"
    merged = "<mergeCells><mergeCell ref='A1:B3'/><mergeCell ref='C1:D1'/><mergeCell ref='nonsense'/></mergeCells>"
    assert marks(io.BytesIO(SHEET.format(rows).encode())) == Marks({}, 1)
    assert marks(io.BytesIO(SHEET.format(merged.replace("nonsense", "E2:E9")).encode())).reach == {(1, 1): 3, (2, 5): 9}


def test_of_broken_xml_nothing_is_marked() -> None:
    assert marks(io.BytesIO(b"<worksheet><row>")) == Marks({}, 0)
    assert marks(io.BytesIO(SHEET.format("<mergeCell ref='?'/>").encode())) == Marks({}, 0)
