"""The reader: it tells answers from near misses and support from its lack, and keeps what it read."""

from pathlib import Path

import numpy as np
import pytest

from assistant.config import Settings
from assistant.models.reader import TEXT_TOKENS, Reader
from assistant.models.reader_export import LEARNED, build

NOTE_KO = "차 노트 > 녹차\n녹차는 70도의 물에서 2분 동안 우린다."
NOTE_EN = "Tea notes > Green tea\nGreen tea is steeped for two minutes in water of 70 degrees."


@pytest.fixture(scope="module")
def reader() -> Reader:
    found = Reader.open(Settings())
    assert found is not None, "pull it with: assistant models pull multilingual-e5-small"
    return found


@pytest.mark.embedding
@pytest.mark.parametrize(
    ("answered", "missed"),
    [
        ("녹차는 몇 도의 물에서 우려?", "녹차는 어느 지방에서 많이 나?"),
        ("How hot should the water for green tea be?", "Who brought green tea to Korea?"),
    ],
)
@pytest.mark.parametrize("note", [NOTE_KO, NOTE_EN])
def test_an_answer_is_told_from_a_near_miss_in_and_across_the_languages(
    reader: Reader, note: str, answered: str, missed: str
) -> None:
    assert reader.answers(answered, [note])[0] > reader.answers(missed, [note])[0] + 0.5


@pytest.mark.embedding
def test_logits_are_those_of_the_torch_module_whatever_stands_beside_a_pair(reader: Reader) -> None:
    import torch
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    folder = Path(Settings().models) / "multilingual-e5-small"
    module = build(folder, load_file(LEARNED)).eval()
    words = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(TEXT_TOKENS)
    tokenizer.no_padding()
    pairs = [("녹차는 몇 도의 물에서 우려?", NOTE_KO), ("tea", "x " * 90), ("Who?", NOTE_EN)]
    together = reader.read(pairs)
    for pair, logits in zip(pairs, together, strict=True):
        first, second = (tokenizer.encode(text).ids for text in (f"query: {pair[0]}", f"passage: {pair[1]}"))
        vectors = words[torch.tensor([first + second])].float()
        segments = torch.tensor([[0] * len(first) + [1] * len(second)])
        with torch.no_grad():
            alone = module(vectors, torch.ones_like(segments), segments)[0].numpy()
        assert logits == pytest.approx(alone, abs=0.15)  # fp16 weights, bf16 where the processor has it


@pytest.mark.embedding
def test_what_was_read_is_not_read_again(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    first = reader.answers("물은 몇 도야?", [NOTE_KO, NOTE_KO, NOTE_EN])
    monkeypatch.setattr("assistant.models.reader.batches", lambda *_: pytest.fail("read again"))
    assert reader.answers("물은 몇 도야?", [NOTE_EN, NOTE_KO]).tolist() == [first[2], first[0]]
    assert reader.answers("물은 몇 도야?", []).tolist() == []


@pytest.mark.embedding
@pytest.mark.parametrize(
    ("first", "second"), [("", ""), ("물" * 5000, "note " * 5000), ("🍵", "🍵 차"), ("茶は?", "お茶")]
)
def test_odd_texts_are_read_too(reader: Reader, first: str, second: str) -> None:
    assert np.isfinite(reader.read([(first, second)])).all()


def test_without_its_encoder_there_is_no_reader(tmp_path: Path) -> None:
    assert Reader.open(Settings(models=tmp_path)) is None


def test_what_is_learned_is_small() -> None:
    assert LEARNED.stat().st_size < 5_000_000
