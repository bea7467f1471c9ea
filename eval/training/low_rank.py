"""An encoder whose linear maps learn low-rank differences (LoRA, Hu et al., arXiv 2106.09685), and nothing else of it.

In: the encoder's folder. Out: a torch module, and of what is learned the part that ships.
"""

import math
from pathlib import Path
from typing import Any

import torch
from torch import nn

RANK = 32


class Adapted(nn.Module):
    """A linear map with a low-rank difference that is learned."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base
        self.a = nn.Parameter(torch.randn(RANK, base.in_features) / math.sqrt(base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the map's output with the difference."""
        low = nn.functional.linear(nn.functional.linear(inputs, self.a), self.b)
        return torch.as_tensor(self.base(inputs) + low)


def adapted(folder: Path, layers: int, dropout: float) -> Any:
    """Return the lower layers of the encoder in `folder`, of which only the differences learn."""
    from transformers import AutoModel

    encoder: Any = AutoModel.from_pretrained(str(folder), local_files_only=True, add_pooling_layer=False)
    encoder.encoder.layer = encoder.encoder.layer[:layers]
    encoder.requires_grad_(False)
    for layer in encoder.encoder.layer:
        attention = layer.attention
        for name in ("query", "key", "value"):
            setattr(attention.self, name, Adapted(getattr(attention.self, name)))
        for part in (attention.output, layer.intermediate, layer.output):
            part.dense = Adapted(part.dense)
    for module in encoder.modules():
        if isinstance(module, nn.Dropout):
            module.p = dropout
    return encoder


def silent_head(inputs: int, outputs: int) -> nn.Linear:
    """Return a linear head that says 0 to everything before it learns."""
    head = nn.Linear(inputs, outputs)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    return head


def shipped(learner: nn.Module) -> dict[str, torch.Tensor]:
    """Return what the learner learned, in fp16; names count from its `encoder`."""
    kept = {name.removeprefix("encoder."): value for name, value in learner.named_parameters() if value.requires_grad}
    return {name: value.detach().half().contiguous() for name, value in kept.items()}
