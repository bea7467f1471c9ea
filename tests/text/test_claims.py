"""Numbers, checked exactly in both languages and between them; and names."""

import unicodedata

import pytest
from claim_pairs import NUMBERS
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.claims import names, numbers, unborne_name, unborne_number
from assistant.text.numbers import amounts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("속도는 60% 빠르다", {(60.0, "%")}),
        ("60 percent faster", {(60.0, "%")}),
        ("60퍼센트 빠르다", {(60.0, "%")}),
        ("12,000 books", {(12000.0, "")}),
        ("어휘는 30K이다", {(30000.0, "")}),
        ("토큰 50만 개", {(500000.0, "")}),
        ("1.7배 빨라졌다", {(1.7, "×")}),
        ("about 3x faster", {(3.0, "×")}),
        ("여섯 갈래를 다룬다", {(6.0, "")}),
        ("deals with six families", {(6.0, "")}),
        ("GPT-3와 T5", set()),
    ],
)
def test_numbers_are_read_with_their_units(text: str, expected: set[tuple[float, str]]) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize(
    ("sentence", "evidence", "missing"),
    [
        ("크기는 40% 작다.", "크기는 40퍼센트 작다.", ""),
        ("크기는 50% 작다.", "크기는 40% 작다.", "50%"),
        ("It is 70% hot.", "녹차는 70도의 물에 우린다.", "70%"),
        ("The library holds 12,000 books.", "도서관은 책을 12000권 갖고 있다.", ""),
        ("The vocabulary holds 30,000 tokens.", "어휘 크기는 30K이다.", ""),
        ("It deals with six families.", "여섯 갈래를 다룬다.", ""),
        ("여섯 갈래를 다룬다.", "It deals with five families.", "6"),
        ("두 모델은 작다.", "모델은 작다.", ""),
        ("GPT-3 is large.", "GPT-3는 크다.", ""),
        ("GPT의 버전 3이다.", "GPT-3이다.", ""),
        ("4개입니다, 데이터는 93K개다.", "BERT에서 GPT-4까지\n데이터는 93K개다.", "4"),
        ("It has 110 million parameters.", "파라미터는 1.1억 개다.", ""),
        ("It came out in March 2021.", "2021년 3월에 나왔다.", ""),
        ("2021년 3월에 나왔다.", "It came out in March 2021.", ""),
        ("2021년 4월에 나왔다.", "It came out in March 2021.", "4"),
        ("It may be 5 or 6.", "5일 수도 6일 수도 있다.", ""),
    ],
)
def test_a_number_needs_its_unit_in_the_evidence(sentence: str, evidence: str, missing: str) -> None:
    assert unborne_number(sentence, evidence) == missing


def test_the_first_word_of_an_english_sentence_is_no_name() -> None:
    assert names("Models like GPT-3 and LLaMA are large.") == ["GPT-3", "LLaMA"]


def test_a_month_is_a_number_and_no_name() -> None:
    assert names("The notes of RAFTer came out in January 2024.") == ["RAFTer"]


@pytest.mark.parametrize(("sentence", "evidence", "borne"), NUMBERS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_an_amount_is_borne_out_in_any_notation_and_no_other_is(
    sentence: str, evidence: str, borne: bool, form: str
) -> None:
    said, held = (unicodedata.normalize(form, text) for text in (sentence, evidence))
    assert (unborne_number(said, held) == "") is borne


@pytest.mark.parametrize(
    ("sentence", "evidence", "missing"),
    [
        ("It needs 123 GPUs.", "Version 1.2.3 runs on one GPU.", "123"),
        ("The path is 5 metres long.", "Path: 5 m", ""),
        ("속도가 3배이다.", "The speed is three times as high.", ""),
        ("버전 18 이후부터 된다.", "It works from 18.x on.", ""),
        ("It works from Node 18 on.", "18.x 버전 이후부터 된다.", ""),
        ("It works from version 3.1 on.", "3.10.x부터 된다.", "3.1"),
        ("17 버전부터 된다.", "It works from 18.x on.", "17"),
        ("It is 3x faster.", "세 배 빠르다.", ""),
        ("It has 500K entries.", "항목은 50만 개이다.", ""),
        ("비용은 4조 원이다.", "4조각으로 나눈다.", "4e+12"),
        ("It is 3x faster.", "3 배열을 더한다.", "3×"),
        ("3% is left.", "3프로토타입이 남았다.", "3%"),
    ],
)
def test_amounts_that_were_misread(sentence: str, evidence: str, missing: str) -> None:
    assert unborne_number(sentence, evidence) == missing


def test_long_texts_of_numbers_are_read_in_proportion_to_their_length() -> None:
    """The work is counted, not timed: a quadratic reading would not come back."""
    for piece in ("12,000.5 ", "version ", "1.2.3.", "three times ", "3배열 ", "a-", "영하 ", "이백만 "):
        amounts(piece * 20_000)


@pytest.mark.parametrize(
    ("sentence", "evidence", "lacked"),
    [
        ("RoBERTa(LoRABA) was made in 2019.", "RoBERTa is from Facebook, 2019.", "LoRABA"),
        ("AMD가 17조원에 인수했다.", "Intel, 2017년 17조원에 인수", "AMD"),
        ("It runs on Volta GPUs.", "any Volta GPU will do", None),
        ("HBM3 tops out at 6.4 Gbps per pin.", "HBM3: 6.4 Gb/s", None),
        ("Yes, the DistilBERT model is smaller.", "디스틸버트는 더 작다.", None),
        ("the model is small", "nothing", None),
        ("In June it was cold.", "6월에는 추웠다.", None),
    ],
)
def test_a_name_that_the_evidence_does_not_hold_is_told(sentence: str, evidence: str, lacked: str | None) -> None:
    assert unborne_name(sentence, evidence) == lacked


@given(st.text(max_size=80))
def test_a_text_holds_its_own_names(text: str) -> None:
    assert unborne_name(text, text) is None
