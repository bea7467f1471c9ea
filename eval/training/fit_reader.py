"""Teaches the reader: `python -m eval.training.fit_reader DATA`; DATA holds the sets that `reading_sets` names.

Learns low-rank differences (LoRA, Hu et al., arXiv 2106.09685) for the lower layers of multilingual-e5-small and two
linear heads, by binary cross-entropy, and writes `assistant/reader.safetensors`. One pass over the examples; 35 minutes
on two cores with AVX2. One seed; figures of the held-out tenth go to standard error.
"""

import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import nn

from assistant.config import Settings
from assistant.models import registry as models
from assistant.models.embedding import build_embedding
from assistant.models.reader import ANSWERS, ENCODER, QUESTION_TOKENS, SUPPORTS, TEXT_TOKENS
from assistant.models.reader_export import LAYERS, LEARNED, mean_state
from eval.measures.metrics import auroc
from eval.training.low_rank import adapted, shipped, silent_head
from eval.training.reading_data import SEED, examples
from eval.training.reading_example import Example

RATE, HEAD_RATE = 6e-4, 3e-3
WARM_UP = 150
"""Steps over which the rate rises; without them a rate of 1e-3 learned nothing."""
BATCH_TOKENS = 1792
SHARE = {
    **{"squad-far": 0.3, "squad-own": 0.5, "squad-un": 0.75, "tydi-far": 0.6, "bi+": 0.25, "bi-": 0.25},
    **{"own+": 2, "own-un": 2, "own-other": 2, "own-sup": 2, "own-joined": 2},
}
"""How often an example of a source is met in the pass; those of the other sources once."""
DROPOUT = 0.05
Tokens = tuple[list[int], list[int]]


class Learner(nn.Module):
    """The reader while it learns: logits, shape (pairs, 2), of ids, mask and segments."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.encoder = adapted(folder, LAYERS, DROPOUT)
        self.head = silent_head(3 * self.encoder.config.hidden_size, 2)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
        """Return the logits; see `assistant.models.reader_export`."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        first, second = (mean_state(states, mask * (segments == side)) for side in (0, 1))
        width = states.shape[-1]
        return torch.as_tensor(self.head(torch.cat([first * second * width**0.5, second * 4, first * 4], -1)))

    def learned(self) -> dict[str, torch.Tensor]:
        """Return what is shipped, in fp16."""
        return shipped(self)


def main(data: Path) -> None:
    """Learn from the sets in `data` and write the reader."""
    torch.manual_seed(SEED)
    settings = Settings.read()
    torch.set_num_threads(settings.threads)
    folder = models.locate(ENCODER, settings)
    found = examples(data, build_embedding(settings))
    tokens = _tokenised(found, folder)
    learner = Learner(folder)
    _learn(learner, *_parted(found, tokens, held_out=False))
    save_file(learner.learned(), LEARNED)
    _report(learner, *_parted(found, tokens, held_out=True))


def _tokenised(found: Sequence[Example], folder: Path) -> list[Tokens]:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(TEXT_TOKENS)
    return [
        (
            tokenizer.encode(f"query: {example.first}").ids[:QUESTION_TOKENS],
            tokenizer.encode(f"passage: {example.second}").ids,
        )
        for example in found
    ]


def _parted(found: Sequence[Example], tokens: Sequence[Tokens], held_out: bool) -> tuple[list[Example], list[Tokens]]:
    chosen = [at for at, example in enumerate(found) if example.held_out is held_out]
    return [found[at] for at in chosen], [tokens[at] for at in chosen]


def _learn(learner: Learner, found: Sequence[Example], tokens: Sequence[Tokens]) -> None:
    batches = list(_batches(found, tokens, random.Random(SEED)))
    low_rank = [value for name, value in learner.encoder.named_parameters() if value.requires_grad]
    head = list(learner.head.parameters())
    groups = [{"params": low_rank, "lr": RATE}, {"params": head, "lr": HEAD_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / WARM_UP) * max(0.02, 1 - step / len(batches))
    )
    learner.train()
    for step, batch in enumerate(batches, start=1):
        logits = learner(*_padded([tokens[at] for at in batch]))
        tasks = torch.tensor([[found[at].task] for at in batch])
        wanted = torch.tensor([float(found[at].holds) for at in batch])
        loss = nn.functional.binary_cross_entropy_with_logits(logits.gather(1, tasks)[:, 0], wanted)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*low_rank, *head], 1.0)
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            sys.stderr.write(f"{step} of {len(batches)}: loss {loss.item():.3f}\n")
            save_file(learner.learned(), LEARNED)


def _batches(found: Sequence[Example], tokens: Sequence[Tokens], luck: random.Random) -> Iterator[list[int]]:
    """Yield batches of like length in random order; each example as often as its source's share says."""
    met: list[int] = []
    for at, example in enumerate(found):
        share = SHARE.get(example.source, 1)
        met += [at] * (int(share) + (luck.random() < share - int(share)))
    luck.shuffle(met)
    for begin in range(0, len(met), 1024):
        batches: list[list[int]] = [[]]
        for at in sorted(met[begin : begin + 1024], key=lambda at: sum(map(len, tokens[at]))):
            if batches[-1] and (len(batches[-1]) + 1) * sum(map(len, tokens[at])) > BATCH_TOKENS:
                batches.append([])
            batches[-1].append(at)
        luck.shuffle(batches)
        yield from batches


def _padded(batch: Sequence[Tokens]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    width = max(len(first) + len(second) for first, second in batch)
    ids = torch.ones(len(batch), width, dtype=torch.long)
    mask, segments = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, (first, second) in enumerate(batch):
        end = len(first) + len(second)
        ids[row, :end] = torch.tensor([*first, *second])
        mask[row, :end], segments[row, len(first) :] = 1, 1
    return ids, mask, segments


@torch.no_grad()
def _report(learner: Learner, found: Sequence[Example], tokens: Sequence[Tokens]) -> None:
    """Write the AUROC of each kind of held-out example."""
    learner.eval()
    logits = np.concatenate([learner(*_padded([pair])).numpy() for pair in tokens])
    kinds = {
        "squad, near misses": ("squad+", "squad-un"),
        "tydi": ("tydi+", "tydi-far"),
        "own notes": ("own+", "own-un"),
        "cards": ("card+", "card-un"),
        "strangers": ("own+", "own-stranger"),
        "translations": ("bi+", "bi-"),
        "KLUE-NLI": ("klue-nli-ko",),
        "KorNLI": ("kornli-ko",),
        "own sentences": ("own-sup",),
        "two sentences, one of them borne out or both": ("own-joined",),
        "sentences of cards": ("card-sup",),
    }
    for kind, sources in kinds.items():
        chosen = [at for at, example in enumerate(found) if example.source in sources]
        task = SUPPORTS if found[chosen[0]].task == SUPPORTS else ANSWERS
        figure = auroc([float(logits[at, task]) for at in chosen], [found[at].holds for at in chosen])
        sys.stderr.write(f"{kind}: AUROC {figure:.3f} over {len(chosen)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
