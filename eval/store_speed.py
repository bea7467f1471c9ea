"""How a store does over many passages: opening it, searching it, and taking in what changed.

In: real notes with their vectors, and how many passages to make of them. Out: the figures. What a reader needs is
measured in a process of its own, which has read nothing before.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from assistant import machine
from assistant.answer import Scope, Vectors
from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import manifest
from assistant.index.database import key_of
from assistant.index.ingest import Ingested
from assistant.index.passages import embedded_text
from assistant.index.steps import in_steps
from assistant.index.store import EVERYWHERE, Change, Filed, Snapshot, Store
from assistant.index.stores import open_store
from assistant.index.update import update
from eval.measures.stats import percentile
from eval.questions.many import MixedEmbedding, mixtures, write_notes

_ASKED, _TOP, _TERMS, _COUNTED = 200, 50, 12, 10
"""Searches that are timed, passages that each asks for, terms of a keyword search, and passages that recall counts."""
_FOLDER = Scope(places=("0",))
"""The scope that is asked of: one edition of the real notes."""


def measure(real: Sequence[Ingested], vectors: Vectors, passages: int, settings: Settings) -> dict[str, Any]:
    """Return the figures of a store of so many passages, as the settings name it, over notes in `settings.notes`."""
    made = mixtures(vectors, passages)
    store = open_store(settings)
    began = time.perf_counter()
    filled = list(_fill(store, real, made, settings))
    figures: dict[str, Any] = {"passages": passages, "fill_seconds": time.perf_counter() - began}
    settings.index.parent.mkdir(exist_ok=True)
    np.save(_asked(settings), vectors)
    read = _read(settings)
    found = read.pop("found")
    figures |= read | {"recall@10": _recall(filled, made, vectors, found)}
    embed_model = MixedEmbedding(made)
    time.sleep(2.5)  # what was written just now is not taken for unchanged by its time
    update([settings.notes], settings, lambda: embed_model, store=store)
    report = update([settings.notes], settings, lambda: embed_model, store=store)
    figures |= {"files": len(report.unchanged), "unchanged_seconds": report.seconds}
    edited = [_changed(store, settings, embed_model, number) for number in range(3)]
    # The first one also loads what cuts and analyses text.
    return figures | {"edited_first_seconds": edited[0], "edited_seconds": min(edited[1:])}


def lines(figures: dict[str, Any]) -> list[str]:
    """Return the figures as text."""
    return [
        f"store of {figures['passages']:,} passages in {figures['files']:,} notes, filled in "
        f"{figures['fill_seconds']:.0f} s, {figures['disk_mb']:.0f} MB on disk here:",
        f"  opened for a question in {figures['open_seconds']:.2f} s (processor {figures['open_cpu']:.2f} s), "
        f"{figures['peak_mb']:.0f} MB at most",
        f"  warm search, {_TOP} of each leg: {figures['search_ms']:.1f} ms, p95 {figures['search_p95']:.1f} ms (dense "
        f"{figures['dense_ms']:.1f}, keyword {figures['sparse_ms']:.1f})",
        f"  in one folder: {figures['scoped_ms']:.1f} ms, p95 {figures['scoped_p95']:.1f} ms",
        f"  recall@10 beside an exact search: {figures['recall@10']:.3f}",
        f"  nothing new: {figures['unchanged_seconds']:.2f} s; one edited note found, a removed one not, after "
        f"{figures['edited_seconds']:.2f} s, the first one of a process {figures['edited_first_seconds']:.2f} s",
    ]


def _fill(store: Store, real: Sequence[Ingested], made: Vectors, settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Fill an empty store, in its steps, with notes that are written too; yield each passage's id and vector's key."""
    fingerprint, at = manifest.fingerprint(settings), 0
    weights = str(fingerprint["weights"])
    with store.writing() as writer:
        notes = write_notes(real, len(made), settings.notes)
        for step in in_steps(notes, lambda pair: len(pair[1]), writer.at_once(fingerprint)):
            added = [
                Filed(note, passages, [key_of(weights, embedded_text(passage)) for passage in passages])
                for note, passages in step
            ]
            keys = [key for filed in added for key in filed.keys]
            writer.put_vectors(keys, made[at : at + len(keys)])
            at += len(keys)
            writer.change(Change(added=added, fingerprint=fingerprint))
            yield from ((passage.id, key) for filed in added for key, passage in filed.pairs)
        writer.tidy()


