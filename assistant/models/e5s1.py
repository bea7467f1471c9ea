"""Reads the E5S1 weights file of multilingual-e5-small.

In: the file (tokenizer and tensors, matrices in Q4_0). Out: the encoder that it holds.
"""

import struct
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import PullFailed
from assistant.models.bert_folder import Encoder, Tensors
from assistant.models.q4 import dequantised

_MAGIC = b"E5S1"
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


def read(file: Path) -> Encoder:
    """Return the encoder in the file; raise PullFailed if it is not an E5S1 file."""
    reader = _Reader(memoryview(file.read_bytes()))
    if bytes(reader.raw(4)) != _MAGIC:
        raise PullFailed(f"{file.name} should begin with {_MAGIC.decode()}; it is not a file of e5 weights")
    reader.take("I")
    hidden, _, heads, _, vocabulary, positions, types = reader.take("7i")
    (epsilon,) = reader.take("f")
    reader.take("i")
    pieces, bos, eos, pad, unknown = reader.take("5i")
    (blob_size,) = reader.take("Q")
    offsets = np.frombuffer(reader.raw(4 * (pieces + 1)), "<u4")
    scores = np.frombuffer(reader.raw(4 * pieces), "<f4")
    blob = bytes(reader.raw(blob_size))
    spelled = [blob[start:end].decode("utf-8") for start, end in zip(offsets[:-1], offsets[1:], strict=True)]
    reader.take("i")
    (map_size,) = reader.take("I")
    reader.raw(map_size)
    shapes = {"emb.word": (vocabulary, hidden), "emb.pos": (positions, hidden), "emb.type": (types, hidden)}
    return Encoder(
        tensors=_tensors(reader, shapes, hidden),
        vocabulary=tuple(zip(spelled, map(float, scores), strict=True)),
        heads=heads,
        epsilon=epsilon,
        bos=bos,
        eos=eos,
        pad=pad,
        unknown=unknown,
    )


def _tensors(reader: _Reader, shapes: dict[str, tuple[int, int]], hidden: int) -> Tensors:
    (count,) = reader.take("i")
    table = []
    for _ in range(count):
        (length,) = reader.take("H")
        name = bytes(reader.raw(length)).decode()
        table.append((name, *reader.take("BIQQ")))
    tensors = {}
    for name, kind, number, offset, size in table:
        raw = reader.data[offset : offset + size]
        values = dequantised(raw) if kind == 1 else np.frombuffer(raw, "<f4")
        values = values[:number].astype(np.float32)
        if name in shapes:
            values = values.reshape(shapes[name])
        elif name.endswith(".w") and "ln" not in name:
            rows = hidden if ".fo." in name or ".fi." not in name else number // hidden
            values = values.reshape(rows, -1)
        tensors[_hf_name(name)] = values
    return tensors


def _hf_name(name: str) -> str:
    if name in _EMBEDDING_NAMES:
        return _EMBEDDING_NAMES[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"
