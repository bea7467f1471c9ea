"""Which language, which sentences, which search terms."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.language import Language, detect
from assistant.text.sentences import sentences
from assistant.text.terms import terms

KO, EN = Language.KO, Language.EN
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


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("SliceGPT는 무엇인가요?", KO),
        ("Transformer의 self-attention과 cross-attention", KO),
        ("PaLM, LLaMA, Falcon, RedPajama 비교", KO),
        ("What does the word 어텐션 mean?", EN),
        ("Which notes describe 미리내 망원경 in English words?", EN),
        ("What is attention?", EN),
        ("책 제목은 'What is the Name'이다", KO),
        (unicodedata.normalize("NFD", "어텐션이란?"), KO),
        ("", EN),
        ("🙂 42", EN),
        ("ㅋㅋㅋ", KO),
    ],
)
def test_detect_weighs_hangul_against_latin_and_english_words(text: str, language: Language) -> None:
    assert detect(text) is language


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
    ("text", "expected"),
    [
        ("SliceGPT는", ["slicegpt"]),
        ("SliceGPT(슬라이스)는", ["slicegpt", *terms("슬라이스")]),
        ('"BERT"은', ["bert"]),
        ("**BERT**를", ["bert"]),
        ("`softmax`가", ["softmax"]),
        ("망원경은 망원경을 망원경의", ["망원경"] * 3),
        ("The models were trained", ["model", "train"]),
        ("이것은 무엇이고 왜 쓰나요?", []),
        ("café Müller naïve", ["café", "müller", "naïve"]),
        ("state_of_the_art", ["state", "art", "stateoftheart"]),
        ("GPT-3.5", ["gpt", "3.5", "gpt3.5"]),
        ("the author's", ["author"]),
        ("12,000 or 12000; 1,2", ["12000", "12000", "1", "2"]),
        ("U.S.", ["us"]),
        ("漢字", ["漢字"]),
        ("🙂 — …", []),
        ("", []),
    ],
)
def test_terms_are_stems_without_particles_and_stop_words(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize("spelling", ["GPT4", "gpt-4", "GPT-4는", "gpt_4", "ＧＰＴ－４"])
def test_each_spelling_of_a_name_with_a_number_gives_the_same_terms(spelling: str) -> None:
    assert terms(spelling) == terms("GPT-4") == ["gpt", "4", "gpt4"]


@pytest.mark.parametrize("text", ["미리내 망원경의 거울은 알루미늄이다", "café", "GPT-4는 크다"])
def test_decomposed_text_gives_the_same_terms(text: str) -> None:
    assert terms(unicodedata.normalize("NFD", text)) == terms(text) != []


def test_terms_keep_the_order_of_the_text() -> None:
    assert terms("Mirinae는 초신성을 찾는다") == ["mirina", "초신성", "찾"]


@given(st.text(max_size=80))
def test_terms_of_any_text_are_words_without_white_space(text: str) -> None:
    assert all(word and not any(char.isspace() for char in word) for word in terms(text))
