"""Writes a BERT encoder as a sentence-transformers folder.

In: its tensors and vocabulary. Out: a folder that SentenceTransformer and HuggingFaceEmbedding load like any other:
BERT, the mean over the tokens, unit length. Runs once, when a model is pulled.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Tensors = dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True)
class Encoder:
    """A BERT encoder: tensors by their names in transformers, and the pieces of a Unigram vocabulary with scores.

    `bos` to `unknown` are the places of the special pieces in the vocabulary.
    """

    tensors: Tensors
    vocabulary: tuple[tuple[str, float], ...]
    heads: int
    epsilon: float
    bos: int = 0
    pad: int = 1
    eos: int = 2
    unknown: int = 3

    @property
    def hidden(self) -> int:
        """Width of a token's vector."""
        return int(self.tensors["embeddings.word_embeddings.weight"].shape[1])

    @property
    def positions(self) -> int:
        """Tokens that are read at most."""
        return int(self.tensors["embeddings.position_embeddings.weight"].shape[0])

    @property
    def digest(self) -> str:
        """SHA-256 of everything that the vectors depend on; the same for every file format of the encoder."""
        digest = hashlib.sha256(json.dumps([self.vocabulary, self.heads, self.epsilon]).encode())
        for name in sorted(self.tensors):
            digest.update(name.encode() + np.ascontiguousarray(self.tensors[name]).tobytes())
        return digest.hexdigest()


def write(encoder: Encoder, folder: Path) -> None:
    """Write the encoder into `folder`, which must exist."""
    from safetensors.numpy import save_file

    # Mean pooling never reads BERT's pooler; zeros spare its random initialisation and a warning at each load.
    zeros = np.zeros((encoder.hidden, encoder.hidden), np.float32)
    pooler = {"pooler.dense.weight": zeros, "pooler.dense.bias": zeros[0].copy()}
    save_file(encoder.tensors | pooler, folder / "model.safetensors", metadata={"format": "pt"})
    _write_tokenizer(folder, encoder)
    for name, content in _described(encoder).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    # safetensors lets its owner alone read a file; a folder of models may be shared.
    shutil.copymode(folder / "config.json", folder / "model.safetensors")


def _write_tokenizer(folder: Path, encoder: Encoder) -> None:
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    pieces = encoder.vocabulary
    tokenizer = Tokenizer(models.Unigram(list(pieces), unk_id=encoder.unknown))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    first, last = pieces[encoder.bos][0], pieces[encoder.eos][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} {last} $B {last}",
        special_tokens=[(first, encoder.bos), (last, encoder.eos)],
    )
    tokenizer.add_special_tokens(list(dict.fromkeys([first, pieces[encoder.pad][0], last, pieces[encoder.unknown][0]])))
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


def _described(encoder: Encoder) -> Mapping[str, object]:
    """Return the small JSON files of the folder by their names."""
    tensors, kind = encoder.tensors, "sentence_transformers.models"
    first, pad, last, unknown = (
        encoder.vocabulary[n][0] for n in (encoder.bos, encoder.pad, encoder.eos, encoder.unknown)
    )
    layers = {name.split(".")[2] for name in tensors if name.startswith("encoder.layer.")}
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": encoder.hidden,
            "num_hidden_layers": len(layers),
            "num_attention_heads": encoder.heads,
            "intermediate_size": tensors["encoder.layer.0.intermediate.dense.weight"].shape[0],
            "vocab_size": tensors["embeddings.word_embeddings.weight"].shape[0],
            "max_position_embeddings": encoder.positions,
            "type_vocab_size": tensors["embeddings.token_type_embeddings.weight"].shape[0],
            "layer_norm_eps": encoder.epsilon,
            "hidden_act": "gelu",
            "pad_token_id": encoder.pad,
            "dtype": "float32",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": encoder.positions,
            "model_input_names": ["input_ids", "attention_mask"],
            **{f"{name}_token": first for name in ("bos", "cls")},
            **{f"{name}_token": last for name in ("eos", "sep")},
            "pad_token": pad,
            "unk_token": unknown,
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{kind}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{kind}.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{kind}.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": encoder.positions},
        "1_Pooling/config.json": {"word_embedding_dimension": encoder.hidden, "pooling_mode_mean_tokens": True},
        "2_Normalize/config.json": {},
    }
