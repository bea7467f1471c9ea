"""Teaches the judge: `python -m eval.training.fit_judge [--state FOLDER] [owner/name=GITDIR …]`.

Learns low-rank differences (LoRA, Hu et al., arXiv 2106.09685) for all layers of multilingual-e5-small and three linear
heads, by binary cross-entropy, and writes `assistant/models/judge.safetensors`. One reading of a question and a passage
teaches both the passage and its sentences, as in Provence (Chirkova et al., arXiv 2501.16214, section 3). One pass over
the examples. The state is saved every few minutes in FOLDER, and the same command goes on from there. One seed; the
figures of the held-out tenth go to standard error.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn

from assistant.config import Settings
from assistant.models import registry as models
from assistant.models.judge import ENCODER, encoded
from assistant.models.judge_export import ANSWERS, HELPS, LEARNED, SUPPORTS, logits
from eval.measures.metrics import auroc
from eval.training.judge_data import SEED, examples
from eval.training.judge_examples import Example
from eval.training.low_rank import adapted, shipped, silent_head

RATE, HEAD_RATE = 6e-4, 3e-3
WARM_UP = 150
"""Steps over which the rate rises; without them a rate of 1e-3 learned nothing."""
BATCH_TOKENS = 1536
SAVED_EVERY = 200
"""Steps between two states on disk."""
OF_SENTENCES = 1.0
"""Weight of the sentences' loss beside the passage's."""


class Learner(nn.Module):
    """The judge while it learns: logits, shape (pairs, parts, 3), of ids, mask and spans."""

    def __init__(self, folder: Path, layers: int) -> None:
        super().__init__()
        # One pass learns nothing by heart, and drawing dropout's masks takes half of the time.
        self.encoder = adapted(folder, layers, 0.0)
        self.head = silent_head(3 * self.encoder.config.hidden_size, 3)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, spans: torch.Tensor) -> torch.Tensor:
        """Return the logits; see `assistant.models.judge_export`."""
        return logits(self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state, spans, self.head)

    def start(self, learned: dict[str, torch.Tensor]) -> None:
        """Take over what was learned before; a head of two rows is the reader's, of answers and of support."""
        own = dict(self.named_parameters())
        with torch.no_grad():
            for name, value in learned.items():
                value = value.float()
                if name.startswith("head."):
                    own[name].copy_(value[[0, 0, 1]] if len(value) == 2 else value)
                else:
                    own[f"encoder.{name}"].copy_(value)

    def learned(self) -> dict[str, torch.Tensor]:
        """Return what is shipped, in fp16."""
        return shipped(self)


Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""Ids and mask, shape (items, tokens), and the weights of the parts, shape (items, parts, tokens)."""


@dataclass(frozen=True)
class Item:
    """An example with its tokens: ids, and for each part (first text, second text, sentences) its token places."""

    example: Example
    ids: list[int]
    spans: list[tuple[int, int]]


def main() -> None:
    """Learn from the labels and write the judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", nargs="*", default=[])
    parser.add_argument("--state", type=Path, default=Path(".assistant/judge"))
    parser.add_argument("--out", type=Path, default=LEARNED)
    parser.add_argument("--passages", type=int, default=0, help="learn from so many labelled passages (0: all)")
    parser.add_argument("--share", type=float, default=1.0, help="learn from this share of the examples, in 0..1")
    parser.add_argument("--start", type=Path, help="go on from these learned weights")
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--without", action="append", default=[], help="leave out the examples of a source")
    options = parser.parse_args()
    torch.manual_seed(SEED)
    settings = Settings.read()
    torch.set_num_threads(settings.threads)
    folder = models.locate(ENCODER, settings)
    clones = {name: Path(place) for name, place in (one.split("=", 1) for one in options.clones)}
    options.state.mkdir(parents=True, exist_ok=True)
    found = examples(clones, settings, options.state, options.passages, options.without)
    items = _tokenised(found, folder)
    learner = Learner(folder, options.layers)
    if options.start:
        learner.start(load_file(options.start))
    learned = [item for item in items if not item.example.held_out]
    learned = random.Random(SEED).sample(learned, round(options.share * len(learned)))
    learn(learner, learned, options.state / "state.pt")
    save_file(learner.learned(), options.out)
    report(learner, [item for item in items if item.example.held_out])


def _tokenised(found: Sequence[Example], folder: Path) -> list[Item]:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    items = []
    for example in found:
        ids, spans = encoded(tokenizer, example.first, example.second, example.parts)
        items.append(Item(example, ids, spans))
    return items


