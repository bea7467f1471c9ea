"""Questions of public sets whose passages the reader did not learn from, each with the passages nearest to it.

In: the folder of sets. Out: cases from SQuAD 2.0, in English, and TyDi QA, in Korean, with and without an answer;
nothing that the NoMIRACL files hold. The scale of confidence is fitted on them beside our own questions, for one set of
notes alone says little about others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import QueryBundle, TextNode

from assistant.config import Settings
from assistant.index import Index
from assistant.language import Language, detect
from assistant.retrieve import HybridRetriever
from eval.beir import BeirSet, open_set, read_objects
from eval.reading_example import held_out
from eval.reading_sets import text_key, unseen_texts

PASSAGES = 10
_EVERY = 5
"""Of SQuAD's questions one in so many is taken: it has that many more."""


@dataclass(frozen=True)
class Case:
    """A question with the passages to judge; `relevant` tells of each whether it holds the answer."""

    question: str
    language: Language
    index: Index
    passages: list[TextNode]
    relevant: list[bool]
    answerable: bool


def cases(data: Path, settings: Settings, model: BaseEmbedding) -> Iterator[Case]:
    """Yield the cases of both sets in a fixed order."""
    squad = open_set(data / "beir" / "squad2-en", settings, model, lambda done, total: None)
    asked_of = [
        query
        for query in read_objects(data / "beir" / "squad2-en" / "queries.jsonl")
        if held_out(query["metadata"]["source_passage"])
    ]
    for query in asked_of[::_EVERY]:
        source, answerable = query["metadata"]["source_passage"], query["metadata"]["answerable"]
        near = _near(query["text"], squad, model)
        own = [node for node in near if node.node_id == source] or [squad.index.passages[squad.index.rows[source]]]
        passages = [*own, *(node for node in near if node.node_id != source)]
        yield _case(query["text"], squad, passages, {source} if answerable else set())
    tydi = open_set(data / "beir" / "tydi-ko", settings, model, lambda done, total: None)
    unseen = unseen_texts(data)
    for asked in tydi.queries:
        if text_key(asked.text) not in unseen and any(map(held_out, asked.relevant)):
            near = [node for node in _near(asked.text, tydi, model) if text_key(node.text) not in unseen]
            gold = [tydi.index.passages[tydi.index.rows[id]] for id in asked.relevant if id in tydi.index.rows]
            if any(text_key(node.text) in unseen for node in gold):
                continue
            rest = [node for node in near if node.node_id not in asked.relevant]
            yield _case(asked.text, tydi, [*gold, *rest], set(asked.relevant))
            yield _case(asked.text, tydi, rest, set())


def _near(question: str, found: BeirSet, model: BaseEmbedding) -> list[TextNode]:
    nodes = HybridRetriever(found.index, model, 2 * PASSAGES).retrieve(QueryBundle(question))
    return [item.node for item in nodes if isinstance(item.node, TextNode)]


def _case(question: str, found: BeirSet, passages: Sequence[TextNode], relevant: set[str]) -> Case:
    few = list(passages[:PASSAGES])
    return Case(
        question, detect(question), found.index, few, [node.node_id in relevant for node in few], bool(relevant)
    )
