"""How the store does over many passages: opening it, searching it, and taking in what changed.

In: real notes with their vectors, and how many passages to make of them. Out: the figures. What a reader needs is
measured in a process of its own, which has read nothing before.
"""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from assistant import machine
from assistant.answer import Passage, Vectors
from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index.ingest import Ingested
from assistant.index.local import LocalStore
from assistant.index.store import IndexedNote
from assistant.index.update import update
from eval.measures.stats import percentile
from eval.questions.many import MixedEmbedding, mixtures, write_notes

_ASKED, _TOP, _TERMS = 200, 50, 12
"""Searches that are timed, passages that each asks for, and terms of a keyword search."""


def measure(real: Sequence[Ingested], vectors: Vectors, passages: int, settings: Settings) -> dict[str, Any]:
    """Return the figures of a store of so many passages in `settings.index`, over notes in `settings.notes`."""
    made = mixtures(vectors, passages)
    began = time.perf_counter()
    LocalStore(settings).fill(_filled(real, made, passages, settings.notes))
    figures: dict[str, Any] = {"passages": passages, "fill_seconds": time.perf_counter() - began}
    np.save(settings.index.parent / "asked.npy", vectors)
    figures |= _read(settings)
    embed_model = MixedEmbedding(made)
    time.sleep(2.5)  # what was written just now is not taken for unchanged by its time
    update([settings.notes], settings, lambda: embed_model)
    report = update([settings.notes], settings, lambda: embed_model)
    figures |= {"files": len(report.unchanged), "unchanged_seconds": report.seconds}
    store = LocalStore(settings)
    store.snapshot()
    edited = []
    for number in range(3):
        file = settings.notes / f"{number}" / "0.md"
        file.write_text(f"{file.read_text(encoding='utf-8')}\n\nAnother line, number {number}.\n", encoding="utf-8")
        began = time.perf_counter()
        report = update([settings.notes], settings, lambda: embed_model)
        if not report.indexed:
            raise IndexUnusable("expected a changed note, found none")
        store.snapshot()
        edited.append(time.perf_counter() - began)
    # The first one also loads what cuts and analyses text.
    return figures | {"edited_first_seconds": edited[0], "edited_seconds": min(edited[1:])}


def lines(figures: dict[str, Any]) -> list[str]:
    """Return the figures as text."""
    return [
        f"store of {figures['passages']:,} passages in {figures['files']:,} notes, filled in "
        f"{figures['fill_seconds']:.0f} s, {figures['disk_mb']:.0f} MB on disk:",
        f"  opened for a question in {figures['open_seconds']:.2f} s (processor {figures['open_cpu']:.2f} s), "
        f"{figures['peak_mb']:.0f} MB at most",
        f"  warm search, {_TOP} of each leg: {figures['search_ms']:.1f} ms, p95 {figures['search_p95']:.1f} ms (dense "
        f"{figures['dense_ms']:.1f}, keyword {figures['sparse_ms']:.1f})",
        f"  nothing new: {figures['unchanged_seconds']:.2f} s; one edited note: {figures['edited_seconds']:.2f} s, the "
        f"first one of a process {figures['edited_first_seconds']:.2f} s",
    ]


def _filled(
    real: Sequence[Ingested], made: Vectors, count: int, folder: Path
) -> Iterator[tuple[IndexedNote, list[Passage], Vectors]]:
    at = 0
    for note, passages in write_notes(real, count, folder):
        yield note, passages, made[at : at + len(passages)]
        at += len(passages)


def _read(settings: Settings) -> dict[str, Any]:
    command = [sys.executable, "-m", "eval.store_speed", str(settings.index), settings.embedding]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise IndexUnusable(f"reading the store failed: {done.stderr.strip()}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _reader(index: Path, embedding: str) -> dict[str, Any]:
    """Open a store and search it; return the figures."""
    settings = replace(Settings(), index=index, embedding=embedding)
    asked = np.load(index.parent / "asked.npy")
    processor, began = time.process_time(), time.perf_counter()
    snapshot = LocalStore(settings).snapshot()
    snapshot.dense(asked[0], _TOP)
    figures: dict[str, Any] = {
        "open_seconds": time.perf_counter() - began,
        "open_cpu": time.process_time() - processor,
        "disk_mb": sum(file.stat().st_size for file in index.rglob("*") if file.is_file()) / 1e6,
    }
    chance = random.Random(0)
    held = snapshot.get(hit.id for hit in snapshot.dense(asked[0], 200))
    words = [sorted(set(passage.terms)) for passage in held]
    questions = [dict.fromkeys(chance.sample(some, min(_TERMS, len(some))), 1.0) for some in words]
    taken: dict[str, list[float]] = {"dense": [], "sparse": []}
    for number in range(_ASKED):
        question, row = questions[number % len(questions)], asked[number % len(asked)]
        taken["dense"].append(_ms(partial(snapshot.dense, row, _TOP)))
        taken["sparse"].append(_ms(partial(snapshot.sparse, question, _TOP)))
    both = [one + other for one, other in zip(*taken.values(), strict=True)]
    figures |= {"search_ms": percentile(both, 50), "search_p95": percentile(both, 95)}
    figures |= {f"{leg}_ms": percentile(ms, 50) for leg, ms in taken.items()}
    return figures | {"peak_mb": machine.peak_memory() / 2**20}


def _ms(search: Callable[[], object]) -> float:
    began = time.perf_counter()
    search()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    print(json.dumps(_reader(Path(sys.argv[1]), sys.argv[2])))  # noqa: T201
