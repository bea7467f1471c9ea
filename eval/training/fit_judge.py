"""Teaches the judge: `python -m eval.training.fit_judge [--sets DATA] [--state FOLDER] [owner/name=GITDIR …]`.

Learns the upper layers of multilingual-e5-small, the heads and the vectors of the marks, by binary cross-entropy, and
writes `assistant/models/judge.safetensors` (22 MB). One reading of a text teaches what it says to some twenty questions
and statements, and which of its sentences answer each (Chirkova et al., "Provence", arXiv 2501.16214, section 3, for
passage and sentences at once). One pass over the examples. The state is saved every few minutes in FOLDER, and the same
command goes on from there. One seed; the figures of the held-out tenth go to standard error.
"""

import argparse
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn

from assistant.config import Settings
from assistant.models import registry as models
from assistant.models.judge import ENCODER, WORDS, Encoded, encoded, stacked
from assistant.models.judge_export import HELPS, LEARNED, SENTENCES, SUPPORTS
from eval.measures.metrics import auroc
from eval.training.judge_data import SEED, examples
from eval.training.judge_examples import Ask, Example
from eval.training.judge_module import Module

RATE, HEAD_RATE = 1.5e-4, 1e-3
WARM_UP = 100
"""Steps over which the rates rise."""
BATCH_TOKENS = 2560
SAVED_EVERY = 100
"""Steps between two states on disk."""
OF_SENTENCES = 1.0
"""Weight of the sentences' loss beside the passage's; of the sentences of a text that does not help, a quarter."""
_ALONE = ("embeddings.", "lower.")
"""What is the encoder's own and is not learned."""


class Learner:
    """The judge while it learns: its upper layers, heads and marks.

    One pass learns nothing by heart, and drawing dropout's masks takes half of the time: there is none.
    """

    def __init__(self, folder: Path) -> None:
        self.judge = Module(folder).eval()
        self._words = load_file(folder / "model.safetensors")[WORDS]
        named = {name: value for name, value in self.judge.named_parameters() if not name.startswith(_ALONE)}
        self.layers = {name: value for name, value in named.items() if name.startswith("upper.")}
        self.heads = {name: value for name, value in named.items() if name not in self.layers}
        self.judge.requires_grad_(False)
        for value in named.values():
            value.requires_grad_(True)

    def __call__(self, batch: Sequence["Item"]) -> torch.Tensor:
        """Return the logits, shape (texts, asks, 2 + sentences)."""
        width = max(len(item.read.ids) for item in batch)
        ids, marks, owners, places, sentences, asks = map(
            torch.from_numpy, stacked([item.read for item in batch], width)
        )
        with torch.no_grad():
            states = self.judge.apart(self._words[ids], owners, places)
        return torch.as_tensor(self.judge.judged(states, marks, owners, sentences, asks))

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
    read: Encoded


