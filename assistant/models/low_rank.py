"""What the encoder's readers share: the encoder with learned low-rank differences, its export, and its word vectors.

In: the folder of multilingual-e5-small and learned weights. Out: a torch encoder, an OpenVINO model, or an array. Word
vectors are mapped from the encoder's file and read as needed, so that they are not in memory twice.
"""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

WORDS = "embeddings.word_embeddings.weight"


def encoder_of(folder: Path, learned: "Mapping[str, torch.Tensor]", layers: int) -> Any:
    """Return the lower layers of the encoder in `folder`, at most `layers`, with the learned differences added.

    `learned` holds, for each linear map of a layer, factors `<map>.a` (rank, inputs) and `<map>.b` (outputs, rank)
    whose product is added to its weights (LoRA, Hu et al., arXiv 2106.09685).
    """
    import torch
    import transformers

    transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    encoder = transformers.AutoModel.from_pretrained(str(folder), local_files_only=True, add_pooling_layer=False)
    encoder.encoder.layer = encoder.encoder.layer[:layers]
    maps = dict(encoder.named_modules())
    with torch.no_grad():
        for name in {key[:-2] for key in learned if key.endswith((".a", ".b"))}:
            maps[name].weight += learned[f"{name}.b"].float() @ learned[f"{name}.a"].float()
    return encoder


def head_of(learned: "Mapping[str, torch.Tensor]") -> "torch.nn.Linear":
    """Return the linear head that `learned` holds as `head.weight` and `head.bias`."""
    import torch

    weight, bias = learned["head.weight"].float(), learned["head.bias"].float()
    head = torch.nn.Linear(weight.shape[1], weight.shape[0])
    head.load_state_dict({"weight": weight, "bias": bias})
    return head


def export(module: "torch.nn.Module", example: "Mapping[str, torch.Tensor]", file: Path) -> None:
    """Write a module to `file` as an OpenVINO model, and its weights in fp16 beside it."""
    import openvino

    with warnings.catch_warnings():  # tracing warns of each shape that it reads; the tests compare the outcome
        warnings.simplefilter("ignore")
        converted = openvino.convert_model(module, example_input=dict(example))
    openvino.save_model(converted, file, compress_to_fp16=True)


def word_vectors(file: Path) -> npt.NDArray[np.float32]:
    """Map the word vectors, shape (words, width), of a safetensors file into memory without reading them."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        entry = json.loads(opened.read(length))[WORDS]
    if entry["dtype"] != "F32":
        raise ValueError(f"{file}: expected {WORDS} in F32, found {entry['dtype']}")
    start = 8 + length + entry["data_offsets"][0]
    return np.memmap(file, np.float32, "r", start, tuple(entry["shape"]))
