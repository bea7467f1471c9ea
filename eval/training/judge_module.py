"""The judge as a torch module, which learns; `assistant.models.judge_graph` tells how it reads, and tests compare them.

In: the folder of multilingual-e5-small. Out: a module that maps word vectors and places to logits.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import nn

from assistant.models.judge_graph import ACROSS, LEAST, UNSEEN
from assistant.models.marks import KINDS

_COSINE = 0.5
"""The heads begin as the cosine between ask and text on this scale, less e5's usual cosine."""
_USUAL = 0.82


class Module(nn.Module):
    """The encoder's layers, a vector for each mark, and heads that begin by comparing as the encoder does."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        pretrained = transformers.AutoModel.from_pretrained(str(folder), local_files_only=True, add_pooling_layer=False)
        width = int(pretrained.config.hidden_size)
        self.width, self._heads = width, int(pretrained.config.num_attention_heads)
        self.embeddings, layers = pretrained.embeddings, pretrained.encoder.layer
        self.lower, self.upper = layers[: len(layers) // 2], layers[len(layers) // 2 :]
        self.marks = nn.Embedding(KINDS, width)
        self.texts, self.sentences = nn.Linear(3 * width, 2), nn.Linear(3 * width, 2)
        self.points = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in range(2))
        self.misses, self.best = nn.Linear(width, 2), nn.Parameter(torch.full((2,), 0.3))
        for own in (self.marks, self.texts, self.sentences, self.points, self.misses):
            for value in own.parameters():
                nn.init.zeros_(value)
        with torch.no_grad():
            for head in (self.texts, self.sentences):
                head.weight[:, :width] = _COSINE
                head.bias[:] = -_COSINE * _USUAL * width**0.5

    def forward(
        self,
        vectors: torch.Tensor,
        marks: torch.Tensor,
        owners: torch.Tensor,
        places: torch.Tensor,
        sentences: torch.Tensor,
        asks: torch.Tensor,
    ) -> torch.Tensor:
        """Return logits, shape (texts, asks, 2 + sentences), as `assistant.models.judge_export` names them.

        The arrays are those of `assistant.models.judge.stacked`, with word vectors in place of ids.
        """
        return self.judged(self.apart(vectors, owners, places), marks, owners, sentences, asks)

    def apart(self, vectors: torch.Tensor, owners: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """Return the states of the lower layers, which read text and asks alone; these layers are not learned."""
        states = self.embeddings(inputs_embeds=vectors, position_ids=places)
        own = owners[:, None, :, None] == owners[:, None, None, :]
        seen = torch.zeros_like(own, dtype=states.dtype).masked_fill(~own, UNSEEN)
        for layer in self.lower:
            states = self._layer(layer, states, seen)
        return torch.as_tensor(states)

    def judged(
        self,
        states: torch.Tensor,
        marks: torch.Tensor,
        owners: torch.Tensor,
        sentences: torch.Tensor,
        asks: torch.Tensor,
    ) -> torch.Tensor:
        """Return the logits, from the states of the lower layers."""
        own = owners[:, None, :, None] == owners[:, None, None, :]
        text = (owners == 0)[:, None, None, :].expand_as(own)
        seen = torch.full_like(own, UNSEEN, dtype=states.dtype)
        seen = seen.masked_fill(text, ACROSS).masked_fill(own, 0.0)
        states = states + self.marks(marks)
        for layer in self.upper:
            states = self._layer(layer, states, seen)
        return self._logits(states, owners == 0, sentences, asks)

    def _logits(
        self, states: torch.Tensor, text: torch.Tensor, sentences: torch.Tensor, asks: torch.Tensor
    ) -> torch.Tensor:
        """Compare each ask's mean state with the mean states of the text and of its sentences, and their tokens.

        A sentence counts by its mean and by the token that the ask points to; a text by its mean, by its best
        sentences, and by the ask's token that finds least in it: one missing name is enough.
        """
        inside, asking = _inside(sentences, states.shape[1]), _inside(asks, states.shape[1])
        asked, told = _means(asking, states), _means(inside, states)
        whole = _means(text[:, None], states)
        found = self._mixed(self.sentences, asked, told)
        aimed = torch.stack([point(asked) @ states.transpose(1, 2) for point in self.points], -1)
        hidden = ~inside[:, None, :, :, None]
        found = found + aimed[:, :, None].masked_fill(hidden, UNSEEN).amax(3).clamp(min=LEAST)
        there = inside.any(-1)[:, None, :, None]
        best = torch.logsumexp(found.masked_fill(~there, LEAST), 2) * there.any(2)
        missing = self.misses(states)[:, None].masked_fill(~asking[..., None], UNSEEN).amax(2).clamp(min=LEAST)
        texts = self._mixed(self.texts, asked, whole)[:, :, 0] + self.best * best - missing
        return torch.cat([texts, found[..., 0]], -1)

    def _mixed(self, head: nn.Linear, asked: torch.Tensor, told: torch.Tensor) -> torch.Tensor:
        """Return a head's values of each pair of means: of their product and of each, all weighing alike."""
        of_product, of_told, of_asked = torch.split(head.weight, self.width, 1)
        product = torch.stack([(asked * own) @ told.transpose(1, 2) for own in of_product], -1) * self.width**0.5
        alone = (told @ of_told.T)[:, None] * 4 + (asked @ of_asked.T)[:, :, None] * 4
        return torch.as_tensor(product + alone + head.bias)

    def _layer(self, layer: Any, states: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """Return what a layer of the encoder makes of the states, if tokens see one another as `seen` says."""
        own, count, length = layer.attention, *states.shape[:2]
        query, key, value = (
            part(states).view(count, length, self._heads, self.width // self._heads).transpose(1, 2)
            for part in (own.self.query, own.self.key, own.self.value)
        )
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        mixed = own.output.dense(mixed.transpose(1, 2).reshape(count, length, self.width))
        mixed = own.output.LayerNorm(mixed + states)
        inner = nn.functional.gelu(layer.intermediate.dense(mixed))
        return torch.as_tensor(layer.output.LayerNorm(layer.output.dense(inner) + mixed))


def build(folder: Path, learned: Mapping[str, torch.Tensor]) -> Module:
    """Return the judge with the learned weights."""
    judge = Module(folder)
    judge.load_state_dict({name: value.float() for name, value in learned.items()}, strict=False)
    return judge


def _inside(spans: torch.Tensor, length: int) -> torch.Tensor:
    at = torch.arange(length)
    return (at >= spans[..., :1]) & (at < spans[..., 1:])


def _means(inside: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
    shares = inside.to(states.dtype) / inside.sum(-1, keepdim=True).clamp(min=1)
    return nn.functional.normalize(shares @ states, dim=-1)
