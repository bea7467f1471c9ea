"""The days that people name when they ask which notes there are."""

from datetime import date

import pytest

from assistant.answering.when import period

TODAY = date(2026, 11, 29)  # a Sunday


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("What did I add this week?", "2026-11-23", "2026-11-29"),
        ("이번주에 추가한 노트 뭐야?", "2026-11-23", "2026-11-29"),
        ("지난 주에 쓴 노트", "2026-11-16", "2026-11-22"),
        ("notes from last month", "2026-10-01", "2026-10-31"),
        ("지난달에 추가한 노트 보여줘", "2026-10-01", "2026-10-31"),
        ("which notes are from June?", "2026-06-01", "2026-06-30"),
        ("anything from may?", "2026-05-01", "2026-05-31"),
        ("6월에 쓴 노트는?", "2026-06-01", "2026-06-30"),
        ("2025년 12월에 쓴 노트는 뭐가 있어?", "2025-12-01", "2025-12-31"),
        ("Summarize the notes created in December 2025.", "2025-12-01", "2025-12-31"),
        ("what's new since yesterday", "2026-11-28", "2026-11-28"),
        ("어제 뭐 추가했지", "2026-11-28", "2026-11-28"),
        ("작년 노트 목록", "2025-01-01", "2025-12-31"),
        ("what did I write in 2019?", "2019-01-01", "2019-12-31"),
        ("notes of 2025-01-05", "2025-01-05", "2025-01-05"),
    ],
)
def test_the_days_are_found(question: str, first: str, last: str) -> None:
    assert period(question, TODAY) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "question",
    [
        "어떤 노트가 있어?",
        "how many notes do I have?",
        "show me the top 10 notes",
        "what may I ask?",
        "노트 3개만",
        "",
        "?",
    ],
)
def test_without_a_time_there_are_none(question: str) -> None:
    assert period(question, TODAY) is None
