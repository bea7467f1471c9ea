"""Cells that span columns and rows → rows of words."""

from assistant.notes.formats.extracted import Writer
from assistant.notes.formats.grid import Cell, spread, write


def test_the_words_of_a_cell_stand_in_the_first_column_and_in_each_row_that_it_spans() -> None:
    table = [[Cell("차", 1, 2), Cell("가격", 2)], [Cell("2023"), Cell("2024")], [Cell("녹차"), Cell("1"), Cell("2")]]
    assert [*spread(table)] == [["차", "가격", ""], ["차", "2023", "2024"], ["녹차", "1", "2"]]


def test_a_cell_that_reaches_down_at_a_rows_end_stands_in_the_row_below() -> None:
    assert [*spread([[Cell("a"), Cell("both", 1, 2)], [Cell("b")]])] == [["a", "both"], ["b", "both"]]


def test_names_over_several_columns_are_joined_with_those_below() -> None:
    writer = Writer()
    upper, lower = [Cell("차", 1, 2), Cell("가격", 2)], [Cell("2023"), Cell("2024")]
    write(writer, [upper, lower, [Cell("녹차"), Cell("1"), Cell("2")]])
    assert writer.extracted().text == "| 차 | 가격 2023 | 가격 2024 |\n| 녹차 | 1 | 2 |"


def test_the_fields_of_a_form_stand_beside_each_other_whatever_columns_they_span() -> None:
    writer = Writer()
    write(writer, [[Cell("이름", 4), Cell("김", 6)], [Cell("소속", 2), Cell("과", 3), Cell("전화", 3), Cell("1", 2)]])
    assert writer.extracted().text == "| 이름 | 김 |\n| 소속 | 과 | 전화 | 1 |"


def test_a_span_that_is_no_number_or_far_too_large_is_bounded() -> None:
    assert [*spread([[Cell("a", "x", "-3"), Cell("b")]])] == [["a", "b"]]
    assert len([*spread([[Cell("a", "999999999", "999999999")], [Cell("b")]])][1]) < 1000


def test_a_row_alone_and_a_row_of_one_name_are_no_header() -> None:
    writer = Writer()
    write(writer, [[Cell("a"), Cell("b")]])
    write(writer, [[Cell("title"), Cell("")], [Cell("a"), Cell("b")]])
    assert {str(block.kind) for block in writer.extracted().blocks} == {"row"}
