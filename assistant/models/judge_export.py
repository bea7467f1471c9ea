"""Exports the judge to OpenVINO when it is first used; only this step needs torch.

In: the folder of multilingual-e5-small and the learned weights. Out: an OpenVINO model with fp16 weights, which maps
word vectors, mask and spans to logits.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.models.low_rank import encoder_of, export
from assistant.models.marks import KINDS

if TYPE_CHECKING:
    import torch

LEARNED = Path(__file__).with_name("judge.safetensors")
LAYER = "encoder.encoder.layer."
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
    marks, mask = torch.zeros(2, 8, dtype=torch.long), torch.ones(2, 8, dtype=torch.long)
    parts = torch.tensor([[[0, 3], [3, 8], [5, 8]]] * 2)
    export(judge, {"vectors": torch.zeros(2, 8, judge.width), "marks": marks, "mask": mask, "parts": parts}, file)


def build(folder: Path, learned: "Mapping[str, torch.Tensor]") -> Any:
    """Return the judge as a torch module, in which nothing that was not learned is random."""
    judge = module(folder, 1 + max(int(name.split(".")[3]) for name in learned if name.startswith(LAYER)))
    judge.load_state_dict({name: value.float() for name, value in learned.items()}, strict=False)
    return judge


def module(folder: Path, layers: int) -> Any:
    """Return a judge that has learned nothing: the lower layers of the encoder in `folder`, and silent heads.

    Called with word vectors, marks, mask and parts (see `assistant.models.judge.stacked`) it returns the logits of each
    part, shape (pairs, parts, 3). Part 0 is the first text, part 1 the whole second text, the others its sentences.
    """
    import torch
    from torch import nn

    pretrained = encoder_of(folder, {}, layers)
    width = int(pretrained.config.hidden_size)

    class Module(nn.Module):
        """The encoder, a vector for each mark, and two linear maps: of the parts' mean states, and of tokens."""

        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.width = pretrained, width
            self.marks = nn.Embedding(KINDS, width)
            self.pooled, self.tokens = nn.Linear(3 * width, 3), nn.Linear(width, 3)
            for own in (self.marks, self.pooled, self.tokens):
                for value in own.parameters():
                    nn.init.zeros_(value)

        def forward(
            self, vectors: torch.Tensor, marks: torch.Tensor, mask: torch.Tensor, parts: torch.Tensor
        ) -> torch.Tensor:
            states = self.encoder(inputs_embeds=vectors + self.marks(marks), attention_mask=mask).last_hidden_state
            return self.logits(states, parts)

        def logits(self, states: torch.Tensor, parts: torch.Tensor) -> torch.Tensor:
            """Return a part's logits: of its mean state beside the first text's, plus its most telling token's."""
            at = torch.arange(states.shape[1])
            inside = (at >= parts[..., :1]) & (at < parts[..., 1:])
            shares = inside.float() / inside.sum(-1, keepdim=True).clamp(min=1)
            means = nn.functional.normalize(shares @ states, dim=-1)
            first = means[:, :1].expand_as(means)
            # The product starts out as the cosine of the two texts; scaled so that all three weigh alike.
            mixed = torch.cat([first * means * width**0.5, means * 4, first * 4], -1)
            scores = self.tokens(states)[:, None].masked_fill(~inside[..., None], -1e4)
            most = scores.amax(2).clamp(min=-1e3)
            found = self.pooled(mixed) + most
            # One token of a statement that the evidence does not bear out is enough.
            supports = found[..., SUPPORTS:] - most[..., SUPPORTS:] - most[:, :1, SUPPORTS:]
            return torch.cat([found[..., :SUPPORTS], supports], -1)

    return Module()
