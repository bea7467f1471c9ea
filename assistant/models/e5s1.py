"""Turns the E5S1 weights file of multilingual-e5-small into a sentence-transformers folder.

In: the file (tokenizer and tensors, matrices in Q4_0). Out: a folder that SentenceTransformer and
HuggingFaceEmbedding load like any other. Runs once, when the model is pulled.
"""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.errors import PullFailed

_MAGIC = b"E5S1"
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


class _Reader:
    def __init__(self, data: memoryview) -> None:
        self.data, self.at = data, 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def raw(self, size: int) -> memoryview:
        self.at += size
        return self.data[self.at - size : self.at]


def convert(file: Path, folder: Path) -> None:
    """Write `folder` (which must exist) from `file`; raise PullFailed if it is not an E5S1 file."""
    reader = _Reader(memoryview(file.read_bytes()))
    if bytes(reader.raw(4)) != _MAGIC:
        raise PullFailed(f"{file.name} should begin with {_MAGIC.decode()}; it is not a file of e5 weights")
    reader.take("I")
    hidden, layers, heads, feed_forward, vocabulary, positions, types = reader.take("7i")
    (epsilon,) = reader.take("f")
    reader.take("i")
    pieces, bos, eos, pad, unknown = reader.take("5i")
    (blob_size,) = reader.take("Q")
    offsets = np.frombuffer(reader.raw(4 * (pieces + 1)), "<u4")
    scores = np.frombuffer(reader.raw(4 * pieces), "<f4")
    blob = bytes(reader.raw(blob_size))
    vocab = [
        (blob[start:end].decode("utf-8"), float(score))
        for start, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
    ]
    reader.take("i")
    (map_size,) = reader.take("I")
    reader.raw(map_size)
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": feed_forward,
        "vocab_size": vocabulary,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        "layer_norm_eps": epsilon,
        "hidden_act": "gelu",
        "pad_token_id": pad,
        "dtype": "float32",
    }
    shapes = {"emb.word": (vocabulary, hidden), "emb.pos": (positions, hidden), "emb.type": (types, hidden)}
    _write_tensors(folder, _tensors(reader, shapes, hidden))
    _write_tokenizer(folder, vocab, bos, eos, pad, unknown, positions)
    _write_modules(folder, config, positions, hidden)


def _tensors(reader: _Reader, shapes: dict[str, tuple[int, int]], hidden: int) -> dict[str, npt.NDArray[np.float32]]:
    (count,) = reader.take("i")
    table = []
    for _ in range(count):
        (length,) = reader.take("H")
        name = bytes(reader.raw(length)).decode()
        table.append((name, *reader.take("BIQQ")))
    tensors = {}
    for name, kind, number, offset, size in table:
        raw = reader.data[offset : offset + size]
        values = _dequantise(raw) if kind == 1 else np.frombuffer(raw, "<f4")
        values = values[:number].astype(np.float32)
        if name in shapes:
            values = values.reshape(shapes[name])
        elif name.endswith(".w") and "ln" not in name:
            rows = hidden if ".fo." in name or ".fi." not in name else number // hidden
            values = values.reshape(rows, -1)
        tensors[_hf_name(name)] = values
    # Mean pooling never reads BERT's pooler; zeros spare its random initialisation and a warning at each load.
    tensors["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
    tensors["pooler.dense.bias"] = np.zeros(hidden, np.float32)
    return tensors


def _dequantise(raw: memoryview) -> npt.NDArray[np.float32]:
    """Q4_0: byte j of a block holds weight j in its low and weight j + 16 in its high nibble."""
    blocks = np.frombuffer(raw, _Q4_BLOCK)
    nibbles = blocks["nibbles"]
    weights = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32) - 8
    return (weights * blocks["scale"].astype(np.float32)[:, None]).ravel()


def _hf_name(name: str) -> str:
    if name in _EMBEDDING_NAMES:
        return _EMBEDDING_NAMES[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"


def _write_tensors(folder: Path, tensors: dict[str, npt.NDArray[np.float32]]) -> None:
    from safetensors.numpy import save_file

    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _write_tokenizer(
    folder: Path, vocab: list[tuple[str, float]], bos: int, eos: int, pad: int, unknown: int, positions: int
) -> None:
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=unknown))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    first, last = vocab[bos][0], vocab[eos][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} {last} $B {last}",
        special_tokens=[(first, bos), (last, eos)],
    )
    wrapped = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token=first,
        eos_token=last,
        cls_token=first,
        sep_token=last,
        pad_token=vocab[pad][0],
        unk_token=vocab[unknown][0],
        model_max_length=positions,
        model_input_names=["input_ids", "attention_mask"],
    )
    wrapped.save_pretrained(str(folder))


def _write_modules(folder: Path, config: dict[str, Any], positions: int, hidden: int) -> None:
    kind = "sentence_transformers.models"
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": f"{kind}.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{kind}.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{kind}.Normalize"},
    ]
    pooling = {"word_embedding_dimension": hidden, "pooling_mode_mean_tokens": True}
    for name, content in {
        "config.json": config,
        "modules.json": modules,
        "sentence_bert_config.json": {"max_seq_length": positions},
        "1_Pooling/config.json": pooling,
        "2_Normalize/config.json": {},
    }.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
