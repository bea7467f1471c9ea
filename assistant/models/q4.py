"""Q4_0, llama.cpp's format for weights of four bits each, in blocks of 32 that share a scale.

A block is an fp16 scale and 16 bytes; byte j holds weight j in its low and weight j + 16 in its high nibble, and
weight = (nibble - 8) * scale.
"""

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float32]
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_WIDTH = 32


def dequantised(raw: memoryview) -> Weights:
    """Return the weights of whole blocks, in one row."""
    blocks = np.frombuffer(raw, _BLOCK)
    nibbles = blocks["nibbles"]
    weights = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32) - 8
    return (weights * blocks["scale"].astype(np.float32)[:, None]).ravel()


def rounded(weights: Weights) -> Weights:
    """Return the weights after rounding to Q4_0, in the same shape; their number must be a multiple of 32.

    The weight of a block that is farthest from 0 becomes nibble 0, which is -8 times the scale. Rounding a second time
    changes nothing.
    """
    blocks = weights.reshape(-1, _WIDTH)
    farthest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)
    scale = farthest / np.float32(-8)
    inverse = np.divide(np.float32(1), scale, out=np.zeros_like(scale), where=scale != 0)
    nibbles = np.minimum(15, (blocks * inverse + np.float32(8.5)).astype(np.int8))
    return np.asarray((nibbles - np.float32(8)) * scale.astype(np.float16).astype(np.float32)).reshape(weights.shape)
