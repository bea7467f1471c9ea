"""A text's few pieces give the tokens of the whole vocabulary."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fakes import REAL_MODELS
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from assistant.models.pieces import Pieces

WORDS = (
    "tea",
    "water",
    "is",
    "t",
    "녹차",
    "는",
    "물",
    "🙂",
    "ｔｅａ",
    "▁",
    "<",
    "s>",
    "query: ",
    "GPT-4",
    "\u3000",
    "\n",
    "é",
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=20).map("".join))


@cache
def both(file: Path) -> tuple[Pieces, Any]:
    return Pieces(file), Tokenizer.from_file(str(file))


def agree(file: Path, text: str) -> None:
    pieces, whole = both(file)
    split = any(token.content in text for token in whole.get_added_tokens_decoder().values())
    assert pieces.ids(text) == (None if split else whole.encode(text).ids)


@given(TEXTS)
def test_tokens_are_those_of_the_whole_tokenizer(converted: Path, text: str) -> None:
    agree(converted / "tokenizer.json", text)


@pytest.mark.embedding
@given(TEXTS)
def test_tokens_are_those_of_the_real_whole_tokenizer(text: str) -> None:
    agree(REAL_MODELS / "multilingual-e5-small" / "tokenizer.json", text)


def test_a_text_that_spells_out_a_special_piece_is_left_to_the_whole_tokenizer(converted: Path) -> None:
    pieces, whole = both(converted / "tokenizer.json")
    special = [token.content for token in whole.get_added_tokens_decoder().values()]
    assert len(special) == 4 and all(pieces.ids(f"tea {piece} water") is None for piece in special)


def test_what_is_no_unigram_tokenizer_is_refused(tmp_path: Path) -> None:
    for text, error in (("{", ValueError), ("{}", KeyError)):
        (tmp_path / "tokenizer.json").write_text(text)
        with pytest.raises(error):
            Pieces(tmp_path / "tokenizer.json")
