"""Exports a sentence-transformers folder for OpenVINO, once, when the model is first used; that alone needs torch.

In: the folder. Out: a model of OpenVINO, a function of token ids and mask, whose weights are kept in fp16.
"""

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

EXPORTED = "openvino"


def convert(folder: Path, file: Path) -> None:
    """Write the exported model of a sentence-transformers folder to `file`, and its weights beside it."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import openvino
    import torch
    import transformers
    from sentence_transformers import SentenceTransformer

    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    class Vectors(torch.nn.Module):
        """The whole chain of modules, as a function of token ids and mask."""

        def __init__(self) -> None:
            super().__init__()
            chain = SentenceTransformer(str(folder), device="cpu", local_files_only=True).eval()
            self.encoder: Any = chain[0].auto_model
            self.rest = torch.nn.Sequential(*list(chain)[1:])

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            seen = _masks(self.encoder.config, attention_mask)
            states = self.encoder(input_ids=input_ids, attention_mask=seen).last_hidden_state
            found = self.rest({"token_embeddings": states, "attention_mask": attention_mask})
            vectors: torch.Tensor = found["sentence_embedding"]
            return vectors

    example = torch.ones(2, 8, dtype=torch.long)
    with warnings.catch_warnings():  # tracing warns of each shape that it reads; the tests compare the outcome
        warnings.simplefilter("ignore")
        converted = openvino.convert_model(Vectors(), example_input={"input_ids": example, "attention_mask": example})
    openvino.save_model(converted, file, compress_to_fp16=True)


def _masks(config: Any, attention_mask: "torch.Tensor") -> "torch.Tensor | dict[str, torch.Tensor]":
    """Return which tokens each token attends to, for each kind of layer, where the encoder has several kinds.

    transformers makes these masks with `torch.vmap`, which cannot be traced. True is attended to; shape
    (texts, 1, tokens, tokens).
    """
    if config.model_type != "gemma3_text":
        return attention_mask
    import torch

    place = torch.arange(attention_mask.shape[1])
    apart = (place[:, None] - place[None, :]).abs()
    near, real = apart < config.sliding_window, (attention_mask > 0)[:, None, None, :]
    # Padding far from any token attends to itself: attending to nothing is not a number, which would spread.
    return {"full_attention": real & (apart >= 0), "sliding_attention": real & near | (apart == 0)}
