"""Turns a question and numbered strips into an answer's text: written by a language model, or quoted.

Knows the prompts and nothing of retrieval or of checking; `cite` judges what comes out.
"""

import gc
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assistant.answer import Sentence, Strip
from assistant.errors import GenerationFailed
from assistant.language import Language, detect
from assistant.prompts import EXCERPT, NOT_FOUND, QUOTED_ACROSS, SYSTEM, USER
from assistant.untrusted import seen

if TYPE_CHECKING:
    from llama_index.core.llms import LLM, ChatMessage

QUOTES = 4
"""Strips that an extractive answer quotes at most."""
_CLOSE = 0.6
"""A strip is quoted beside the best one only if its grade is at most this much lower."""
_CONTROL = re.compile(r"<(?=[|/a-z_])|\[(?=/?INST\])")
"""What opens a control token: a server reads <|im_end|> as one wherever it stands, so a space parts the bracket off."""


def write(llm: "LLM", question: str, language: Language, strips: Sequence[Strip]) -> Iterator[str]:
    """Yield the growing text that the model writes; raise GenerationFailed if it cannot be reached or breaks off."""
    import httpx
    import openai

    # The client wraps what goes wrong before the first word; what goes wrong in the stream comes as httpx raised it.
    try:
        for response in llm.stream_chat(messages(question, language, strips)):
            yield response.message.content or ""
    except GeneratorExit:
        # LlamaIndex keeps the response in a reference cycle; only collecting it ends the model's writing at once.
        gc.collect()
        raise
    except openai.APIStatusError as error:
        raise GenerationFailed(f"the server answered {error.status_code}") from error
    except (openai.APITimeoutError, httpx.TimeoutException) as error:
        raise GenerationFailed("the server did not answer in time") from error
    except (openai.APIError, httpx.HTTPError, OSError) as error:
        raise GenerationFailed("the server cannot be reached or broke off") from error
    except json.JSONDecodeError as error:
        raise GenerationFailed("the server sent what is not an answer") from error


def messages(question: str, language: Language, strips: Sequence[Strip]) -> "list[ChatMessage]":
    """Fill the prompts of the question's language."""
    from llama_index.core.llms import ChatMessage, MessageRole

    excerpts = "\n".join(
        EXCERPT.format(number=strip.number, where=_inert(_where(strip)), text=_inert(strip.text)) for strip in strips
    )
    return [
        ChatMessage(role=MessageRole.SYSTEM, content=SYSTEM[language].format(refusal=NOT_FOUND[language])),
        ChatMessage(
            role=MessageRole.USER,
            content=USER[language].format(excerpts=excerpts, question=_CONTROL.sub(r"\g<0> ", question)),
        ),
    ]


def declines(written: str, language: Language) -> bool:
    """Tell whether the model said that the answer is not in the excerpts."""
    return _bare(NOT_FOUND[language]) in _bare(written)


def quote(language: Language, strips: Sequence[Strip]) -> list[Sentence]:
    """Return the strips that answer best as cited sentences, in reading order; deterministic, no model."""
    best = sorted(strips, key=lambda strip: -strip.relevance)[:QUOTES]
    chosen = [strip for strip in best if strip.relevance >= best[0].relevance - _CLOSE]
    chosen.sort(key=lambda strip: (-strip.number, strip.start))
    return [Sentence(_quoted(strip, language), (strip.number,), 1.0) for strip in chosen]


def _quoted(strip: Strip, language: Language) -> str:
    text = " ".join(seen(strip.text).lstrip("-*•# ").split())
    return text if detect(text) == language else QUOTED_ACROSS[language].format(quote=text)


def _inert(text: str) -> str:
    """Return a note's words as a prompt may hold them: on one line, with nothing that ends a turn."""
    return _CONTROL.sub(r"\g<0> ", " ".join(seen(text).split()))


def _where(strip: Strip) -> str:
    return f"{strip.title} > {strip.heading}" if strip.heading else strip.title


def _bare(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).lower() if char.isalnum())
