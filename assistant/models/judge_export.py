"""Exports the judge to OpenVINO when it is first used.

In: the folder of multilingual-e5-small and the learned weights. Out: an OpenVINO model with fp16 weights, which maps
word vectors and places to logits (`assistant.models.judge_graph`).
"""

import hashlib
from pathlib import Path

LEARNED = Path(__file__).with_name("judge.safetensors")
HELPS, SUPPORTS, SENTENCES = 0, 1, 2
"""Logits of a reading: the text helps with the question, it bears the statement out, and from there on: its sentences
answer the question."""


def export_name(learned: Path = LEARNED) -> str:
    """Return the export's name, which contains a digest of the learned weights."""
    return f"judge-{hashlib.sha256(learned.read_bytes()).hexdigest()[:12]}"


def convert(folder: Path, file: Path, learned: Path = LEARNED) -> None:
    """Write the exported judge over the encoder in `folder` to `file`, and its weights beside it."""
    from assistant.models.judge_graph import judge
    from assistant.models.layers import opened, read_json, save

    with opened(folder / "model.safetensors") as encoder, opened(learned) as taught:
        logits, inputs = judge(encoder, taught, read_json(folder / "config.json"))
    save(logits, inputs, file)
