"""The judge: what it reads of two texts, and that its export says what the module says."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from assistant.models.judge import FIRST_TOKENS, TOKENS, Encoded, Judge, Text, encoded, stacked
from assistant.models.judge_export import build
from assistant.models.low_rank import WORDS
from eval.training.fit_judge import Learner

TEXTS = [Text("녹차는 tea", ((0, 3), (4, 7))), Text("tea"), Text("water is tea is", ((0, 8), (9, 15)))]


class Letters:
    """A tokenizer with a token for each letter; it puts one mark before and one behind."""

    class Encoded:
        def __init__(self, text: str) -> None:
            self.ids = [0, *(ord(letter) for letter in text), 2]
            self.offsets = [(0, 0), *((at, at + 1) for at in range(len(text))), (0, 0)]

    def encode(self, text: str) -> "Letters.Encoded":
        return self.Encoded(text)


@pytest.fixture(scope="module")
def encoder(converted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder that reads as many tokens as the real one, with the tiny tokenizer."""
    from transformers import BertConfig, BertModel

    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("encoder")
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=14, max_position_embeddings=512, **shape)).save_pretrained(folder)
    shutil.copy(converted / "tokenizer.json", folder)
    return folder


@pytest.fixture(scope="module")
def learned(encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a judge of the tiny encoder might have learned."""
    torch.manual_seed(7)
    values = {name: torch.randn_like(value.float()) / 8 for name, value in Learner(encoder, 2).learned().items()}
    save_file(values, file := tmp_path_factory.mktemp("judge") / "judge.safetensors")
    return file


@pytest.fixture(scope="module")
def judge(encoder: Path, learned: Path) -> Judge:
    return Judge(encoder, 1, learned)


def test_parts_are_the_tokens_of_both_texts_and_of_each_sentence() -> None:
    pair = encoded(Letters(), "Why?", "One. Two.", ((0, 4), (5, 9)))
    words = ["".join(map(chr, pair.ids[start:end])) for start, end in pair.parts]
    assert words == ["\0query: Why?\x02", "\0passage: One. Two.\x02", "One.", "Two."]


def test_marks_stand_at_the_tokens_of_words_that_both_texts_hold() -> None:
    pair = encoded(Letters(), "Why two?", "One. Two.", ())
    letters = list(zip(map(chr, pair.ids), pair.marks, strict=True))
    assert ["".join(letter for letter, mark in letters if mark == kind) for kind in (1, 3)] == ["two", "Two"]


@given(st.text(max_size=200), st.integers(0, 600))
def test_a_long_text_is_cut_and_a_sentence_that_is_lost_has_no_tokens(first: str, length: int) -> None:
    pair = encoded(Letters(), first, "x" * length + "last", ((0, length), (length, length + 4)))
    assert len(pair.ids) == len(pair.marks) <= TOKENS and pair.parts[0][1] <= FIRST_TOKENS
    assert all(0 <= start <= end <= len(pair.ids) for start, end in pair.parts)
    assert [mark < 2 for mark in pair.marks] == [at < pair.parts[0][1] for at in range(len(pair.ids))]
    begin = pair.parts[0][1] + 1 + len("passage: ") + length
    assert pair.parts[3] == ((begin, min(begin + 4, TOKENS)) if begin < TOKENS else (0, 0))


def test_a_batch_is_padded_with_what_is_not_looked_at() -> None:
    ids, marked, mask, parts = stacked([Encoded([5, 6], [0, 2], [(0, 1), (1, 2)]), Encoded([7], [1], [(0, 1)])], 3)
    assert ids.tolist() == [[5, 6, 0], [7, 0, 0]] and marked.tolist() == [[0, 2, 0], [1, 0, 0]]
    assert mask.tolist() == [[1, 1, 0], [1, 0, 0]] and parts.tolist() == [[[0, 1], [1, 2]], [[0, 1], [0, 0]]]


def test_logits_are_those_of_the_torch_module_whatever_stands_beside_a_pair(
    judge: Judge, encoder: Path, learned: Path
) -> None:
    module = build(encoder, load_file(learned)).eval()
    words = load_file(encoder / "model.safetensors")[WORDS]
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    readings = judge.read("tea", TEXTS)
    assert len({reading.helps for reading in readings}) == len(TEXTS)
    for text, reading in zip(TEXTS, readings, strict=True):
        pair = encoded(tokenizer, "tea", text.text, text.sentences)
        ids, *others = map(torch.from_numpy, stacked([pair], len(pair.ids)))
        with torch.no_grad():
            alone = module(words[ids].float(), *others)[0].numpy()
        # fp16 weights, bf16 where the processor has it
        assert (reading.helps, reading.supports) == pytest.approx((alone[1, 0], alone[1, 2]), abs=0.15)
        assert reading.sentences == pytest.approx(alone[2:, 1], abs=0.15)


def test_what_was_read_is_not_read_again(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    first = judge.read("water", [TEXTS[0], TEXTS[0], TEXTS[1]])
    monkeypatch.setattr("assistant.models.judge.batches", lambda *_: pytest.fail("read again"))
    assert judge.read("water", [TEXTS[1], TEXTS[0]]) == [first[2], first[0]]
    assert judge.read("water", []) == []


@pytest.mark.parametrize("text", ["", " ", "🍵", "お茶"])
def test_odd_texts_are_read_too(judge: Judge, text: str) -> None:
    [reading] = judge.read(text, [Text(text, ((0, len(text)),))])
    assert np.isfinite([reading.helps, reading.supports]).all()
