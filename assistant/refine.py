"""Cuts graded passages into strips and keeps those that bear on the question.

In: a question and graded passages. Out: strips with exact offsets. Decompose-then-recompose after Corrective RAG
(arXiv 2401.15884, section 4.4): strips of a few sentences, graded like passages, the top five above a bound kept, in
their original order. The paper's bound of -0.5 belongs to its own grader; ours is in docs/decisions.md. The best
passage's strips come last, next to the question, where models attend to them (The Power of Noise, arXiv 2401.14887).
"""

from collections.abc import Sequence

from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.answer import Strip
from assistant.graders import Grader
from assistant.language import sentences
from assistant.untrusted import blanked, seen

KEEP = 5
LOWEST = -0.95
PASSAGES = 4
"""Passages that are cut up; what the answer needs stands in the first few, and each strip costs an embedding."""
_SHORT = 30
"""A sentence of fewer characters joins its neighbour: alone it says too little to be judged or quoted."""


def refine(question: QueryBundle, graded: Sequence[NodeWithScore], grader: Grader) -> list[Strip]:
    """Return the kept strips, numbered from 1 in the order in which they should be read; best passage last."""
    strips = [(place, strip) for place, item in enumerate(graded[:PASSAGES]) for strip in _strips(item.node)]
    if not strips:
        return []
    grades = grader.grade(question, [seen(f"{s.title}\n{s.heading}\n\n{s.text}") for _, s in strips])
    ranked = sorted(zip(grades, strips, strict=True), key=lambda item: -item[0])
    kept = [item for item in ranked if item[0] > LOWEST][:KEEP] or ranked[:1]
    kept.sort(key=lambda item: (-item[1][0], item[1][1].start))
    return [
        Strip(**{**vars(strip), "relevance": grade, "number": number})
        for number, (grade, (_, strip)) in enumerate(kept, start=1)
    ]


def _strips(node: object) -> list[Strip]:
    """Cut a passage into sentences; `passage.start_char_idx` makes their offsets the note's."""
    assert isinstance(node, TextNode)
    spans: list[tuple[int, int]] = []
    for start, end in sentences(blanked(node.text)):
        # Between two sentences stands more than white space only where something is not to be read.
        if spans and spans[-1][1] - spans[-1][0] < _SHORT and not node.text[spans[-1][1] : start].strip():
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    base, meta = node.start_char_idx or 0, node.metadata
    return [
        Strip(
            meta["source"],
            meta["title"],
            meta["heading"],
            meta["url"],
            node.text[a:b],
            base + a,
            base + b,
            relevance=0,
        )
        for a, b in spans
    ]
