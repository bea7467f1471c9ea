"""Builds the encoders that the registry knows, BERT and EmbeddingGemma, as OpenVINO's operations.

In: token ids and mask as nodes, the weights of a folder, and its `config.json`. Out: the tokens' states as a node. The
names of weights and settings are those of the model's own folder.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from openvino import opset13 as ops

from assistant.models.layers import (
    Node,
    Weights,
    attention,
    counted,
    layer_norm,
    length,
    linear,
    number,
    parted,
    rms_norm,
    rows,
)

Config = Mapping[str, Any]


def bert(ids: Node, mask: Node, weights: Weights, config: Config) -> Node:
    """Return the states of BERT's last layer; every token sees all that are no padding."""
    places = ops.unsqueeze(counted(length(ids, 1)), 0)
    vectors = rows(weights["embeddings.word_embeddings.weight"], ids)
    states = bert_embeddings(vectors, places, weights, config)
    seen = ops.unsqueeze(ops.greater(mask, np.int64(0)), [1, 2])
    for layer in range(config["num_hidden_layers"]):
        states = bert_layer(states, seen, weights.below(f"encoder.layer.{layer}"), config)
    return states


def bert_embeddings(vectors: Node, places: Node, weights: Weights, config: Config) -> Node:
    """Return what BERT's first layer reads: word vectors, with each token's place in its text."""
    own = weights.below("embeddings")
    vectors = vectors + own["token_type_embeddings.weight"][0]
    vectors = vectors + rows(own["position_embeddings.weight"], places)
    return layer_norm(vectors, own.below("LayerNorm"), config["layer_norm_eps"])


def bert_layer(states: Node, seen: Node, own: Weights, config: Config) -> Node:
    """Return what one layer of BERT makes of the states."""
    width = config["hidden_size"] // config["num_attention_heads"]
    query, key, value = (
        parted(linear(states, own.below(f"attention.self.{part}")), width) for part in ("query", "key", "value")
    )
    mixed = linear(attention(query, key, value, seen, width**-0.5), own.below("attention.output.dense"))
    states = layer_norm(mixed + states, own.below("attention.output.LayerNorm"), config["layer_norm_eps"])
    inner = ops.gelu(linear(states, own.below("intermediate.dense")), "erf")
    outer = linear(inner, own.below("output.dense"))
    return layer_norm(outer + states, own.below("output.LayerNorm"), config["layer_norm_eps"])


def gemma(ids: Node, mask: Node, weights: Weights, config: Config) -> Node:
    """Return the states of EmbeddingGemma's last layer; in most layers a token sees only those near it."""
    place = counted(length(ids, 1))
    apart = ops.abs(ops.unsqueeze(place, 1) - ops.unsqueeze(place, 0))
    real = ops.unsqueeze(ops.greater(mask, np.int64(0)), [1, 2])
    near = ops.less_equal(apart, np.int64(config["sliding_window"] // 2))
    # Padding far from any token sees itself; seeing nothing gives NaN, which would spread.
    itself = ops.equal(apart, np.int64(0))
    kinds = {
        "full_attention": (ops.logical_or(real, itself), _turns(place, config["rope_theta"], config)),
        "sliding_attention": (
            ops.logical_or(ops.logical_and(real, near), itself),
            _turns(place, config["rope_local_base_freq"], config),
        ),
    }
    states = rows(weights["embed_tokens.weight"], ids) * number(config["hidden_size"] ** 0.5)
    for layer, kind in enumerate(config["layer_types"]):
        states = _gemma_layer(states, *kinds[kind], weights.below(f"layers.{layer}"), config)
    return rms_norm(states, weights.below("norm"), config["rms_norm_eps"])


def _gemma_layer(states: Node, seen: Node, turns: tuple[Node, Node], own: Weights, config: Config) -> Node:
    def norm(x: Node, name: str) -> Node:
        return rms_norm(x, own.below(name), config["rms_norm_eps"])

    def asked(part: str) -> Node:
        return parted(linear(read, own.below(f"self_attn.{part}_proj")), config["head_dim"])

    read = norm(states, "input_layernorm")
    query, key = (_turned(norm(asked(part), f"self_attn.{part}_norm"), turns) for part in "qk")
    # Several heads of the query share one of key and value.
    groups = config["num_attention_heads"] // config["num_key_value_heads"]
    key, value = (_repeated(heads, groups) for heads in (key, asked("v")))
    mixed = attention(query, key, value, seen, config["query_pre_attn_scalar"] ** -0.5)
    states = states + norm(linear(mixed, own.below("self_attn.o_proj")), "post_attention_layernorm")
    read = norm(states, "pre_feedforward_layernorm")
    inner = ops.gelu(linear(read, own.below("mlp.gate_proj")), "tanh") * linear(read, own.below("mlp.up_proj"))
    return states + norm(linear(inner, own.below("mlp.down_proj")), "post_feedforward_layernorm")


def _turns(place: Node, base: float, config: Config) -> tuple[Node, Node]:
    """Return cosine and sine of the angles by which each place turns a head's vector, shape (tokens, width).

    They are looked up: computed where the processor rounds to bf16, an angle of a thousand would be off by several.
    """
    half = np.arange(0, config["head_dim"], 2) / config["head_dim"]
    angles = np.outer(np.arange(config["max_position_embeddings"]), np.tile(base**-half, 2))
    cosine, sine = (turn.astype(np.float32) for turn in (np.cos(angles), np.sin(angles)))
    return rows(cosine, place), rows(sine, place)


def _turned(heads: Node, turns: tuple[Node, Node]) -> Node:
    """Return query or key with each vector turned by its place (RoPE, Su et al., arXiv 2104.09864)."""
    cosine, sine = turns
    first, second = ops.split(heads, -1, 2).outputs()
    return heads * cosine + ops.concat([ops.negative(second), first], -1) * sine


def _repeated(heads: Node, times: int) -> Node:
    """Return each head several times in a row."""
    return ops.gather(heads, np.repeat(np.arange(heads.get_output_partial_shape(0)[1].get_length()), times), 1)
