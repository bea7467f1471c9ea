"""Excel workbooks → tables of sheets."""

import io
from datetime import date, datetime, time, timedelta

import pytest
from openpyxl import Workbook

from assistant.errors import NoteError
from assistant.notes.formats import sheets
from assistant.notes.formats.xlsx import extract, shown
from assistant.text.blocks import Kind, locator_of


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_row_says_its_sheet_and_number_and_stands_below_its_header() -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "비용"
    for row in (["2024년 예산"], [], ["품목", "가격", "비율"], ["녹차", 1200.0, 0.25], ["Ink", 900, 0.5]):
        sheet.append(row)
    sheet["B4"].number_format = '#,##0"원"'
    sheet["C4"].number_format = "0%"
    book.create_sheet("Staff").append(["Kim", "Lee"])
    found = extract(saved(book))
    assert found.text == (
        "비용\n\n2024년 예산\n\n| 품목 | 가격 | 비율 |\n| 녹차 | 1200원 | 25% |\n| Ink | 900 | 0.5 |\n\n"
        "Staff\n\n| Kim | Lee |"
    )
    row = found.blocks[3]
    assert (row.kind, found.blocks[2].kind) == (Kind.ROW, Kind.HEAD)
    assert locator_of(found.places, row.start, row.end) == {"sheet": "비용", "row": 4}
    assert found.missing == ""


@pytest.mark.parametrize(
    ("value", "style", "words"),
    [
        (0.25, "0%", "25%"),
        (0.2555, "0.0%", "25.6%"),
        (-1.4, r"\+0.0;[Red]\-0.0", "-1.4"),
        (1.4, r"\+0.0;[Red]\-0.0", "+1.4"),
        (-5, '#,##0"원";"빚 -"#,##0"원"', "빚 -5원"),
        (-5, "0.0", "-5"),
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (1.5e-7, "General", "0.00000015"),
        (1234.567, "#,##0.00", "1234.57"),
        (1200, "[$₩-412]#,##0", "₩1200"),
        (-1500, '"$"#,##0_);[Red]\\("$"#,##0\\)', "-$1500"),
        (5_200_000, '#,##0.0,,"M"', "5.2M"),
        (123, "00000", "00123"),
        (2.5, "# ?/?", "2.5"),
        (True, "General", "TRUE"),
        ("글", "@", "글"),
        (datetime(2024, 3, 1), "yyyy-mm-dd", "2024-03-01"),
        (datetime(2024, 3, 1, 9, 30), "yyyy-mm-dd h:mm", "2024-03-01 09:30"),
        (date(2024, 3, 1), "yyyy-mm-dd", "2024-03-01"),
        (time(9, 5), "h:mm", "09:05"),
        (timedelta(hours=27, minutes=30), "[h]:mm", "27:30"),
    ],
)
def test_a_value_is_shown_as_people_see_it(value: object, style: str, words: str) -> None:
    assert shown(value, style) == words


def test_hidden_sheets_are_named_and_not_read_and_merged_cells_have_one_value() -> None:
    book = Workbook()
    book.active.append(["a", "b", "c"])
    book.active.append(["Tea", None, 3])
    book.active.merge_cells("A2:B2")
    hidden = book.create_sheet("비밀")
    hidden.append(["secret"])
    hidden.sheet_state = "hidden"
    found = extract(saved(book))
    assert found.text == "| a | b | c |\n| Tea |  | 3 |"
    assert found.missing == "hidden sheets (비밀)"


def test_rows_past_the_most_that_is_read_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 2)
    book = Workbook()
    for row in (["a", "b"], [1, 2], [3, 4], [], [5, 6]):
        book.active.append(row)
    found = extract(saved(book))
    assert len(found.blocks) == 2
    assert found.missing == "what follows its first 2 rows"


def test_the_title_author_and_date_are_the_workbooks() -> None:
    book = Workbook()
    book.active.append(["x"])
    book.properties.title, book.properties.creator = "분기 예산", "한지우"
    found = extract(saved(book))
    assert found.fields["title"] == "분기 예산"
    assert found.fields["author"] == "한지우"
    assert len(found.fields["date"]) == len("2024-03-01")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", saved(Workbook()), saved(Workbook())[:-200]])
def test_bytes_that_are_no_workbook_with_rows_are_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(NoteError) as error:
        extract(data)
    assert "\n" not in str(error.value)


def test_a_merged_cell_stands_in_each_row_that_it_reaches_and_names_above_others_are_joined() -> None:
    book = Workbook()
    sheet = book.active
    for row in (["지역", "2024", None], [None, "매출", "이익"], ["서울", 10, 2], [None, 12, 3], ["부산", 7, 1]):
        sheet.append(row)
    for merged in ("A1:A2", "B1:C1", "A3:A4"):
        sheet.merge_cells(merged)
    assert extract(saved(book)).text == (
        "| 지역 | 2024 매출 | 2024 이익 |\n| 서울 | 10 | 2 |\n| 서울 | 12 | 3 |\n| 부산 | 7 | 1 |"
    )


def test_formulas_whose_results_are_not_in_the_file_are_said() -> None:
    book = Workbook()
    for row in (["Item", "Price"], ["Tea", "=1+2"], ["Ink", 4]):
        book.active.append(row)
    found = extract(saved(book))
    assert found.missing == "formulas without a result (1); open it in Excel or LibreOffice and save it"
    assert "| Ink | 4 |" in found.text
