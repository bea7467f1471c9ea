"""The judge: what it reads of two texts, and that its export says what the module says."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from assistant.models.judge import FIRST_TOKENS, TOKENS, WORDS, Encoded, Judge, Text, encoded, stacked
from assistant.text.language import Language
from eval.training.fit_judge import Item, Learner
from eval.training.judge_examples import Example
from eval.training.judge_module import build

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
    values = {name: torch.randn_like(value.float()) / 8 for name, value in Learner(encoder).learned().items()}
    save_file(values, file := tmp_path_factory.mktemp("judge") / "judge.safetensors")
    return file


@pytest.fixture(scope="module")
def judge(encoder: Path, learned: Path) -> Judge:
    return Judge(encoder, 1, learned)


def test_sentences_and_asks_are_the_tokens_of_each() -> None:
    read = encoded(Letters(), Text("Head\nOne. Two.", ((5, 9), (10, 14))), ["Why?", "How?"])
    words = ["".join(map(chr, read.ids[start:end])) for start, end in [*read.sentences, *read.asks]]
    assert words == ["One.", "Two.", "\0query: Why?\x02", "\0query: How?\x02"]
    for number in (0, 1, 2):
        own = [place for place, owner in zip(read.places, read.owners, strict=True) if owner == number]
        assert own == list(range(len(own))) and own


def test_marks_tell_a_word_of_the_text_from_one_that_stands_only_above() -> None:
    read = encoded(Letters(), Text("Why two?\nOne. Two.", ((9, 13), (14, 18))), ["Why two or six?"])
    letters = list(zip(map(chr, read.ids), read.marks, read.owners, strict=True))
    assert ["".join(letter for letter, mark, _ in letters if mark == kind) for kind in (2, 3)] == ["Why", "two"]
    assert all((mark == 0) == (owner == 0) for _, mark, owner in letters)


@given(st.text(max_size=200), st.integers(0, 600))
def test_a_long_text_is_cut_and_a_sentence_that_is_lost_has_no_tokens(ask: str, length: int) -> None:
    read = encoded(Letters(), Text("x" * length + "last", ((0, length), (length, length + 4))), [ask])
    told = read.owners.count(0)
    assert len({len(read.ids), len(read.marks), len(read.owners), len(read.places)}) == 1
    assert told <= TOKENS and read.asks == [(told, len(read.ids))] and len(read.ids) - told <= FIRST_TOKENS
    begin = 1 + len("passage: ") + length
    assert read.sentences[1] == ((begin, min(begin + 4, TOKENS)) if begin < TOKENS else (0, 0))


def test_a_batch_is_padded_with_what_no_token_sees() -> None:
    long = Encoded([5, 6, 7], [0, 0, 2], [0, 0, 1], [0, 1, 0], [(0, 1), (1, 2)], [(2, 3)])
    short = Encoded([7, 8], [0, 1], [0, 1], [0, 0], [], [(1, 2)])
    ids, marks, owners, places, sentences, asks = stacked([long, short], 4)
    assert ids.tolist() == [[5, 6, 7, 0], [7, 8, 0, 0]] and marks.tolist() == [[0, 0, 2, 0], [0, 1, 0, 0]]
    assert owners.tolist() == [[0, 0, 1, -1], [0, 1, -1, -1]] and places.tolist() == [[0, 1, 0, 0], [0, 0, 0, 0]]
    assert sentences.tolist() == [[[0, 1], [1, 2]], [[0, 0], [0, 0]]] and asks.tolist() == [[[2, 3]], [[1, 2]]]


@pytest.fixture(scope="module")
def alone(encoder: Path, learned: Path) -> Callable[[Text, list[str]], Any]:
    """Returns the torch module's logits of one text and its asks, shape (asks, 2 + sentences)."""
    module = build(encoder, load_file(learned)).eval()
    words = load_file(encoder / "model.safetensors")[WORDS]
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def logits(text: Text, asks: list[str]) -> Any:
        read = encoded(tokenizer, text, asks)
        ids, *others = map(torch.from_numpy, stacked([read], len(read.ids)))
        with torch.no_grad():
            return module(words[ids].float(), *others)[0].numpy()

    return logits


def test_logits_are_those_of_the_torch_module_whatever_stands_beside_a_text(
    judge: Judge, alone: Callable[[Text, list[str]], Any]
) -> None:
    readings = judge.read("tea", TEXTS)
    assert len({reading.helps for reading in readings}) == len(TEXTS)
    for text, reading in zip(TEXTS, readings, strict=True):
        (wanted,) = alone(text, ["tea"])
        # fp16 weights, bf16 where the processor has it
        assert (reading.helps, reading.supports) == pytest.approx(wanted[:2], abs=0.15)
        assert reading.sentences == pytest.approx(wanted[2 : 2 + len(text.sentences)], abs=0.15)


def test_asks_do_not_see_one_another(alone: Callable[[Text, list[str]], Any]) -> None:
    together = alone(TEXTS[0], ["tea", "water is", "녹차"])
    apart = np.concatenate([alone(TEXTS[0], [ask]) for ask in ("tea", "water is", "녹차")])
    assert together == pytest.approx(apart, abs=1e-4)
    assert len({round(float(logit), 3) for logit in together[:, 0]}) == 3


def test_a_judge_that_has_learned_nothing_ranks_as_the_encoder_does(encoder: Path) -> None:
    """The heads begin as a cosine: the same words are nearer than others."""
    torch.manual_seed(3)
    learner = Learner(encoder)
    items = [
        Encoded([0, 5, 6, 2, 0, *ask, 2], [0] * 4 + [1] * 4, [0] * 4 + [1] * 4, [0, 1, 2, 3] * 2, [(0, 4)], [(4, 8)])
        for ask in ([5, 6], [9, 10])
    ]
    with torch.no_grad():
        same, other = learner([Item(Example(Text(""), Language.EN, ()), item) for item in items])[:, 0]
    assert same[0] > other[0] and same[2] > other[2]


def test_what_was_read_is_not_read_again(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    first = judge.read("water", [TEXTS[0], TEXTS[0], TEXTS[1]])
    monkeypatch.setattr("assistant.models.judge.batches", lambda *_: pytest.fail("read again"))
    assert judge.read("water", [TEXTS[1], TEXTS[0]]) == [first[2], first[0]]
    assert judge.read("water", []) == []


@pytest.mark.parametrize("text", ["", " ", "🍵", "お茶"])
def test_odd_texts_are_read_too(judge: Judge, text: str) -> None:
    [reading] = judge.read(text, [Text(text, ((0, len(text)),))])
    assert np.isfinite([reading.helps, reading.supports]).all()
