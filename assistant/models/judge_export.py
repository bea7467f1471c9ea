"""Exports the judge to OpenVINO when it is first used; only this step needs torch.

In: the folder of multilingual-e5-small and the learned weights. Out: an OpenVINO model with fp16 weights, which maps
word vectors and places to logits.
"""

import hashlib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from assistant.models.judge_module import Module

LEARNED = Path(__file__).with_name("judge.safetensors")
HELPS, SUPPORTS, SENTENCES = 0, 1, 2
"""Logits of a reading: the text helps with the question, it bears the statement out, and from there on: its sentences
answer the question."""


def export_name(learned: Path = LEARNED) -> str:
    """Return the export's name, which contains a digest of the learned weights."""
    return f"judge-{hashlib.sha256(learned.read_bytes()).hexdigest()[:12]}"


def convert(folder: Path, file: Path, learned: Path = LEARNED) -> None:
    """Write the exported judge over the encoder in `folder` to `file`, and its weights beside it."""
    import openvino
    import torch
    from safetensors.torch import load_file

    judge = build(folder, load_file(learned)).eval()
    owners, places = torch.tensor([[0, 0, 0, 0, 0, 1, 1, 1]] * 2), torch.arange(8).repeat(2, 1)
    spans = {"sentences": torch.tensor([[[1, 3], [3, 5]]] * 2), "asks": torch.tensor([[[5, 8]]] * 2)}
    example = {"vectors": torch.zeros(2, 8, judge.width), "marks": owners, "owners": owners, "places": places, **spans}
    with warnings.catch_warnings():  # tracing warns of each shape that it reads; the tests compare the outcome
        warnings.simplefilter("ignore")
        converted = openvino.convert_model(judge, example_input=example)
    openvino.save_model(converted, file, compress_to_fp16=True)


def build(folder: Path, learned: "Mapping[str, torch.Tensor]") -> "Module":
    """Return the judge as a torch module with the learned weights."""
    from assistant.models.judge_module import Module

    judge = Module(folder)
    judge.load_state_dict({name: value.float() for name, value in learned.items()}, strict=False)
    return judge
