"""Each piece alone in a LlamaIndex application: its own query engine, with a scripted language model."""

import pytest
from fakes import HashEmbedding, ScriptedLLM
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import MetadataMode, NodeWithScore, QueryBundle, TextNode
from six_notes import LOAF, TEA

from assistant import Assistant, Scope
from assistant.llama_index import NotesEmbedding, NotesRetriever, RelevancePostprocessor

each = pytest.mark.parametrize(
    ("question", "source", "fact"), [(TEA, "녹차.md", "70도"), (LOAF, "sourdough.md", "250")]
)


@each
def test_a_query_engine_answers_from_the_notes(assistant: Assistant, question: str, source: str, fact: str) -> None:
    llm = ScriptedLLM.saying("done")
    engine = RetrieverQueryEngine.from_args(
        NotesRetriever(assistant, top_k=4), llm=llm, node_postprocessors=[RelevancePostprocessor(assistant)]
    )
    response = engine.query(question)
    assert str(response) == "done" and fact in llm.prompts[0] and question in llm.prompts[0]
    scores = [item.score or 0.0 for item in response.source_nodes]
    assert response.source_nodes[0].metadata["source"] == source
    assert scores == sorted(scores, reverse=True) and all(-1 <= score <= 1 for score in scores)


@each
def test_the_retriever_finds_what_the_assistant_finds(
    assistant: Assistant, question: str, source: str, fact: str
) -> None:
    retriever = NotesRetriever(assistant, top_k=3)
    assert isinstance(retriever, BaseRetriever)
    found, own = retriever.retrieve(question), assistant.search(question, 3)
    assert [(item.node.node_id, item.score) for item in found] == [(item.passage.id, item.score) for item in own]
    node = found[0].node
    assert isinstance(node, TextNode)
    text = (assistant.settings.notes / source).read_text(encoding="utf-8")
    assert text[node.start_char_idx : node.end_char_idx] == node.text
    assert source not in node.get_content(MetadataMode.LLM)


def test_the_embedding_model_is_the_assistants(assistant: Assistant, embed_model: HashEmbedding) -> None:
    model = NotesEmbedding(assistant)
    assert isinstance(model, BaseEmbedding) and model.model_name == "hash"
    assert model.get_query_embedding(TEA) == embed_model.get_query_embedding(TEA)
    assert model.get_text_embedding_batch([TEA, LOAF]) == embed_model.get_text_embedding_batch([TEA, LOAF])
    assert model.get_text_embedding(LOAF) == embed_model.get_text_embedding(LOAF)


def test_the_retriever_keeps_to_its_scope(assistant: Assistant) -> None:
    found = NotesRetriever(assistant, scope=Scope(("deep",))).retrieve(LOAF)
    assert found and all(item.metadata["source"].startswith("deep/") for item in found)


@each
def test_the_postprocessor_grades_nodes_of_any_retriever(
    assistant: Assistant, embed_model: HashEmbedding, question: str, source: str, fact: str
) -> None:
    graded = RelevancePostprocessor(assistant)
    assert isinstance(graded, BaseNodePostprocessor)
    texts = [
        "Cheese is made of milk.",
        {TEA: "녹차는 70도의 물에 우린다.", LOAF: "The loaf is baked under a lid."}[question],
    ]
    nodes = [NodeWithScore(node=TextNode(text=text), score=1.0) for text in texts]
    assert [item.node.get_content() for item in graded.postprocess_nodes(nodes, QueryBundle(question))] == texts[::-1]
    assert graded.postprocess_nodes(nodes) == nodes and graded.postprocess_nodes([], QueryBundle(question)) == []
