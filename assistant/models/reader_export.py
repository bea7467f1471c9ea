"""Exports the reader to OpenVINO when it is first used; only this step needs torch.

In: the folder of multilingual-e5-small and the learned weights. Out: an OpenVINO model with fp16 weights, which maps
word vectors, mask and segments to logits.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.models.low_rank import encoder_of, export, head_of

if TYPE_CHECKING:
    import torch

LEARNED = Path(__file__).with_name("reader.safetensors")
LAYERS = 6
"""Layers of the encoder that the reader keeps, counted from the words up."""


def export_name(learned: Path = LEARNED) -> str:
    """Return the export's name, which contains a digest of the learned weights."""
    return f"reader-{hashlib.sha256(learned.read_bytes()).hexdigest()[:12]}"


def convert(folder: Path, file: Path, learned: Path = LEARNED) -> None:
    """Write the exported reader over the encoder in `folder` to `file`, and its weights beside it."""
    import torch
    from safetensors.torch import load_file

    reader = build(folder, load_file(learned)).eval()
    vectors, ones = torch.zeros(2, 8, reader.width), torch.ones(2, 8, dtype=torch.long)
    segments = torch.tensor([[0] * 4 + [1] * 4] * 2)
    export(reader, {"vectors": vectors, "mask": ones, "segments": segments}, file)


def build(folder: Path, learned: "dict[str, torch.Tensor]") -> Any:
    """Return the reader as a torch module: the lower layers with what was learned, and the heads."""
    import torch
    from torch import nn

    encoder = encoder_of(folder, learned, LAYERS)

    class Module(nn.Module):
        """Logits, shape (pairs, 2): the second text answers the first; the second supports the first."""

        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.width = encoder, int(encoder.config.hidden_size)
            self.head = head_of(learned)

        def forward(self, vectors: torch.Tensor, mask: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
            states = self.encoder(inputs_embeds=vectors, attention_mask=mask).last_hidden_state
            first, second = (mean_state(states, mask * (segments == side)) for side in (0, 1))
            # The product starts out as the cosine of the two texts; scaled so that all parts weigh alike.
            logits: torch.Tensor = self.head(torch.cat([first * second * self.width**0.5, second * 4, first * 4], -1))
            return logits

    return Module()


def mean_state(states: "torch.Tensor", chosen: "torch.Tensor") -> "torch.Tensor":
    """Return the mean of the chosen states, scaled to unit length, shape (pairs, width)."""
    import torch

    weights = chosen[..., None].float()
    return torch.nn.functional.normalize((states * weights).sum(1) / weights.sum(1), dim=-1)
