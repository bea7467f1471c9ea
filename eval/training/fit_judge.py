"""Teaches the judge: `python -m eval.training.fit_judge [--sets DATA] [--state FOLDER] [owner/name=GITDIR …]`.

Learns the layers of multilingual-e5-small, three heads and the vectors of the marks, by binary cross-entropy, and
writes `assistant/models/judge.safetensors` (42 MB with all twelve layers). One reading of a question and a passage
teaches both the passage and its sentences, as in Provence (Chirkova et al., arXiv 2501.16214, section 3). One pass over
the examples. The state is saved every few minutes in FOLDER, and the same command goes on from there. One seed; the
figures of the held-out tenth go to standard error.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn

from assistant.config import Settings
from assistant.models import registry as models
from assistant.models.judge import ENCODER, Encoded, encoded, stacked
from assistant.models.judge_export import ANSWERS, HELPS, LAYER, LEARNED, SUPPORTS, module
from assistant.models.low_rank import WORDS
from eval.measures.metrics import auroc
from eval.training.judge_data import SEED, examples
from eval.training.judge_examples import Example

RATE, HEAD_RATE = 1e-4, 1e-3
"""At three times these rates it collapsed: every logit became the same (docs/decisions.md)."""
WARM_UP = 200
"""Steps over which the rates rise."""
BATCH_TOKENS = 1536
SAVED_EVERY = 400
"""Steps between two states on disk."""
OF_SENTENCES = 1.0
"""Weight of the sentences' loss beside the passage's."""


class Learner:
    """The judge while it learns: all of its layers, heads and marks, but not the word vectors.

    One pass learns nothing by heart, and drawing dropout's masks takes half of the time: there is none.
    """

    def __init__(self, folder: Path, layers: int) -> None:
        self.judge = module(folder, layers).eval()
        self._words = load_file(folder / "model.safetensors")[WORDS]
        named = dict(self.judge.named_parameters())
        self.layers = {name: value for name, value in named.items() if name.startswith(LAYER)}
        self.heads = {name: value for name, value in named.items() if not name.startswith("encoder.")}
        for name, value in named.items():
            value.requires_grad_(name in self.layers or name in self.heads)

    def __call__(self, batch: Sequence["Item"]) -> torch.Tensor:
        """Return the logits of each part, shape (pairs, parts, 3)."""
        ids, *others = stacked([item.pair for item in batch], max(len(item.pair.ids) for item in batch))
        found = self.judge(self._words[torch.from_numpy(ids)], *map(torch.from_numpy, others))
        return torch.as_tensor(found)

    def start(self, learned: Mapping[str, torch.Tensor]) -> None:
        """Take over what was learned before."""
        self.judge.load_state_dict({name: value.float() for name, value in learned.items()}, strict=False)

    def learned(self) -> dict[str, torch.Tensor]:
        """Return what is shipped, in fp16."""
        return {name: value.detach().half().contiguous() for name, value in (self.layers | self.heads).items()}


@dataclass(frozen=True)
class Item:
    """An example and its tokens."""

    example: Example
    pair: Encoded


def main() -> None:
    """Learn from the labels and write the judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", nargs="*", default=[])
    parser.add_argument("--sets", type=Path, help="the folder of the public sets")
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
    found = examples(clones, options.sets, settings, options.state, options.passages, options.without)
    learned = [example for example in found if not example.held_out]
    learned = random.Random(SEED).sample(learned, round(options.share * len(learned)))
    items, held_out = (
        _tokenised(chosen, folder) for chosen in (learned, [example for example in found if example.held_out])
    )
    learner = Learner(folder, options.layers)
    if options.start:
        learner.start(load_file(options.start))
    learn(learner, items, options.state / "state.pt")
    save_file(learner.learned(), options.out)
    report(learner, held_out)


def _tokenised(found: Sequence[Example], folder: Path) -> list[Item]:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    items = []
    for example in found:
        items.append(Item(example, encoded(tokenizer, example.first, example.second, example.parts)))
    return items


def learn(learner: Learner, items: Sequence[Item], state: Path) -> None:
    """Learn in one pass, going on from the saved state if there is one."""
    batches = _batches(items, random.Random(SEED))
    layers, heads = list(learner.layers.values()), list(learner.heads.values())
    optimizer = torch.optim.AdamW(
        [{"params": layers, "lr": RATE}, {"params": heads, "lr": HEAD_RATE}],
        weight_decay=0.01,
        betas=(0.9, 0.98),
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / WARM_UP) * max(0.02, 1 - step / len(batches))
    )
    begin = 0
    if state.exists():
        saved = torch.load(state, weights_only=True)
        learner.start(saved["learner"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        begin = saved["step"]
    lately: list[float] = []
    seen, began = 0, time.perf_counter()
    for step, batch in enumerate(batches[begin:], start=begin + 1):
        loss = _loss(learner, [items[at] for at in batch])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*layers, *heads], 1.0)
        optimizer.step()
        schedule.step()
        lately.append(loss.item())
        seen += sum(len(items[at].pair.ids) for at in batch)
        if step % 50 == 0:
            speed = seen / (time.perf_counter() - began)
            mean = sum(lately[-50:]) / len(lately[-50:])
            sys.stderr.write(f"{step} of {len(batches)}: loss {mean:.3f}, {speed:.0f} tokens/s\n")
        if step % SAVED_EVERY == 0:
            saved = {"learner": learner.layers | learner.heads, "optimizer": optimizer.state_dict(), "step": step}
            torch.save({**saved, "schedule": schedule.state_dict()}, state.with_suffix(".new"))
            state.with_suffix(".new").replace(state)


def _loss(learner: Learner, batch: Sequence[Item]) -> torch.Tensor:
    """Return the mean over the items of the binary cross-entropy of what is known; of the sentences' their mean."""
    found = learner(batch)
    wanted, weights = torch.zeros(found.shape), torch.zeros(found.shape)
    for row, item in enumerate(batch):
        example = item.example
        if example.supports is not None:
            wanted[row, 1, SUPPORTS], weights[row, 1, SUPPORTS] = example.supports, 1
            continue
        wanted[row, 1, HELPS], weights[row, 1, HELPS] = bool(example.helps), 1
        read = [part for part, (start, end) in enumerate(item.pair.parts[2:]) if start < end]  # the others were cut off
        for part in read:
            wanted[row, 2 + part, ANSWERS] = example.answers[part]
            weights[row, 2 + part, ANSWERS] = OF_SENTENCES / len(read)
    losses = nn.functional.binary_cross_entropy_with_logits(found, wanted, weights, reduction="sum")
    return losses / len(batch)


def _batches(items: Sequence[Item], luck: random.Random) -> list[list[int]]:
    """Return batches of like length, in random order."""
    met = list(range(len(items)))
    luck.shuffle(met)
    found: list[list[int]] = []
    for begin in range(0, len(met), 1024):
        batches: list[list[int]] = [[]]
        for at in sorted(met[begin : begin + 1024], key=lambda at: len(items[at].pair.ids)):
            if batches[-1] and (len(batches[-1]) + 1) * len(items[at].pair.ids) > BATCH_TOKENS:
                batches.append([])
            batches[-1].append(at)
        luck.shuffle(batches)
        found += batches
    return found


@torch.no_grad()
def report(learner: Learner, items: Sequence[Item]) -> None:
    """Write the AUROC of the passage, sentence and support head for the held-out examples, by direction and source."""
    rows = [(item.example, learner([item])[0]) for item in items]
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
