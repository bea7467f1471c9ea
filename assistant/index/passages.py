"""Document → passages: LlamaIndex nodes with exact character offsets.

A passage stays under one heading, is made of whole sentences, list items and table rows, and holds about
`cut.TARGET_TOKENS`. `document.text[node.start_char_idx:node.end_char_idx] == node.text`, always.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from llama_index.core.node_parser import NodeParser
from llama_index.core.schema import (
    BaseNode,
    Document,
    MetadataMode,
    NodeRelationship,
    RelatedNodeInfo,
    TextNode,
)

from assistant.answer import Passage
from assistant.index import cut
from assistant.notes import document as notes
from assistant.notes.files import front_matter
from assistant.text.language import detect, sentences
from assistant.text.untrusted import seen, unread

_HIDDEN_FROM_MODELS = ["source", "url", "language", "titled"]


class PassageParser(NodeParser):
    """Cuts Markdown and plain text at headings, then packs sentences (`NodeParser`)."""

    include_prev_next_rel: bool = False

    def _parse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **kwargs: Any) -> list[BaseNode]:
        return [passage for document in nodes for passage in _passages(document)]  # type: ignore[arg-type]

    def _postprocess_parsed_nodes(self, nodes: list[BaseNode], parent_doc_map: dict[str, Document]) -> list[BaseNode]:
        """Keep the offsets that the parser knows; the inherited method would search the text for them."""
        return nodes


def passages(document: notes.Document) -> list[Passage]:
    """Return the passages of a document, in its order, without their terms."""
    return [_passage(document, *span) for span in cut.spans(document.text, front_matter(document.text)[1])]


def _passage(document: notes.Document, heading: str, start: int, end: int) -> Passage:
    text = document.text[start:end]
    return Passage(
        id=hashlib.sha256(f"{document.source}\0{start}\0{text}".encode()).hexdigest()[:24],
        source=document.source,
        title=document.title,
        heading=heading,
        url=document.url,
        language=detect(seen(text)),
        text=text,
        start=start,
        end=end,
        hidden=tuple(unread(text)),
        sentences=tuple(sentences(text)),
        titled=document.titled,
    )


def _passages(document: Document) -> Iterator[TextNode]:
    for path, first, last in cut.spans(document.text, document.metadata.get("body_start", 0)):
        yield _node(document, path, first, last)


def _node(document: Document, heading: str, start: int, end: int) -> TextNode:
    text = document.text[start:end]
    meta = {key: document.metadata[key] for key in ("title", "source", "url")}
    meta |= {"heading": heading, "language": detect(seen(text)).value}
    if not document.metadata.get("titled", True):
        meta["titled"] = False
    identity = f"{meta['source']}\0{start}\0{text}".encode()
    return passage(hashlib.sha256(identity).hexdigest()[:24], text, start, end, meta)


def passage(id: str, text: str, start: int, end: int, metadata: dict[str, Any]) -> TextNode:
    """Build a passage's node; its title and heading are embedded and searched with its text.

    Where `titled` is False the title is the file's name: searched for, but not embedded, so that a file that is renamed
    keeps its vectors.
    """
    named_only = [] if metadata.get("titled", True) else ["title"]
    node = TextNode(
        id_=id,
        text=text,
        start_char_idx=start,
        end_char_idx=end,
        metadata=metadata,
        excluded_embed_metadata_keys=_HIDDEN_FROM_MODELS + named_only,
        excluded_llm_metadata_keys=_HIDDEN_FROM_MODELS,
        metadata_template="{value}",
    )
    node.relationships[NodeRelationship.SOURCE] = RelatedNodeInfo(node_id=metadata["source"])
    return node


def offsets(node: BaseNode) -> tuple[int, int]:
    """Return where a passage begins and ends in its note, in characters."""
    assert isinstance(node, TextNode)
    return node.start_char_idx or 0, node.end_char_idx or 0


def embedded_text(node: TextNode) -> str:
    """Return what the embedding model sees of a passage."""
    return seen(node.get_content(MetadataMode.EMBED))


def searched_text(node: TextNode) -> str:
    """Return what keyword search sees of a passage: what is embedded, and the file's name where it is the title."""
    return seen(node.get_content(MetadataMode.LLM))
