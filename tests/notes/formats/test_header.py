"""A header of two rows → one name for each column."""

import pytest

from assistant.notes.formats.header import joined


@pytest.mark.parametrize(
    ("upper", "lower", "below", "names"),
    [
        (["", "2023", ""], ["Tea", "Sales", "Profit"], ["Green", "10", "2"], ["Tea", "2023 Sales", "2023 Profit"]),
        (["Tea", "Price", "Price"], ["Tea", "2023", "2024"], ["Green", "1", "2"], ["Tea", "Price 2023", "Price 2024"]),
        (["위", "", "옆"], ["매출", "이익", "매출"], ["1", "2", "3"], ["위 매출", "위 이익", "옆 매출"]),
        (["Name", "", "City"], ["Kim", "Dr", "Seoul"], ["Lee", "Mr", "Busan"], None),
        (["Name", "", "Points"], ["Kim", "Dr", "10"], ["Lee", "Mr", "20"], None),
        (["Name", "Points"], ["Kim", "Lee"], ["1", "2"], None),
        (["Name", ""], ["", "first"], ["1", "2"], None),
        ([], [], [], None),
    ],
)
def test_names_over_several_columns_stand_before_those_below(
    upper: list[str], lower: list[str], below: list[str], names: list[str] | None
) -> None:
    assert joined(upper, lower, below) == names
