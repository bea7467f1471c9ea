"""E5S1 file → sentence-transformers folder."""

import json
from pathlib import Path

import numpy as np
import pytest
from llama_index.core.base.embeddings.base import BaseEmbedding
from safetensors.numpy import load_file
from tiny_e5s1 import TinyE5

from assistant.errors import PullFailed
from assistant.models.e5s1 import read
from assistant.models.embedding import embed_question, embed_texts
from assistant.models.q4 import dequantised


def test_q4_0_holds_weight_j_in_the_low_and_weight_j_plus_16_in_the_high_nibble() -> None:
    """Scale 0.5; byte 0 is 0xF0: (0 - 8) / 2 = -4 and (15 - 8) / 2 = 3.5; byte 1 is 0x9A: 1 and 0.5."""
    raw = np.float16(0.5).tobytes() + bytes([0xF0, 0x9A] + [0x88] * 14)
    weights = dequantised(memoryview(raw * 2))
    assert weights.tolist() == ([-4.0, 1.0] + [0.0] * 14 + [3.5, 0.5] + [0.0] * 14) * 2


NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
    "l0.q.w": "encoder.layer.0.attention.self.query.weight",
    "l0.q.b": "encoder.layer.0.attention.self.query.bias",
    "l0.k.w": "encoder.layer.0.attention.self.key.weight",
    "l0.k.b": "encoder.layer.0.attention.self.key.bias",
    "l0.v.w": "encoder.layer.0.attention.self.value.weight",
    "l0.v.b": "encoder.layer.0.attention.self.value.bias",
    "l0.ao.w": "encoder.layer.0.attention.output.dense.weight",
    "l0.ao.b": "encoder.layer.0.attention.output.dense.bias",
    "l0.aln.w": "encoder.layer.0.attention.output.LayerNorm.weight",
    "l0.aln.b": "encoder.layer.0.attention.output.LayerNorm.bias",
    "l0.fi.w": "encoder.layer.0.intermediate.dense.weight",
    "l0.fi.b": "encoder.layer.0.intermediate.dense.bias",
    "l0.fo.w": "encoder.layer.0.output.dense.weight",
    "l0.fo.b": "encoder.layer.0.output.dense.bias",
    "l0.oln.w": "encoder.layer.0.output.LayerNorm.weight",
    "l0.oln.b": "encoder.layer.0.output.LayerNorm.bias",
}


def test_every_tensor_arrives_under_its_name_in_bert_with_its_values(tiny: TinyE5, converted: Path) -> None:
    found = load_file(converted / "model.safetensors")
    assert set(found) == {*NAMES.values(), "pooler.dense.weight", "pooler.dense.bias"}
    for name, expected in tiny.tensors.items():
        np.testing.assert_array_equal(found[NAMES[name]], expected, err_msg=name)
    assert not found["pooler.dense.weight"].any() and not found["pooler.dense.bias"].any()


def test_the_configuration_is_the_files(converted: Path) -> None:
    config = json.loads((converted / "config.json").read_text())
    assert config["model_type"] == "bert"
    sizes = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size")
    assert [config[key] for key in sizes] == [32, 1, 2, 64, 14]
    assert (config["max_position_embeddings"], config["type_vocab_size"], config["pad_token_id"]) == (16, 2, 1)
    assert config["layer_norm_eps"] == pytest.approx(1e-12)


def test_whoever_may_read_the_configuration_may_read_the_weights(converted: Path) -> None:
    modes = {(converted / name).stat().st_mode for name in ("model.safetensors", "config.json", "tokenizer.json")}
    assert len(modes) == 1


def test_the_modules_are_transformer_mean_pooling_and_normalisation(converted: Path) -> None:
    modules = json.loads((converted / "modules.json").read_text())
    assert [module["type"].rsplit(".")[-1] for module in modules] == ["Transformer", "Pooling", "Normalize"]
    pooling = json.loads((converted / "1_Pooling" / "config.json").read_text())
    assert pooling == {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True}
    assert json.loads((converted / "sentence_bert_config.json").read_text()) == {"max_seq_length": 16}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("tea", [0, 5, 2]),
        ("tea is water", [0, 5, 9, 6, 2]),
        ("  tea \n\t water ", [0, 5, 6, 2]),
        ("녹차는", [0, 7, 8, 2]),
        ("ｔｅａ", [0, 5, 2]),
        ("", [0, 2]),
        ("tea 🙂", [0, 5, 4, 3, 2]),
    ],
)
def test_the_tokenizer_gives_the_files_ids(converted: Path, text: str, ids: list[int]) -> None:
    """Best score wins ("is" whole, not "i" and "s"); white space and full-width letters are normalised."""
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast.from_pretrained(str(converted))
    assert tokenizer(text)["input_ids"] == ids
    assert (tokenizer.pad_token_id, tokenizer.unk_token_id, tokenizer.model_max_length) == (1, 3, 16)


@pytest.mark.parametrize("data", [b"GGUF" + b"\0" * 100, b"", b"E5"])
def test_another_file_is_refused_by_its_first_bytes(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "weights.bin").write_bytes(data)
    with pytest.raises(PullFailed, match="weights.bin should begin with E5S1"):
        read(tmp_path / "weights.bin")
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ""] == ["weights.bin"]


PAIRS = [
    ("고양이가 소파에서 잠을 잔다.", "A cat is sleeping on the sofa."),
    ("이 논문은 대형 언어 모델을 압축하는 방법을 다룬다.", "This paper is about compressing large language models."),
    ("내일 서울에는 비가 온다.", "It will rain in Seoul tomorrow."),
]


@pytest.mark.embedding
def test_a_sentence_is_closest_to_its_translation(real_embedding: BaseEmbedding) -> None:
    korean = embed_texts(real_embedding, [pair[0] for pair in PAIRS])
    english = embed_texts(real_embedding, [pair[1] for pair in PAIRS])
    cosines = korean @ english.T
    assert cosines.argmax(axis=0).tolist() == cosines.argmax(axis=1).tolist() == [0, 1, 2]
    assert cosines.diagonal().min() > cosines[~np.eye(len(PAIRS), dtype=bool)].max()


@pytest.mark.embedding
def test_a_question_is_closest_to_the_passage_that_answers_it(real_embedding: BaseEmbedding) -> None:
    passages = embed_texts(
        real_embedding, ["등대는 1931년에 세워졌다.", "녹차는 70도의 물에 우린다.", "책은 4주 동안 빌린다."]
    )
    assert passages.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(passages, axis=1), 1, rtol=1e-5)
    assert (passages @ embed_question(real_embedding, "등대는 언제 지어졌나요?")).argmax() == 0
    assert (passages @ embed_question(real_embedding, "How hot should the water for green tea be?")).argmax() == 1
