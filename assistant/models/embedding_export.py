"""Exports a sentence-transformers folder to OpenVINO when the model is first used; only this step needs torch.

In: the folder. Out: an OpenVINO model with fp16 weights, which maps token ids and mask to vectors.
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

    transformers.utils.logging.disable_progress_bar()

    class Vectors(torch.nn.Module):
        """All modules of the folder in a row, as a function of token ids and mask."""

        def __init__(self) -> None:
            super().__init__()
            chain = SentenceTransformer(str(folder), device="cpu", local_files_only=True).eval()
            self.encoder: Any = chain[0].auto_model
            self.rest = torch.nn.Sequential(*list(chain)[1:])

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            masks = _masks(self.encoder.config, attention_mask)
            states = self.encoder(input_ids=input_ids, attention_mask=masks).last_hidden_state
            outputs = self.rest({"token_embeddings": states, "attention_mask": attention_mask})
            vectors: torch.Tensor = outputs["sentence_embedding"]
            return vectors

    example = torch.ones(2, 8, dtype=torch.long)
    with warnings.catch_warnings():  # tracing warns of each shape that it reads; the tests compare the outcome
        warnings.simplefilter("ignore")
        converted = openvino.convert_model(Vectors(), example_input={"input_ids": example, "attention_mask": example})
    openvino.save_model(converted, file, compress_to_fp16=True)


def _masks(config: Any, attention_mask: "torch.Tensor") -> "torch.Tensor | dict[str, torch.Tensor]":
    """Return the attention masks for each kind of layer, shape (texts, 1, tokens, tokens); True is attended to.

    transformers makes these masks with `torch.vmap`, which cannot be traced. Encoders with one kind of layer need none.
    """
    if config.model_type != "gemma3_text":
        return attention_mask
    import torch

    place = torch.arange(attention_mask.shape[1])
    apart = (place[:, None] - place[None, :]).abs()
    near, real = apart < config.sliding_window, (attention_mask > 0)[:, None, None, :]
    # Padding far from any token attends to itself; attending to nothing gives NaN, which would spread.
    return {"full_attention": real & (apart >= 0), "sliding_attention": real & near | (apart == 0)}
