"""A model's Markdown → its sentences and the layout between them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.drafted import drafted
from assistant.text.language import Language

KO, EN = Language.KO, Language.EN

LIST = "GPT와 BERT의 차이는 다음과 같다:\n\n- **GPT**는 디코더 모델이다. [1]\n- `BERT`는 인코더 모델이다. [2]"
TABLE = "| model | memory |\n|---|---|\n| A10 | 24 GB [1] |\n| A10G | 24 GB | [2]\n"
SECTIONS = "## Method\nThey train on pairs. [1]\n\n## Results\nIt is faster. It is smaller. [2]"


def test_a_list_keeps_its_lines_and_the_line_that_leads_over() -> None:
    first, second = drafted(LIST, (1, 2))
    assert first.before == "GPT와 BERT의 차이는 다음과 같다:\n\n- "
    assert (first.text, first.claim, first.numbers) == ("**GPT**는 디코더 모델이다.", "GPT는 디코더 모델이다.", (1,))
    assert (second.before, second.claim) == ("\n- ", "BERT는 인코더 모델이다.")


def test_a_row_is_read_with_its_columns_and_the_head_is_layout() -> None:
    first, second = drafted(TABLE, (1, 2))
    assert first.before == "| model | memory |\n|---|---|\n"
    assert (first.claim, first.numbers, first.prose) == ("model: A10, memory: 24 GB", (1,), False)
    assert second.claim == "model: A10G, memory: 24 GB" and second.numbers == (2,)


def test_headings_are_layout_and_a_heading_with_a_number_is_not() -> None:
    assert [one.before for one in drafted(SECTIONS, (1, 2))] == ["## Method\n", "\n\n## Results\n", " "]
    assert [one.claim for one in drafted("## It was 11.5\nSo it is. [1]", (1,))] == ["## It was 11.5", "So it is."]


def test_code_is_one_claim() -> None:
    (lead, code) = drafted("Run this. [1]\n\n```sh\nsudo dpkg-reconfigure tzdata\n```", (1,))
    assert code.text == "```sh\nsudo dpkg-reconfigure tzdata\n```" and not code.prose and code.before == "\n\n"
    assert lead.numbers == (1,)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("- BERT, RoBERTa, ELECTRA", KO, True),
        ("- multi-head attention", KO, True),
        ("BERT is an encoder that reads both ways.", KO, False),
        ("BERT는 인코더 모델이다.", EN, False),
        ("BERT is an encoder.", EN, True),
        ("| 모델 | 크기 |\n|---|---|\n| BERT is small and old | 1 |", KO, True),
    ],
)
def test_names_and_rows_are_in_no_language(text: str, language: Language, expected: bool) -> None:
    assert [one.says_in(language) for one in drafted(text, ())] == [expected]


@given(st.text(st.sampled_from("ab가 .:|-*#`\n[1]()$<>_0"), max_size=80))
def test_any_text_is_read_and_no_words_stand_outside(written: str) -> None:
    for one in drafted(written, (1,)):
        assert one.text.strip() == one.text != ""
        assert not re.search(r"\d", re.sub(r"\d{1,3}[.)]\s", "", one.before))