def main() -> None:
    """Learn from the labels and write the judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clones", nargs="*", default=[])
    parser.add_argument("--sets", type=Path, help="the folder of the public sets")
    parser.add_argument("--state", type=Path, default=Path(".assistant/judge"))
    parser.add_argument("--out", type=Path, default=LEARNED)
    parser.add_argument("--passages", type=int, default=0, help="learn from so many labelled passages (0: all)")
    parser.add_argument("--batches", type=int, help="stop after so many batches")
    parser.add_argument("--without", action="append", default=[], help="leave out the questions of a source")
    options = parser.parse_args()
    torch.manual_seed(SEED)
    settings = Settings.read()
    torch.set_num_threads(settings.threads)
    folder = models.locate(ENCODER, settings)
    clones = {name: Path(place) for name, place in (one.split("=", 1) for one in options.clones)}
    options.state.mkdir(parents=True, exist_ok=True)
    found = examples(clones, options.sets, settings, options.state, options.passages, options.without)
    learned = [example for example in found if not example.held_out]
    learned = random.Random(SEED).sample(learned, len(learned))
    held_out = [example for example in found if example.held_out]
    learner = Learner(folder)
    learn(learner, _tokenised(learned, folder), options.state / "state.pt", options.batches)
    save_file(learner.learned(), options.out)
    report(learner, _tokenised(held_out, folder))


def _tokenised(found: Sequence[Example], folder: Path) -> list[Item]:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return [Item(example, encoded(tokenizer, example.text, [ask.text for ask in example.asks])) for example in found]


def learn(learner: Learner, items: Sequence[Item], state: Path, most: int | None = None) -> None:
    """Learn in one pass, or from `most` batches of it, going on from the saved state if there is one."""
    batches = _batches(items, random.Random(SEED))[:most]
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
        seen += sum(len(items[at].read.ids) for at in batch)
        if step % 25 == 0:
            speed = seen / (time.perf_counter() - began)
            mean = sum(lately[-25:]) / len(lately[-25:])
            sys.stderr.write(f"{step} of {len(batches)}: loss {mean:.3f}, {speed:.0f} tokens/s\n")
        if step % SAVED_EVERY == 0:
            saved = {"learner": learner.layers | learner.heads, "optimizer": optimizer.state_dict(), "step": step}
            torch.save({**saved, "schedule": schedule.state_dict()}, state.with_suffix(".new"))
            state.with_suffix(".new").replace(state)


def _loss(learner: Learner, batch: Sequence[Item]) -> torch.Tensor:
    """Return the mean over the asks of the binary cross-entropy of what is known; of the sentences' their mean."""
    found = learner(batch)
    wanted, weights = torch.zeros(found.shape), torch.zeros(found.shape)
    asks = 0
    for row, item in enumerate(batch):
        read = [at for at, (start, end) in enumerate(item.read.sentences) if start < end]  # the others were cut off
        asks += len(item.example.asks)
        for column, ask in enumerate(item.example.asks):
            if ask.supports is not None:
                wanted[row, column, SUPPORTS], weights[row, column, SUPPORTS] = ask.supports, 1
                continue
            wanted[row, column, HELPS], weights[row, column, HELPS] = bool(ask.helps), 1
            if read and (ask.answers or not ask.helps):
                places = [SENTENCES + at for at in read]
                wanted[row, column, places] = torch.tensor([float(at in ask.answering) for at in read])
                weights[row, column, places] = OF_SENTENCES / len(read) * (1 if ask.helps else 0.25)
    losses = nn.functional.binary_cross_entropy_with_logits(found, wanted, weights, reduction="sum")
    return losses / asks


def _batches(items: Sequence[Item], luck: random.Random) -> list[list[int]]:
    """Return batches of like length, in random order."""
    met = list(range(len(items)))
    luck.shuffle(met)
    found: list[list[int]] = []
    for begin in range(0, len(met), 1024):
        batches: list[list[int]] = [[]]
        for at in sorted(met[begin : begin + 1024], key=lambda at: len(items[at].read.ids)):
            if batches[-1] and (len(batches[-1]) + 1) * len(items[at].read.ids) > BATCH_TOKENS:
                batches.append([])
            batches[-1].append(at)
        luck.shuffle(batches)
        found += batches
    return found


@torch.no_grad()
def report(learner: Learner, items: Sequence[Item]) -> None:
    """Write the AUROC of the held-out passages, statements and sentences, by direction and source."""
    asked: list[tuple[str, Ask, float, bool]] = []
    stated: list[tuple[str, Ask, float, bool]] = []
    sentences: list[tuple[str, Ask, float, bool]] = []
    for item in items:
        row = learner([item])[0]
        for ask, logits in zip(item.example.asks, row.tolist(), strict=True):
            direction = f"{item.example.language}>{ask.language}"
            if ask.supports is not None:
                stated.append((direction, ask, logits[SUPPORTS], ask.supports))
                continue
            asked.append((direction, ask, logits[HELPS], bool(ask.helps)))
            for answers, logit in zip(ask.answers, logits[SENTENCES:], strict=False):
                sentences.append((direction, ask, logit, answers))
    for head, scored in (("helps", asked), ("supports", stated), ("answers", sentences)):
        _figures(head, scored)


def _figures(head: str, scored: Sequence[tuple[str, Ask, float, bool]]) -> None:
    def write(name: str, chosen: Sequence[tuple[str, Ask, float, bool]]) -> None:
        labels = [label for *_, label in chosen]
        if 0 < sum(labels) < len(labels):
            figure = auroc([score for _, _, score, _ in chosen], labels)
            sys.stderr.write(f"{head}, {name}: AUROC {figure:.3f} over {len(labels)}\n")

    write("all", scored)
    for direction in sorted({direction for direction, *_ in scored}):
        write(direction, [one for one in scored if one[0] == direction])
    for source in sorted({ask.source for _, ask, _, label in scored if not label}):
        write(source, [one for one in scored if one[1].source == source or one[3]])


if __name__ == "__main__":
    main()
