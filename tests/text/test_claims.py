"""Numbers, names and negations, checked exactly in both languages and between them."""

import unicodedata

import pytest
from claim_pairs import DENIALS, NUMBERS

from assistant.text.claims import names, negated, numbers, turned, unborne_name, unborne_number
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


@pytest.mark.parametrize(
    ("sentence", "evidence", "missing"),
    [
        ("GLaM은 Google의 모델이다.", "GLaM(글램)은 Google의 2021년 모델이다.", ""),
        ("DistilBERT의 토크나이저는 WordPiece이다.", "BERT의 토크나이저는 WordPiece이다.", "DistilBERT"),
        ("The model rests on Transformers.", "트랜스포머를 바탕으로 한다.", ""),
        ("It was made by Google.", "오픈AI가 만들었다.", "Google"),
        ("트랜스포머는 크다.", "ELECTRA는 크다.", "트랜스포머"),
        ("트랜스포머는 크다.", "The Transformer is large.", ""),
        ("T5를 쓴다.", "mT5를 쓴다.", "T5"),
        ("T5를 쓴다.", "T5-XXL을 쓴다.", "T5"),
        ("LLaMA 2를 줄인다.", "LLaMA-2-70B를 줄인다.", ""),
        ("Transformer는 글을 나눈다.", "Transformer-XL은 글을 나눈다.", "Transformer"),
        ("In it the Transformer splits texts.", "Transformer-XL splits texts.", "Transformer"),
        ("The model Transformer splits texts.", "Transformer-XL splits what a Transformer reads.", ""),
        ("In short, Transformer-XL splits texts.", "Transformer-XL은 글을 나눈다.", ""),
        ("The XL variant of Transformer splits texts.", "Transformer-XL은 글을 나눈다.", ""),
        ("GAN처럼 배운다.", "GAN-like loss로 배운다.", ""),
        ("The notes name BERT.", "BERT/RoBERTa를 쓴다.", ""),
        ("It needs 64 GPUs.", "GPU 64장을 쓴다.", ""),
        ("ELECTRA is large.", "The Transformer is large.", "ELECTRA"),
        ("Models are large.", "The Transformer is large.", ""),
        ("It was tried in English.", "영어에서 실험했다.", ""),
        ("It is at https://a.example/x .", "https://a.example/x 에 있다.", ""),
        ("It is at https://b.example/x .", "https://a.example/x 에 있다.", "https://b.example/x"),
    ],
)
def test_a_name_is_found_in_either_spelling_or_missed(sentence: str, evidence: str, missing: str) -> None:
    assert unborne_name(sentence, evidence, "ELECTRA, Transformer") == missing


def test_the_first_word_of_an_english_sentence_is_no_name() -> None:
    assert names("Models like GPT-3 and LLaMA are large.") == ["GPT-3", "LLaMA"]


def test_a_month_is_a_number_and_no_name() -> None:
    assert names("The notes of RAFTer came out in January 2024.") == ["RAFTer"]


@pytest.mark.parametrize(
    ("sentence", "evidence", "expected"),
    [
        ("Koala는 GPT-3보다 나아졌다.", "Koala의 품질은 GPT-3보다 나아지지 않았다.", True),
        ("Koala는 GPT-3보다 나아지지 않았다.", "Koala의 품질은 GPT-3보다 나아졌다.", True),
        ("Koala는 GPT-3보다 나아지지 않았다.", "Koala의 품질은 GPT-3보다 나아지지 않았다.", False),
        ("Tea is hot.", "Tea is not hot.", True),
        ("Tea is hot.", "Tea is hot, but coffee is never cold.", False),
        ("BART는 GeLU를 쓴다.", "BART는 활성화 함수로 ReLU가 아닌 GeLU를 쓴다.", True),
    ],
)
def test_what_is_denied_on_one_side_only_is_turned(sentence: str, evidence: str, expected: bool) -> None:
    assert turned(sentence, evidence) is expected


@pytest.mark.parametrize(("sentence", "evidence", "borne"), NUMBERS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_an_amount_is_borne_out_in_any_notation_and_no_other_is(
    sentence: str, evidence: str, borne: bool, form: str
) -> None:
    said, held = (unicodedata.normalize(form, text) for text in (sentence, evidence))
    assert (unborne_number(said, held) == "") is borne


@pytest.mark.parametrize(("sentence", "denies"), DENIALS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_word_of_denial_denies_only_where_it_does(sentence: str, denies: bool, form: str) -> None:
    assert negated(unicodedata.normalize(form, sentence)) is denies


@pytest.mark.parametrize(
    ("sentence", "evidence", "missing"),
    [
        ("It needs 123 GPUs.", "Version 1.2.3 runs on one GPU.", "123"),
        ("The path is 5 metres long.", "Path: 5 m", ""),
        ("속도가 3배이다.", "The speed is three times as high.", ""),
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
