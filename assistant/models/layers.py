"""Builds the layers of an encoder as OpenVINO's operations, so that no other framework is needed to run it.

In: nodes of a graph, and the weights of a safetensors file. Out: nodes of the same graph. States have the shape
(texts, tokens, width); a mask tells which tokens a token sees, with shape (texts or 1, 1, tokens, tokens).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from openvino import opset13 as ops

Node = Any
"""OpenVINO's node; its classes have no types."""
Values = npt.NDArray[np.float32]


class Weights:
    """Weights by their names below a prefix; each is read when it is asked for."""

    def __init__(self, read: Callable[[str], npt.NDArray[Any]], names: frozenset[str], prefix: str = "") -> None:
        self._read, self._names, self._prefix = read, names, prefix

    def below(self, prefix: str) -> "Weights":
        """Return the weights below a longer prefix: `below("layer.0")` holds `layer.0.bias` as `bias`."""
        return Weights(self._read, self._names, f"{self._prefix}{prefix}.")

    def __contains__(self, name: str) -> bool:
        return self._prefix + name in self._names

    def __getitem__(self, name: str) -> Values:
        return np.asarray(self._read(self._prefix + name), np.float32)


@contextmanager
def opened(file: Path) -> Iterator[Weights]:
    """Give the weights of a safetensors file."""
    from safetensors import safe_open

    with safe_open(file, "numpy") as tensors:
        yield Weights(tensors.get_tensor, frozenset(tensors.keys()))


def read_json(file: Path) -> Any:
    """Return what a model's JSON file holds."""
    return json.loads(file.read_text(encoding="utf-8"))


def save(result: Node, inputs: Mapping[str, Node], file: Path) -> None:
    """Write the graph that leads from the inputs to the result to `file`, and its weights as fp16 beside it."""
    import openvino

    for name, node in inputs.items():
        node.output(0).set_names({name})
    openvino.save_model(openvino.Model([result], list(inputs.values())), file, compress_to_fp16=True)


def number(value: float) -> Node:
    """Return a constant; OpenVINO's own guess would make some of them whole numbers."""
    return ops.constant(np.array(value, np.float32))


def linear(states: Node, own: Weights) -> Node:
    """Return states · weightᵀ, plus the bias if there is one."""
    product = ops.matmul(states, ops.constant(own["weight"]), False, True)
    return product + own["bias"] if "bias" in own else product


def layer_norm(states: Node, own: Weights, epsilon: float) -> Node:
    """Return the states with mean 0 and variance 1, scaled and moved."""
    return ops.mvn(states, ops.constant([-1]), True, epsilon, "inside_sqrt") * own["weight"] + own["bias"]


def rms_norm(states: Node, own: Weights, epsilon: float) -> Node:
    """Return the states with mean square 1, scaled by 1 + weight."""
    squares = ops.reduce_mean(ops.power(states, number(2)), [-1], True)
    return states * ops.power(ops.sqrt(squares + number(epsilon)), number(-1)) * (1 + own["weight"])


def parted(states: Node, width: int) -> Node:
    """Return the states as heads of that width, shape (texts, heads, tokens, width)."""
    return ops.transpose(ops.reshape(states, [0, 0, -1, width], True), [0, 2, 1, 3])


def attention(query: Node, key: Node, value: Node, seen: Node, scale: float) -> Node:
    """Return what each token takes from those it sees; query, key and value are parted into heads."""
    mixed = ops.scaled_dot_product_attention(query, key, value, seen, number(scale))
    return ops.reshape(ops.transpose(mixed, [0, 2, 1, 3]), [0, 0, -1], True)


def rows(table: Values, places: Node) -> Node:
    """Return the rows of a table that stand at the places."""
    return ops.gather(ops.constant(table), places, 0)


def length(array: Node, axis: int) -> Node:
    """Return the length of an axis, a scalar."""
    return ops.gather(ops.shape_of(array), ops.constant(axis), 0)


def counted(stop: Node) -> Node:
    """Return 0, 1, … up to the number before `stop`."""
    return ops.range(ops.constant(0), stop, ops.constant(1), "i64")


def unit(vectors: Node) -> Node:
    """Return the vectors scaled to length 1."""
    return vectors / ops.maximum(ops.reduce_l2(vectors, [-1], True), number(1e-12))
