"""Rows of cells → tables with headers."""

from assistant.notes.formats import sheets
from assistant.notes.formats.extracted import Writer


def written(*rows: str) -> list[tuple[str, str]]:
    """Return the kinds and the words of what is written of rows, whose cells are parted by commas."""
    writer = Writer()
    sheets.write(writer, (sheets.Row({"row": n}, row.split(",")) for n, row in enumerate(rows, 1)))
    found = writer.extracted()
    return [(str(block.kind), found.text[block.start : block.end]) for block in found.blocks]


def test_the_first_row_of_names_is_the_header_and_rows_of_one_cell_above_it_are_paragraphs() -> None:
    assert written("예산", "품목,가격", "녹차,1200") == [
        ("paragraph", "예산"),
        ("head", "| 품목 | 가격 |"),
        ("row", "| 녹차 | 1200 |"),
    ]


def test_a_year_may_name_a_column_but_other_numbers_and_dates_may_not() -> None:
    assert written("Item,2023,2024", "Tea,1,2")[0][0] == "head"
    assert [kind for kind, _ in written("Tea,30", "Ink,40")] == ["row", "row"]
    assert [kind for kind, _ in written("회의,2024-03-01", "점검,2024-03-02")] == ["row", "row"]
    assert [kind for kind, _ in written("녹차,1200원", "잉크,900원")] == ["row", "row"]


def test_an_empty_row_ends_a_table_and_the_next_has_its_own_header() -> None:
    kinds = [kind for kind, _ in written("a,b", "1,2", ",", "c,d", "3,4")]
    assert kinds == ["head", "row", "head", "row"]


def test_a_row_of_details_may_stand_above_the_header() -> None:
    assert [kind for kind, _ in written("작성일,2024-03-01", "품목,가격", "녹차,3")] == ["row", "head", "row"]


def test_empty_columns_left_of_a_table_and_empty_cells_at_a_rows_end_are_left_out() -> None:
    assert [words for _, words in written(",,a,b,,", ",,1,2,,", ",,,4")] == ["| a | b |", "| 1 | 2 |", "|  | 4 |"]


def test_a_column_without_a_name_keeps_its_place() -> None:
    words = [words for _, words in written(",city,pop", "0,Seoul,10", "1,Busan,4")]
    assert words == ["|  | city | pop |", "| 0 | Seoul | 10 |", "| 1 | Busan | 4 |"]


def test_a_column_that_is_empty_in_the_whole_table_is_left_out() -> None:
    assert [words for _, words in written("a,,b", "1,,2", "3,,4")] == ["| a | b |", "| 1 | 2 |", "| 3 | 4 |"]


def test_no_row_is_lost_after_those_in_which_a_header_is_looked_for() -> None:
    assert len(written("title", "name,price", *(f"tea,{n}" for n in range(20)))) == 22


def test_two_rows_of_names_are_one_header_where_the_upper_ones_span_columns() -> None:
    assert written("지역,상반기,,하반기,", ",매출,이익,매출,이익", "서울,10,2,12,3")[0] == (
        "head",
        "| 지역 | 상반기 매출 | 상반기 이익 | 하반기 매출 | 하반기 이익 |",
    )
    assert written("Item,Price,", ",2023,2024", "Tea,1,2")[0][1] == "| Item | Price 2023 | Price 2024 |"


def test_a_first_row_of_words_is_no_part_of_the_header() -> None:
    assert written("Name,,City", "Kim,Dr,Seoul", "Lee,Mr,Busan")[0][1] == "| Name |  | City |"
    assert written("Name,,Points", "Kim,Dr,10", "Lee,Mr,20")[0][1] == "| Name |  | Points |"
    assert written("a,b", "1,2")[0][1] == "| a | b |"
