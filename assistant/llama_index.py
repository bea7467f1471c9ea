"""Adapters to LlamaIndex: retriever, postprocessor and embedding model for use in another LlamaIndex application.

    from assistant import Assistant
    from assistant.llama_index import NotesEmbedding, NotesRetriever, RelevancePostprocessor

    assistant = Assistant.open()
    engine = RetrieverQueryEngine.from_args(
        NotesRetriever(assistant), llm=llm, node_postprocessors=[RelevancePostprocessor(assistant)]
    )

The language model (`LLM`) is a LlamaIndex class already; `assistant.ready` has it. No other module imports this one.
"""

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode
from pydantic import PrivateAttr

from assistant.answer import Passage, Scope, Scored
from assistant.assistant import Assistant
from assistant.search.ladder import grade
from assistant.search.question import embedded, read, typed
from assistant.text.language import Language, detect
from assistant.text.sentences import sentences
from assistant.text.terms import terms

_HIDDEN_FROM_MODELS = ["source", "url", "language"]


class NotesRetriever(BaseRetriever):
    """Hybrid search over an assistant's index; scores are comparable within one query only."""

    def __init__(self, assistant: Assistant, top_k: int | None = None, scope: Scope | None = None) -> None:
        """Search the index that the assistant has at the time of each question."""
        super().__init__()
        self._assistant, self._top_k, self._scope = assistant, top_k, scope

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._assistant.search(query_bundle.query_str, self._top_k, self._scope)
        return [NodeWithScore(node=node_of(item.passage), score=item.score) for item in hits]


class NotesEmbedding(BaseEmbedding):
    """The embedding model of an assistant's index; takes what the assistant has at the time of each text."""

    _assistant: Assistant = PrivateAttr()

    def __init__(self, assistant: Assistant) -> None:
        """Load nothing yet."""
        super().__init__(model_name=assistant.settings.embedding)
        self._assistant = assistant

    @classmethod
    def class_name(cls) -> str:
        """Return the name under which LlamaIndex serialises this class."""
        return "NotesEmbedding"

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._assistant.ready.embed_model.get_query_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._assistant.ready.embed_model.get_text_embedding_batch(texts)


class RelevancePostprocessor(BaseNodePostprocessor):
    """Replaces the scores of nodes by the relevance check's grades in [-1, 1], and sorts the nodes by them."""

    _assistant: Assistant = PrivateAttr()

    def __init__(self, assistant: Assistant) -> None:
        """Use the index and the models that the assistant has at the time of each question."""
        super().__init__()
        self._assistant = assistant

    @classmethod
    def class_name(cls) -> str:
        """Return the name under which LlamaIndex serialises this class."""
        return "RelevancePostprocessor"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if query_bundle is None or not nodes:
            return nodes
        ready = self._assistant.ready
        question = embedded(read(typed(query_bundle.query_str)), ready.embed_model)
        by_id = {item.node.node_id: item.node for item in nodes}
        known = {passage.id: passage for passage in ready.notes.get(by_id)}
        passages = [known.get(id) or passage_of(id, node.get_content()) for id, node in by_id.items()]
        graded: list[Scored] = grade(ready.grader, question, passages)
        return [NodeWithScore(node=by_id[item.passage.id], score=item.score) for item in graded]


def node_of(passage: Passage) -> TextNode:
    """Return a passage as a LlamaIndex node; title, source and heading are its metadata."""
    node = TextNode(
        id_=passage.id,
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata={
            "title": passage.title,
            "source": passage.source,
            "url": passage.url,
            "heading": passage.heading,
            "language": passage.language.value,
        },
        excluded_embed_metadata_keys=_HIDDEN_FROM_MODELS,
        excluded_llm_metadata_keys=_HIDDEN_FROM_MODELS,
        metadata_template="{value}",
    )
    node.relationships[NodeRelationship.SOURCE] = RelatedNodeInfo(node_id=passage.source)
    return node


def passage_of(id: str, text: str) -> Passage:
    """Return a passage made from a text that is not in the index."""
    language: Language = detect(text)
    spans, words = tuple(sentences(text)), tuple(terms(text))
    return Passage(id, "", "", "", "", language, text, 0, len(text), sentences=spans, terms=words)
