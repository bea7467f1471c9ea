"""A whole E5S1 file of a few kilobytes, written from the layout's description and not with the code under test."""

import struct
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

HIDDEN, FEED_FORWARD, VOCABULARY, POSITIONS, TYPES = 32, 64, 14, 16, 2
BOS, PAD, EOS, UNKNOWN = 0, 1, 2, 3
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁tea", "▁water", "▁녹차", "는", "▁is", "▁i", "s"]
SCORES = [0.0, 0.0, 0.0, 0.0, -6.0, -2.0, -2.5, -3.0, -1.5, -2.0, -5.0, -5.0]
Floats = npt.NDArray[np.float32]


@dataclass
class TinyE5:
    """The bytes of the file and the tensors that it holds, by their names in the file."""

    data: bytes = b""
    tensors: dict[str, Floats] = field(default_factory=dict)


def q4_0(values: Floats, scale: float) -> bytes:
    """Quantise values that are whole multiples of the scale, from -8 to 7 of it."""
    written = b""
    for block in values.reshape(-1, 32):
        nibbles = (block / scale).astype(int) + 8
        written += np.float16(scale).tobytes()
        written += bytes(int(nibbles[at] | nibbles[at + 16] << 4) for at in range(16))
    return written


def build() -> TinyE5:
    made = TinyE5()
    random = np.random.default_rng(7)
    table: list[tuple[str, int, int, bytes]] = []

    def matrix(name: str, rows: int, columns: int) -> None:
        scale = float(random.choice([0.125, 0.25, 0.5]))
        values = (random.integers(-8, 8, (rows, columns)) * scale).astype(np.float32)
        made.tensors[name] = values
        table.append((name, 1, values.size, q4_0(values, scale)))

    def plain(name: str, *shape: int) -> None:
        values = random.normal(size=shape).astype(np.float32)
        made.tensors[name] = values
        table.append((name, 0, values.size, values.tobytes()))

    matrix("emb.word", VOCABULARY, HIDDEN)
    plain("emb.pos", POSITIONS, HIDDEN)
    plain("emb.type", TYPES, HIDDEN)
    plain("emb.ln.w", HIDDEN)
    plain("emb.ln.b", HIDDEN)
    for part in ("q", "k", "v", "ao"):
        matrix(f"l0.{part}.w", HIDDEN, HIDDEN)
        plain(f"l0.{part}.b", HIDDEN)
    matrix("l0.fi.w", FEED_FORWARD, HIDDEN)
    plain("l0.fi.b", FEED_FORWARD)
    matrix("l0.fo.w", HIDDEN, FEED_FORWARD)
    plain("l0.fo.b", HIDDEN)
    for norm in ("aln", "oln"):
        plain(f"l0.{norm}.w", HIDDEN)
        plain(f"l0.{norm}.b", HIDDEN)

    blob = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, blob)])
    head = b"E5S1" + struct.pack("<I", 1)
    head += struct.pack("<7i", HIDDEN, 1, 2, FEED_FORWARD, VOCABULARY, POSITIONS, TYPES)
    head += struct.pack("<fi", 1e-12, 32)
    head += struct.pack("<5i", len(PIECES), BOS, EOS, PAD, UNKNOWN)
    head += struct.pack("<Q", sum(map(len, blob)))
    head += struct.pack(f"<{len(offsets)}I", *offsets) + struct.pack(f"<{len(SCORES)}f", *SCORES) + b"".join(blob)
    head += struct.pack("<iI", 0, 5) + b"chars"
    head += struct.pack("<i", len(table))
    at = len(head) + sum(2 + len(name.encode()) + struct.calcsize("<BIQQ") for name, *_ in table)
    body = b""
    for name, kind, count, raw in table:
        head += struct.pack("<H", len(name.encode())) + name.encode()
        head += struct.pack("<BIQQ", kind, count, at + len(body), len(raw))
        body += raw
    made.data = head + body
    return made
