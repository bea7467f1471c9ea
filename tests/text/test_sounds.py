"""Borrowed words share a key with what they were borrowed from; others seldom do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.sounds import MIN_CONSONANTS, sound_key

BORROWED = """
트랜스포머 transformer
토크나이저 tokenizer
임베딩 embedding
데이터셋 dataset
텐서 tensor
벡터 vector
어텐션 attention
디스틸버트 distilbert
인코딩 encoding
체크포인트 checkpoint
브라우저 browser
시퀀스 sequence
알고리즘 algorithm
프롬프트 prompt
스레드 thread
클래스 class
캡션 caption
파이프라인 pipeline
마스킹 masking
제로샷 zeroshot
""".split()


@pytest.mark.parametrize(("korean", "english"), [*zip(BORROWED[::2], BORROWED[1::2], strict=True)])
def test_a_borrowed_word_sounds_like_its_original(korean: str, english: str) -> None:
    assert sound_key(korean) == sound_key(english) != ""


def test_other_words_sound_otherwise() -> None:
    keys = [sound_key(word) for word in BORROWED]
    assert len(set(keys)) == len(keys) / 2
    assert sound_key("훈련") != sound_key("training")
    assert sound_key("어텐션") != sound_key("tension"), "a leading vowel counts"


@pytest.mark.parametrize("word", ["허브", "hub", "가", "a", "", "3d", "gpt-4", "モデル", "naïve", "e"])
def test_short_words_and_other_letters_have_no_key(word: str) -> None:
    assert sound_key(word) == ""


@given(
    st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3) | st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
)
def test_a_key_is_consonant_classes_behind_at_most_one_mark(word: str) -> None:
    key = sound_key(word)
    assert not key or (len(key.lstrip("~")) >= MIN_CONSONANTS and set(key.lstrip("~")) <= set("KNTLMPS"))
    assert key.count("~") <= 1