def _recall(
    filled: Sequence[tuple[str, bytes]], made: Vectors, asked: Vectors, found: Sequence[Sequence[str]]
) -> float:
    """Return the share of what was found that is as near as the tenth of an exact search."""
    last = {key: at for at, (_, key) in enumerate(filled)}  # the same text twice has one vector, the later one
    rows = {id: last[key] for id, key in filled}
    repeated = np.bincount([last[key] for _, key in filled], minlength=len(made))
    shares: list[float] = []
    for question, ids in zip(asked, found, strict=False):
        near = made @ question
        bound = np.sort(np.repeat(near, repeated))[-_COUNTED:][0]
        shares.append(sum(near[rows[id]] >= bound - 1e-5 for id in ids) / min(_COUNTED, len(made)))
    return sum(shares) / len(shares)


def _changed(store: Store, settings: Settings, embed_model: MixedEmbedding, number: int) -> float:
    """Edit a note and remove another; return the seconds until the one is found and the other is not."""
    word = f"zyzzyva{number}"
    file, other = settings.notes / "0" / f"{number}.md", settings.notes / "0" / f"{number + 3}.md"
    file.write_text(f"{file.read_text(encoding='utf-8')}\n\nAnother line, {word}.\n", encoding="utf-8")
    other.unlink(missing_ok=True)
    gone = f"0/{number + 3}.md"
    began = time.perf_counter()
    update([settings.notes], settings, lambda: embed_model, store=store)
    now = store.snapshot()
    hits = now.get(hit.id for hit in now.sparse({word: 1.0}, 10))
    seconds = time.perf_counter() - began
    if [passage.source for passage in hits] != [f"0/{number}.md"] or now.of(gone):
        raise IndexUnusable(f"expected 0/{number}.md to be found and {gone} to be gone, found otherwise")
    return seconds


def _asked(settings: Settings) -> Path:
    return settings.index.parent / "asked.npy"


def _read(settings: Settings) -> dict[str, Any]:
    """Return the figures of a reader in a process of its own, which gets its settings by its environment."""
    names = ("index", "embedding", "store", "store_address", "store_token", "store_ca", "store_name")
    given = {f"ASSISTANT_{name.upper()}": str(value) for name in names if (value := getattr(settings, name))}
    command = [sys.executable, "-m", "eval.store_speed"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ | given)
    if done.returncode:
        raise IndexUnusable(f"reading the store failed: {done.stderr.strip()}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _reader(settings: Settings) -> dict[str, Any]:
    """Open a store and search it; return the figures, and the ids that dense searches found."""
    asked = np.load(_asked(settings))
    processor, began = time.process_time(), time.perf_counter()
    snapshot = open_store(settings).snapshot()
    snapshot.dense(asked[0], _TOP)
    figures: dict[str, Any] = {
        "open_seconds": time.perf_counter() - began,
        "open_cpu": time.process_time() - processor,
        "disk_mb": sum(file.stat().st_size for file in settings.index.rglob("*") if file.is_file()) / 1e6,
    }
    whole, part = _searched(snapshot, asked, EVERYWHERE), _searched(snapshot, asked, _FOLDER)
    figures |= {f"{leg}_ms": percentile(ms, 50) for leg, ms in whole.items()}
    for name, taken in (("search", whole), ("scoped", part)):
        both = [one + other for one, other in zip(*taken.values(), strict=True)]
        figures |= {f"{name}_ms": percentile(both, 50), f"{name}_p95": percentile(both, 95)}
    found = [[hit.id for hit in snapshot.dense(row, _COUNTED)] for row in asked[:_TOP]]
    return figures | {"peak_mb": machine.peak_memory() / 2**20, "found": found}


def _searched(snapshot: Snapshot, asked: Vectors, scope: Scope) -> dict[str, list[float]]:
    """Return the milliseconds of each search, for the legs."""
    chance = random.Random(0)
    held = snapshot.get(hit.id for hit in snapshot.dense(asked[0], 200))
    words = [sorted(set(passage.terms)) for passage in held]
    questions = [dict.fromkeys(chance.sample(some, min(_TERMS, len(some))), 1.0) for some in words]
    taken: dict[str, list[float]] = {"dense": [], "sparse": []}
    for number in range(_ASKED):
        question, row = questions[number % len(questions)], asked[number % len(asked)]
        taken["dense"].append(_ms(partial(snapshot.dense, row, _TOP, scope)))
        taken["sparse"].append(_ms(partial(snapshot.sparse, question, _TOP, scope)))
    return taken


def _ms(search: Callable[[], Iterable[object]]) -> float:
    began = time.perf_counter()
    search()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    print(json.dumps(_reader(Settings.read())))  # noqa: T201
