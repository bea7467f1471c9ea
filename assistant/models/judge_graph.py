"""Builds the judge as OpenVINO's operations; `eval.training.judge_module` is the same in torch, to teach it.

In: the weights of multilingual-e5-small, and what was learned. Out: a graph that maps word vectors and places to
logits. It reads a text once for many questions or statements, the asks: the text's tokens see only one another, an
ask's tokens see their own and, in the upper half of the layers, those of the text (MacAvaney et al., "PreTTR", SIGIR
2020; Gao et al., "MORES", EMNLP 2020).
"""

import numpy as np
from openvino import opset13 as ops

from assistant.models.encoders import Config, bert_embeddings, bert_layer
from assistant.models.layers import Node, Weights, counted, length, linear, number, rows, unit

UNSEEN = -1e4
"""Added to what a token does not see."""
ACROSS = -2.0
"""Added to what an ask's tokens see of the text: it is ten times as long, and would drown them."""
LEAST = -1e3
"""What counts where there is nothing to take the greatest value of."""


def judge(encoder: Weights, taught: Weights, config: Config) -> tuple[Node, dict[str, Node]]:
    """Return logits, shape (texts, asks, 2 + sentences), as `assistant.models.judge_export` names them; and the inputs.

    The inputs are the arrays of `assistant.models.judge.stacked`, with word vectors in place of ids.
    """
    inputs = {"vectors": ops.parameter([-1, -1, config["hidden_size"]], np.float32)}
    inputs |= {name: ops.parameter([-1, -1], np.int64) for name in ("marks", "owners", "places")}
    inputs |= {name: ops.parameter([-1, -1, 2], np.int64) for name in ("sentences", "asks")}
    owners, half = inputs["owners"], config["num_hidden_layers"] // 2
    own = ops.equal(ops.unsqueeze(owners, [1, 3]), ops.unsqueeze(owners, [1, 2]))
    text = ops.equal(owners, np.int64(0))
    alone = ops.select(own, number(0), number(UNSEEN))
    across = ops.select(own, number(0), ops.select(ops.unsqueeze(text, [1, 2]), number(ACROSS), number(UNSEEN)))
    states = bert_embeddings(inputs["vectors"], inputs["places"], encoder, config)
    for layer in range(half):
        states = bert_layer(states, alone, encoder.below(f"encoder.layer.{layer}"), config)
    states = states + rows(taught["marks.weight"], inputs["marks"])
    for layer in range(config["num_hidden_layers"] - half):
        states = bert_layer(states, across, taught.below(f"upper.{layer}"), config)
    return _logits(states, text, inputs["sentences"], inputs["asks"], taught), inputs


def _logits(states: Node, text: Node, sentences: Node, asks: Node, taught: Weights) -> Node:
    """Compare each ask's mean state with the mean states of the text and of its sentences, and their tokens.

    A sentence counts by its mean and by the token that the ask points to; a text by its mean, by its best sentences,
    and by the ask's token that finds least in it: one missing name is enough.
    """
    inside, asking = _inside(sentences, states), _inside(asks, states)
    asked, told = _means(asking, states), _means(inside, states)
    whole = _means(ops.unsqueeze(text, 1), states)
    aimed = _stacked([_products(linear(asked, taught.below(f"points.{kind}")), states) for kind in (0, 1)])
    found = _mixed(asked, told, taught.below("sentences"))
    found = found + _greatest(ops.unsqueeze(aimed, 2), ops.unsqueeze(inside, [1, 4]), 3)
    missing = _greatest(ops.unsqueeze(linear(states, taught.below("misses")), 1), ops.unsqueeze(asking, 3), 2)
    texts = ops.squeeze(_mixed(asked, whole, taught.below("texts")), 2)
    texts = texts + _best(found, inside) * taught["best"] - missing
    return ops.concat([texts, ops.gather(found, ops.constant(0), ops.constant(3))], 2)


def _inside(spans: Node, states: Node) -> Node:
    """Tell which tokens stand in each span, shape (texts, spans, tokens)."""
    at = counted(length(states, 1))
    starts, ends = ops.split(spans, 2, 2).outputs()
    return ops.logical_and(ops.greater_equal(at, starts), ops.less(at, ends))


def _means(inside: Node, states: Node) -> Node:
    """Return the mean state of the tokens in each span, as a unit vector; zeros for an empty span."""
    counts = ops.convert(inside, "f32")
    shares = counts / ops.maximum(ops.reduce_sum(counts, [2], True), number(1))
    return unit(ops.matmul(shares, states, False, False))


def _products(some: Node, others: Node) -> Node:
    """Return the products of each of some vectors with each of the others, shape (texts, some, others)."""
    return ops.matmul(some, others, False, True)


def _stacked(nodes: list[Node]) -> Node:
    return ops.concat([ops.unsqueeze(node, 3) for node in nodes], 3)


def _mixed(asked: Node, told: Node, head: Weights) -> Node:
    """Return a head's two values of each pair of means: of their product and of each, all weighing alike."""
    of_product, of_told, of_asked = np.split(head["weight"], 3, axis=1)
    product = _stacked([_products(asked * own, told) for own in of_product]) * number(of_product.shape[1] ** 0.5)
    from_told, from_asked = _products(told, ops.constant(4 * of_told)), _products(asked, ops.constant(4 * of_asked))
    return product + ops.unsqueeze(from_told, 1) + ops.unsqueeze(from_asked, 2) + head["bias"]


def _greatest(values: Node, where: Node, axis: int) -> Node:
    """Return the greatest of the values along an axis, of those that count."""
    return ops.maximum(ops.reduce_max(ops.select(where, values, number(UNSEEN)), [axis]), number(LEAST))


def _best(found: Node, inside: Node) -> Node:
    """Return the logarithm of the sum of the sentences' exponentials; 0 for a text without sentences."""
    there = ops.unsqueeze(ops.reduce_logical_or(inside, [2]), [1, 3])
    found = ops.select(there, found, number(LEAST))
    top = ops.reduce_max(found, [2], True)
    summed = ops.squeeze(top, 2) + ops.log(ops.reduce_sum(ops.exp(found - top), [2]))
    return ops.select(ops.reduce_logical_or(there, [2]), summed, number(0))
