"""Which language a text is in."""

import unicodedata

import pytest

from assistant.text.language import Language, detect

KO, EN = Language.KO, Language.EN


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
