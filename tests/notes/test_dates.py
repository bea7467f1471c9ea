"""The day of a note, wherever people write it."""

import pytest

from assistant.notes.dates import day_of


@pytest.mark.parametrize(
    ("fields", "source", "day"),
    [
        ({"date": "2026-01-08"}, "a.md", "2026-01-08"),
        ({"created": "2025-12-03T10:12:00"}, "a.md", "2025-12-03"),
        ({"Created": "2025. 12. 3."}, "2024-01-01.md", "2025-12-03"),
        ({"날짜": "2025년 1월 5일"}, "a.md", "2025-01-05"),
        ({"date": ("2025-01-05",)}, "a.md", ""),
        ({"date": "soon"}, "diary/2024-06-02.md", "2024-06-02"),
        ({}, "diary/2024-06-02 Sunday.md", "2024-06-02"),
        ({}, "20240602.md", "2024-06-02"),
        ({}, "회의 2024.6.2.md", "2024-06-02"),
        ({}, "2024-13-45.md", ""),
        ({}, "papers/2401.15884.md", ""),
        ({}, "1f0c9a7be2d84c6fb1a2334455667788.md", ""),
        ({"version": "2025-01-05"}, "a.md", ""),
        ({"date": "June 14, 2026 10:11 AM"}, "a.md", "2026-06-14"),
        ({"created": "14/06/2026"}, "a.md", "2026-06-14"),
        ({"created": "10/11/2026"}, "a.md", ""),
        ({"created": "Mon Jan 01 2024 00:00:00 GMT+0900"}, "a.md", "2024-01-01"),
        ({}, "14-06-2026.md", "2026-06-14"),
        ({}, "journal/January 5th, 2024.md", "2024-01-05"),
        ({}, "2024년 1월 5일 금요일.md", "2024-01-05"),
        ({}, "Chapter 12 of 2024.md", ""),
        ({}, "2024.md", ""),
        ({}, "Best of 2024, part 3.md", ""),
        ({"date": "2024"}, "a.md", ""),
        ({}, "Entry of 28th Jan, 2025.md", "2025-01-28"),
        ({}, "Notes, March 3, 2024.md", "2024-03-03"),
        ({}, "강의 2026 07 10.md", "2026-07-10"),
        ({}, "01_09_2024 - 07_09_2024.md", ""),
        ({}, "2024_04_23.md", "2024-04-23"),
        ({"date": "[[2022-11-17]]"}, "a.md", "2022-11-17"),
        ({"date-created": "2022/11/17 10:00"}, "a.md", "2022-11-17"),
        ({"생성 일시": "2026년 1월 20일 오전 8:50"}, "a.md", "2026-01-20"),
        ({"created_time": "2022-06-17T11:59:14.223Z"}, "a.md", "2022-06-17"),
    ],
)
def test_the_day_is_the_front_matters_or_the_names(fields: dict[str, str], source: str, day: str) -> None:
    assert day_of(fields, source) == day
