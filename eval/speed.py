"""How fast indexing and searching are: `python -m eval.speed [--json]`.

What is compared is measured in one run and in turns, because seconds of two runs do not compare. Notes and vectors in
the numbers that it takes are made from real ones (`eval.questions.many`).
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from assistant.answer import Vectors
from assistant.config import Settings
from assistant.errors import AssistantError, IndexUnusable
from assistant.index import vectors
from assistant.index.ingest import Ingested, ingest
from assistant.index.passages import embedded_text
from assistant.models import registry as models
from assistant.models.embedding import DEFAULT, PROMPTS, Embedder, build_embedding, embed_question, embed_texts
from assistant.notes import formats
from assistant.notes.files import NoteFile, Unread, find_notes, read
from eval import spread_speed, store_speed
from eval.measures.stats import percentile
from eval.questions.many import mixtures

_ROUNDS, _ROUND = 8, 32
"""Rounds in which our engine and the stock one take turns, and the texts that both embed in a round."""
_TOP, _POOL = 10, 50
"""Neighbours that recall counts, and neighbours asked for, as the dense leg asks."""
_ASKED = 200


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m eval.speed", description="Measure indexing and searching.")
    parser.add_argument("--beir", type=Path, metavar="DIR", help="texts of a BEIR-layout folder, not the shipped notes")
    parser.add_argument("--passages", type=int, default=100_000, metavar="N", help="of the index (default: 100000)")
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="*",
        default=(1_000, 10_000, 100_000, 1_000_000),
        metavar="N",
        help="vectors of a dense search (default: 1000 to a million)",
    )
    parser.add_argument(
        "--store",
        nargs="?",
        const="files",
        choices=("files", "milvus"),
        help="measure the store alone: files (default), or the Milvus server that the settings name",
    )
    parser.add_argument(
        "--workers",
        type=int,
        nargs="+",
        default=(),
        metavar="N",
        help="measure indexing by so many workers of Ray alone",
    )
    parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            if options.workers:
                figures = _spread(options.beir, options.passages, options.workers, Path(folder))
            else:
                figures = measure(options.beir, options.passages, options.sizes, Path(folder), options.store)
    except AssistantError as error:
        print(f"eval: {error}", file=sys.stderr)
        return 1
    print(json.dumps(figures) if options.json else "\n".join(_lines(figures)))
    return 0


def measure(beir: Path | None, passages: int, sizes: Sequence[int], folder: Path, store: str | None) -> dict[str, Any]:
    """Return the figures, or those of a `store` alone; `folder` takes notes and an index of so many passages."""
    settings = replace(Settings.read(), embedding=DEFAULT, llm="extractive")
    model = build_embedding(settings)
    notes = _shipped(settings) if beir is None else _beir(beir)
    texts = [embedded_text(passage) for note in notes for passage in note.passages]
    real = embed_texts(model, texts)
    made = replace(settings, notes=folder / "notes", index=folder / "index", store="")
    figures: dict[str, Any] = {"threads": settings.threads}
    if store == "milvus":
        made = replace(made, store=store, store_name=f"speed{secrets.token_hex(4)}")
    figures["store"] = store_speed.measure(notes, real, passages, made)
    if made.store == "milvus":
        _drop(made)
    _say("store done")
    if store:
        return figures
    figures["indexing"] = _indexing(model, settings, texts)
    _say("indexing done")
    from eval.questions.dataset import read_questions

    asked = [item.question for item in read_questions() if not item.history][:_ASKED]
    questions = np.stack([embed_question(model, question) for question in asked])
    figures["dense"] = {str(size): dense(mixtures(real, size), questions, settings.threads) for size in sizes}
    _say("dense search done")
    figures["warm_search_ms"] = _warm_search(made, model, asked)
    figures["unchanged"] = _unchanged(made, folder)
    figures["cold_search_seconds"] = _seconds(folder, "search", "BERT", "--index", str(made.index))[0]
    figures["idle_mb"] = _idle(made)
    return figures


def _spread(beir: Path | None, passages: int, workers: Sequence[int], folder: Path) -> dict[str, Any]:
    """Return the figures of indexing by workers of Ray."""
    settings = replace(Settings.read(), embedding=DEFAULT, notes=folder / "notes", index=folder / "index", store="")
    notes = _shipped(Settings.read()) if beir is None else _beir(beir)
    return {"workers": spread_speed.measure(notes, passages, workers, settings)}


def _drop(settings: Settings) -> None:
    """Leave nothing of a measured index in the server."""
    from assistant.index.milvus_client import Milvus

    server = Milvus(settings)
    for name in server.collections():
        if name.startswith(settings.store_name):
            server.drop(name)


def _shipped(settings: Settings) -> list[Ingested]:
    """Return the shipped notes, cut into passages."""
    files = [file for file in find_notes([settings.notes]) if isinstance(file, NoteFile)]
    return [ingest(document) for file in files if not isinstance(document := read(file), Unread)]


def _beir(folder: Path) -> list[Ingested]:
    from eval.questions.beir import read_objects

    texts = [f"# {item.get('title', '')}\n\n{item['text']}" for item in read_objects(folder / "corpus.jsonl")]
    return [ingest(formats.read(text.encode(), f"{number}.md")) for number, text in enumerate(texts)]


def _indexing(ours: Embedder, settings: Settings, texts: Sequence[str]) -> dict[str, float]:
    """Return texts per second of our engine and of LlamaIndex's own, in turns: same texts, weights and cores."""
    import torch
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    torch.set_num_threads(settings.threads)
    folder = models.locate(DEFAULT, settings)
    before_question, before_passage = PROMPTS[DEFAULT]
    stock = HuggingFaceEmbedding(
        str(folder), query_instruction=before_question, text_instruction=before_passage, device="cpu"
    )
    spread = [texts[at * len(texts) // (_ROUNDS * _ROUND)] for at in range(_ROUNDS * _ROUND)]
    engines: tuple[Callable[[list[str]], object], ...] = (
        lambda some: embed_texts(ours, some),
        stock.get_text_embedding_batch,
    )
    taken: list[list[float]] = [[], []]
    for number in range(_ROUNDS + 1):
        some = spread[number % _ROUNDS :: _ROUNDS]
        for which, engine in enumerate(engines):
            began = time.perf_counter()
            engine(some)
            if number:  # the first round warms both up
                taken[which].append((time.perf_counter() - began) / len(some))
    ratios = [stock / ours for ours, stock in zip(*taken, strict=True)]
    return {
        "passages_per_second": 1 / percentile(taken[0], 50),
        "stock_passages_per_second": 1 / percentile(taken[1], 50),
        "ratio": percentile(ratios, 50),
        "ratio_lowest": min(ratios),
        "ratio_highest": max(ratios),
    }


def dense(rows: Vectors, questions: Vectors, threads: int) -> dict[str, Any]:
    """Return how a search over so many vectors does beside an exact one; milliseconds are the median of a question."""
    began = time.perf_counter()
    built = vectors.build(rows, threads)
    seconds = time.perf_counter() - began
    exact, exact_ms = _searched(vectors.build(rows, threads, exact_up_to=len(rows)), questions)
    near, ms = _searched(built, questions)
    shared = [len({*a[:_TOP]} & {*b[:_TOP]}) / _TOP for a, b in zip(near, exact, strict=True)]
    kind = type(built.engine).__name__
    recall = sum(shared) / len(shared)
    return {"kind": kind, "build_seconds": seconds, "ms": ms, "exact_ms": exact_ms, "recall@10": recall}


def _searched(held: vectors.Nearest, questions: Vectors) -> tuple[list[list[int]], float]:
    near, taken = [], []
    for question in questions:
        began = time.perf_counter()
        places, _ = held.search(question, _POOL)
        taken.append(1000 * (time.perf_counter() - began))
        near.append(places.tolist())
    return near, percentile(taken, 50)


def _warm_search(settings: Settings, model: Embedder, questions: Sequence[str]) -> dict[str, float]:
    """Time searches for questions that were not asked before, so that nothing of them is remembered."""
    from assistant import Assistant

    assistant = Assistant(settings, embed_model=model)
    assistant.warm_up()
    taken = []
    for question in questions:
        began = time.perf_counter()
        assistant.search(question)
        taken.append(1000 * (time.perf_counter() - began))
    return {"p50": percentile(taken, 50), "p95": percentile(taken, 95), "questions": len(taken)}


def _unchanged(settings: Settings, folder: Path) -> dict[str, float]:
    """Index once more what did not change: seconds of the command, and of its run without the start."""
    seconds, said = _seconds(folder, "index", str(settings.notes), "--index", str(settings.index), "--json")
    report = json.loads(said)
    if report["indexed"] or report["removed"]:
        raise IndexUnusable(f"expected unchanged notes, found {len(report['indexed'])} new; set no ASSISTANT_EMBEDDING")
    return {"command_seconds": seconds, "run_seconds": report["seconds"], "files": len(report["unchanged"])}


def _seconds(folder: Path, *arguments: str) -> tuple[float, str]:
    """Return how long a command takes, its modules compiled as they are after the first use, and its stdout."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    for _ in range(2):
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "assistant", *arguments],
            check=False,
            capture_output=True,
            text=True,
            env=environment,
        )
        if done.returncode:
            raise IndexUnusable(f"assistant {arguments[0]} failed: {done.stderr.strip()}")
    return time.perf_counter() - began, done.stdout


def _idle(settings: Settings) -> float:
    """Return the memory in MB that a ready assistant holds in a process of its own, without a language model."""
    said = (
        "import sys\nfrom pathlib import Path\nfrom assistant import Assistant, Settings\n"
        "Assistant.open(Settings(index=Path(sys.argv[1]), llm='extractive')).warm_up()\n"
        "print('ready', flush=True)\nsys.stdin.read()"
    )
    command = [sys.executable, "-c", said, str(settings.index)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        held = psutil.Process(child.pid).memory_info().rss
        child.communicate()
    return float(held / 2**20)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _lines(figures: dict[str, Any]) -> list[str]:
    """Return the figures as text."""
    if "workers" in figures:
        return spread_speed.lines(figures["workers"])
    said = store_speed.lines(figures["store"])
    if "indexing" not in figures:
        return said
    speed, warm, unchanged = figures["indexing"], figures["warm_search_ms"], figures["unchanged"]
    said += [
        f"indexing: {speed['passages_per_second']:.1f} passages/s, stock {speed['stock_passages_per_second']:.1f}, "
        f"ratio {speed['ratio']:.2f} [{speed['ratio_lowest']:.2f}-{speed['ratio_highest']:.2f}]",
        f"the assistant over them, {figures['threads']} threads:",
        f"  warm search {warm['p50']:.1f} ms, p95 {warm['p95']:.1f} ms ({warm['questions']} questions)",
        f"  unchanged ({unchanged['files']:,} files) {unchanged['command_seconds']:.2f} s with the start, "
        f"{unchanged['run_seconds']:.2f} s without",
        f"  cold search {figures['cold_search_seconds']:.2f} s",
        f"  idle {figures['idle_mb']:.0f} MB",
    ]
    for size, dense in figures["dense"].items():
        said.append(
            f"dense search over {int(size):,} vectors ({dense['kind']}): {dense['ms']:.2f} ms, exact "
            f"{dense['exact_ms']:.2f} ms, recall@10 {dense['recall@10']:.3f}, built in {dense['build_seconds']:.1f} s"
        )
    return said


if __name__ == "__main__":
    sys.exit(main())