def learn(learner: Learner, items: Sequence[Item], state: Path) -> None:
    """Learn in one pass, going on from the saved state if there is one."""
    batches = _batches(items, random.Random(SEED))
    low_rank = [value for value in learner.encoder.parameters() if value.requires_grad]
    head = list(learner.head.parameters())
    optimizer = torch.optim.AdamW(
        [{"params": low_rank, "lr": RATE}, {"params": head, "lr": HEAD_RATE}], weight_decay=0.01, betas=(0.9, 0.98)
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / WARM_UP) * max(0.02, 1 - step / len(batches))
    )
    begin = 0
    if state.exists():
        saved = torch.load(state, weights_only=True)
        learner.load_state_dict(saved["learner"], strict=False)
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        begin = saved["step"]
    learner.train()
    lately: list[float] = []
    seen, began = 0, time.perf_counter()
    for step, batch in enumerate(batches[begin:], start=begin + 1):
        loss = _loss(learner, [items[at] for at in batch])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*low_rank, *head], 1.0)
        optimizer.step()
        schedule.step()
        lately.append(loss.item())
        seen += sum(len(items[at].ids) for at in batch)
        if step % 50 == 0:
            speed = seen / (time.perf_counter() - began)
            mean = sum(lately[-50:]) / len(lately[-50:])
            sys.stderr.write(f"{step} of {len(batches)}: loss {mean:.3f}, {speed:.0f} tokens/s\n")
        if step % SAVED_EVERY == 0:
            kept = {name: value for name, value in learner.named_parameters() if value.requires_grad}
            saved = {"learner": kept, "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict()}
            torch.save({**saved, "step": step}, state.with_suffix(".new"))
            state.with_suffix(".new").replace(state)


def _loss(learner: Learner, batch: Sequence[Item]) -> torch.Tensor:
    found = learner(*padded(batch))
    total = torch.zeros(())
    for row, item in enumerate(batch):
        example = item.example
        if example.supports is not None:
            total = total + _entropy(found[row, 1, SUPPORTS], float(example.supports))
            continue
        assert example.helps is not None
        total = total + _entropy(found[row, 1, HELPS], float(example.helps))
        if parts := len(item.spans) - 2:
            wanted = torch.tensor([float(answers) for answers in example.answers[:parts]])
            total = total + OF_SENTENCES * _entropy(found[row, 2 : 2 + parts, ANSWERS], wanted)
    return total / len(batch)


def _entropy(found: torch.Tensor, wanted: torch.Tensor | float) -> torch.Tensor:
    return nn.functional.binary_cross_entropy_with_logits(found, torch.as_tensor(wanted))


def _batches(items: Sequence[Item], luck: random.Random) -> list[list[int]]:
    """Return batches of like length, in random order."""
    met = list(range(len(items)))
    luck.shuffle(met)
    found: list[list[int]] = []
    for begin in range(0, len(met), 1024):
        batches: list[list[int]] = [[]]
        for at in sorted(met[begin : begin + 1024], key=lambda at: len(items[at].ids)):
            if batches[-1] and (len(batches[-1]) + 1) * len(items[at].ids) > BATCH_TOKENS:
                batches.append([])
            batches[-1].append(at)
        luck.shuffle(batches)
        found += batches
    return found


def padded(batch: Sequence[Item]) -> Batch:
    """Return the items as a batch, padded to the longest."""
    width = max(len(item.ids) for item in batch)
    parts = max(len(item.spans) for item in batch)
    ids = torch.ones(len(batch), width, dtype=torch.long)
    mask, spans = torch.zeros_like(ids), torch.zeros(len(batch), parts, width)
    for row, item in enumerate(batch):
        ids[row, : len(item.ids)], mask[row, : len(item.ids)] = torch.tensor(item.ids), 1
        for part, (start, end) in enumerate(item.spans):
            spans[row, part, start:end] = 1 / max(1, end - start)
    return ids, mask, spans


@torch.no_grad()
def report(learner: Learner, items: Sequence[Item]) -> None:
    """Write the AUROC of the passage, sentence and support head for the held-out examples, by direction and source."""
    learner.eval()
    rows = [(item.example, learner(*padded([item]))[0]) for item in items]
    asked = [(example, row) for example, row in rows if example.helps is not None]
    stated = [(example, row) for example, row in rows if example.supports is not None]
    _figures("helps", [(e, float(row[1, HELPS]), bool(e.helps)) for e, row in asked], lambda e: bool(e.helps))
    _figures(
        "supports", [(e, float(row[1, SUPPORTS]), bool(e.supports)) for e, row in stated], lambda e: bool(e.supports)
    )
    sentences = [
        (e, float(row[2 + at, ANSWERS]), answers)
        for e, row in asked
        if e.helps
        for at, answers in enumerate(e.answers[: len(row) - 2])
    ]
    _figures("answers", sentences, lambda e: True)


def _figures(head: str, scored: Sequence[tuple[Example, float, bool]], holds: Callable[[Example], bool]) -> None:
    def write(name: str, chosen: Sequence[tuple[Example, float, bool]]) -> None:
        labels = [label for _, _, label in chosen]
        if 0 < sum(labels) < len(labels):
            figure = auroc([score for _, score, _ in chosen], labels)
            sys.stderr.write(f"{head}, {name}: AUROC {figure:.3f} over {len(labels)}\n")

    write("all", scored)
    for direction in sorted({example.direction for example, _, _ in scored}):
        write(direction, [one for one in scored if one[0].direction == direction])
    for source in sorted({example.source for example, _, _ in scored if not holds(example)}):
        write(source, [one for one in scored if one[0].source == source or holds(one[0])])


if __name__ == "__main__":
    main()
