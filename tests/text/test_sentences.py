"""Where sentences begin and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.sentences import sentences

PIECES = st.sampled_from(
    ["다.", "이다", "The", "e.g.", "et al.", "3.14", "2024. 3. 1.", "1.", "A.", "- ", "* ", "**", "| a | b |", "# "]
    + [
        "?",
        "!",
        "…",
        '"',
        "”",
        ")",
        "[1]",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "\r\n",
        "\x0b",
        "\x1c",
        "\x85",
        "\u2028",
        "x" * 70,
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map("".join))


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@given(TEXTS)
def test_sentences_are_ordered_disjoint_trimmed_and_cover_all_but_white_space(text: str) -> None:
    at = 0
    for start, end in sentences(text):
        assert at <= start < end
        assert text[at:start].strip() == ""
        assert text[start:end] == text[start:end].strip()
        at = end
    assert text[at:].strip() == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It works. It scales! Does it?", ["It works.", "It scales!", "Does it?"]),
        ("Use an encoder, e.g. BERT. Then stop.", ["Use an encoder, e.g. BERT.", "Then stop."]),
        (
            "Kim et al. gained 3.14 points, cf. Fig. 2 there. So did we.",
            ["Kim et al. gained 3.14 points, cf. Fig. 2 there.", "So did we."],
        ),
        ("J. Smith wrote it. Dr. Lee read it.", ["J. Smith wrote it.", "Dr. Lee read it."]),
        (
            '"방법 정리 (절대, 상대 ... )"는 첫 글이다. 끝이다.',
            ['"방법 정리 (절대, 상대 ... )"는 첫 글이다.', "끝이다."],
        ),
        ('글은 "3. 원본 XLM"이라는 말로 연다. 끝.', ['글은 "3. 원본 XLM"이라는 말로 연다.', "끝."]),
        (
            '"How Far? (EMNLP 2022)"는 글이다. "So. Is it." Yes.',
            ['"How Far? (EMNLP 2022)"는 글이다.', '"So.', 'Is it."', "Yes."],
        ),
        ("Kinds [dense, sparse … ] are listed. So it ends.", ["Kinds [dense, sparse … ] are listed.", "So it ends."]),
        ("학습이 끝났다. 평가를 한다.", ["학습이 끝났다.", "평가를 한다."]),
        ("학습이 끝났다.평가를 한다.", ["학습이 끝났다.", "평가를 한다."]),
        ("학습이 끝났다.Training took an hour.", ["학습이 끝났다.", "Training took an hour."]),
        ('그는 "좋다."라고 말했다. 끝이다.', ['그는 "좋다."라고 말했다.', "끝이다."]),
        ("**굵은 문장이다.** 다음 문장이다.", ["**굵은 문장이다.**", "다음 문장이다."]),
        ("발표는 2024. 3. 1. 오후에 했다. 비가 왔다.", ["발표는 2024. 3. 1. 오후에 했다.", "비가 왔다."]),
        ("It was founded in 1931. Later it closed.", ["It was founded in 1931.", "Later it closed."]),
        ("끝났다。 다음이다！ 그래…", ["끝났다。", "다음이다！", "그래…"]),
        ("- 첫째 항목\n- 둘째 항목", ["- 첫째 항목", "- 둘째 항목"]),
        ("1. Load the notes\n2. Cut them", ["1. Load the notes", "2. Cut them"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ["| a | b |", "|---|---|", "| 1 | 2 |"]),
        ("한 문단\n\n다른 문단", ["한 문단", "다른 문단"]),
        (" \n\t", []),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert split(text) == expected


LONG = "a line that was wrapped by an editor near its eightieth column goes"


@pytest.mark.parametrize("rest", ["on below.", "**on** below.", "3.5 steps on below.", "-3 steps on below."])
def test_a_sentence_goes_on_below_a_hard_wrap(rest: str) -> None:
    assert split(f"Here {LONG}\n{rest} Next.") == [f"Here {LONG}\n{rest}", "Next."]


@pytest.mark.parametrize("rest", ["- an item", "* an item", "2) an item", "• 항목", "| a | b |", "# A heading"])
def test_a_list_item_table_row_or_heading_starts_anew_below_a_long_line(rest: str) -> None:
    assert split(f"Here {LONG}\n{rest}") == [f"Here {LONG}", rest]


def test_a_long_heading_ends_at_its_line() -> None:
    assert split(f"## {LONG}\nText.") == [f"## {LONG}", "Text."]


def test_short_lines_are_not_taken_for_a_hard_wrap() -> None:
    assert split("녹차\n홍차") == ["녹차", "홍차"]


@pytest.mark.parametrize(
    "text",
    [
        "See No. 5 for it.",
        "제3.1절은 3.14를 쓴다.",
        "It cost $5.50, cf. p. 3, approx. 2024. 3. 1. or so.",
        "(1. 첫째 … )이다.",
    ],
)
def test_what_only_looks_like_an_end_is_none(text: str) -> None:
    assert split(text) == [text]


def test_a_long_list_of_authors_is_one_sentence_and_read_at_once() -> None:
    text = ", ".join(f"Author{n} A. B." for n in range(3_000)) + " wrote it."
    assert split(text) == [text]
