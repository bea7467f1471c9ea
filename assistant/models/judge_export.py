"""Exports the judge to OpenVINO when it is first used; only this step needs torch.

In: the folder of multilingual-e5-small and the learned weights. Out: an OpenVINO model with fp16 weights, which maps
word vectors, mask and spans to logits.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.models.low_rank import encoder_of, export, head_of

if TYPE_CHECKING:
    import torch

LEARNED = Path(__file__).with_name("judge.safetensors")
HELPS, ANSWERS, SUPPORTS = 0, 1, 2
"""The heads: a passage helps with the question, a sentence answers it, evidence bears a sentence out."""


def export_name(learned: Path = LEARNED) -> str:
    """Return the export's name, which contains a digest of the learned weights."""
    return f"judge-{hashlib.sha256(learned.read_bytes()).hexdigest()[:12]}"


def convert(folder: Path, file: Path, learned: Path = LEARNED) -> None:
    """Write the exported judge over the encoder in `folder` to `file`, and its weights beside it."""
    import torch
    from safetensors.torch import load_file

    judge = build(folder, load_file(learned)).eval()
    vectors, ones = torch.zeros(2, 8, judge.width), torch.ones(2, 8, dtype=torch.long)
    spans = torch.zeros(2, 3, 8)
    spans[:, 0, :3], spans[:, 1, 3:], spans[:, 2, 5:] = 1 / 3, 1 / 5, 1 / 3
    export(judge, {"vectors": vectors, "mask": ones, "spans": spans}, file)


def build(folder: Path, learned: "dict[str, torch.Tensor]") -> Any:
    """Return the judge as a torch module: the encoder with what was learned, and the heads."""
    import torch
    from torch import nn

    encoder = encoder_of(folder, learned, _layers(learned))

    class Module(nn.Module):
        """Logits, shape (pairs, parts, 3), of word vectors, mask and spans; see `logits`."""

        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.width = encoder, int(encoder.config.hidden_size)
            self.head = head_of(learned)

        def forward(self, vectors: torch.Tensor, mask: torch.Tensor, spans: torch.Tensor) -> torch.Tensor:
            states = self.encoder(inputs_embeds=vectors, attention_mask=mask).last_hidden_state
            return logits(states, spans, self.head)

    return Module()


def logits(states: "torch.Tensor", spans: "torch.Tensor", head: Any) -> "torch.Tensor":
    """Return the heads' logits of each part, shape (pairs, parts, 3).

    `spans`, shape (pairs, parts, tokens), holds the weights by which a part's mean state is taken: part 0 is the first
    text, part 1 the whole second text, the others its sentences.
    """
    import torch

    parts = torch.nn.functional.normalize(spans @ states, dim=-1)
    first = parts[:, :1].expand_as(parts)
    # The product starts out as the cosine of the two texts; scaled so that all three weigh alike.
    pooled = torch.cat([first * parts * states.shape[-1] ** 0.5, parts * 4, first * 4], -1)
    return torch.as_tensor(head(pooled))


def _layers(learned: "dict[str, torch.Tensor]") -> int:
    return 1 + max(int(name.split(".")[2]) for name in learned if name.startswith("encoder.layer."))
