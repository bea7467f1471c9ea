"""CSV and TSV → tables."""

import pytest

from assistant.errors import NoteError
from assistant.notes.formats import sheets
from assistant.notes.formats.table import extract
from assistant.text.blocks import Kind, locator_of, placed

TEXT = "이름,도시\n한지우,서울\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_a_table_in_any_usual_encoding_is_read(encoding: str) -> None:
    found = extract(TEXT.encode(encoding))
    assert found.text == "| 이름 | 도시 |\n\n| 한지우 | 서울 |".replace("\n\n", "\n")
    assert [block.kind for block in found.blocks] == [Kind.HEAD, Kind.ROW]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_by_the_rows(delimiter: str) -> None:
    rows = [["name", "note"], ["Tea", "hot, green"], ["Ink", "blue; black, or red"]]
    data = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    assert "| Tea | hot, green |" in extract(data.encode()).text


def test_a_row_says_its_number_and_a_quoted_cell_may_have_several_lines() -> None:
    found = extract(b'name,note\nTea,"two\nlines, one cell"\nInk,x,ragged\n')
    row = found.blocks[2]
    assert found.text[row.start : row.end] == "| Ink | x | ragged |"
    assert locator_of(found.places, row.start, row.end) == {"row": 3}
    assert "| Tea | two lines, one cell |" in found.text


def test_rows_past_the_most_that_is_read_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    found = extract(b"a,b\n1,2\n3,4\n5,6\n7,8\n")
    assert len(found.blocks) == 3
    assert found.missing == "what follows its first 3 rows"


@pytest.mark.parametrize("data", [b"", b"\n\n", b",,\n,,", b"\x00\x01\x02", b'a,"' + b"x" * 2_000_000])
def test_bytes_that_are_no_table_are_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(NoteError) as error:
        extract(data)
    assert "\n" not in str(error.value)


def test_a_place_is_said_in_one_line() -> None:
    assert placed({"page": 7, "boxes": [[0, 0, 1, 1]]}) == "page 7"
    assert placed({"sheet": "Costs", "row": 12}) == "sheet Costs, row 12"
