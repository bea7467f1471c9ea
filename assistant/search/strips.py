"""Cuts passages into strips: the pieces that are read against the question, kept or dropped, and cited.

In: a passage. Out: strips with exact offsets into the note (the decomposition of Corrective RAG, arXiv 2401.15884,
section 4.4).
"""

from llama_index.core.schema import BaseNode, TextNode

from assistant.answer import Strip
from assistant.index.passages import offsets
from assistant.text.language import sentences
from assistant.text.untrusted import blanked, headed

_SHORT = 30
"""A sentence of fewer characters joins its neighbour: alone it says too little to be judged or quoted."""


def cut(node: BaseNode) -> list[Strip]:
    """Return the passage's strips in order, not yet graded; `note[start:end] == text` for each."""
    assert isinstance(node, TextNode)
    spans: list[tuple[int, int]] = []
    for start, end in sentences(blanked(node.text)):
        # Between two sentences stands more than white space only where something is not to be read.
        if spans and spans[-1][1] - spans[-1][0] < _SHORT and not node.text[spans[-1][1] : start].strip():
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    base, meta = offsets(node)[0], node.metadata
    where = (meta["source"], meta["title"], meta["heading"], meta["url"])
    return [Strip(*where, node.text[start:end], base + start, base + end, relevance=0) for start, end in spans]


def shown(strip: Strip) -> str:
    """Return a strip as it is read: where it stands, then its words, without what is not to be read."""
    return headed(strip.title, strip.heading, strip.text)
