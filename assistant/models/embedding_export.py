"""Exports a sentence-transformers folder of the registry to OpenVINO when the model is first used.

In: the folder. Out: an OpenVINO model with fp16 weights, which maps token ids and mask to vectors.
"""

from pathlib import Path

EXPORTED = "openvino"


def convert(folder: Path, file: Path) -> None:
    """Write the exported model of a sentence-transformers folder to `file`, and its weights beside it.

    The folder's modules are an encoder, the mean over the tokens, any number of matrices, and unit length.
    """
    import numpy as np
    from openvino import opset13 as ops

    from assistant.models import encoders
    from assistant.models.layers import linear, number, opened, read_json, save, unit

    config = read_json(folder / "config.json")
    encoder = {"bert": encoders.bert, "gemma3_text": encoders.gemma}[config["model_type"]]
    ids, mask = (ops.parameter([-1, -1], np.int64) for _ in range(2))
    with opened(folder / "model.safetensors") as weights:
        states = encoder(ids, mask, weights, config)
    real = ops.unsqueeze(ops.convert(mask, "f32"), 2)
    vectors = ops.reduce_sum(states * real, [1]) / ops.maximum(ops.reduce_sum(real, [1]), number(1e-9))
    for module in read_json(folder / "modules.json"):
        if module["type"].endswith(".Dense"):
            with opened(folder / module["path"] / "model.safetensors") as weights:
                vectors = linear(vectors, weights.below("linear"))
    save(unit(vectors), {"input_ids": ids, "attention_mask": mask}, file)
