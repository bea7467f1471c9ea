"""Lets a language model write an answer's text from numbered strips.

In: a question and strips. Out: the growing text, unchecked (`check` judges it). The prompt begins with its constant
part, so that a server can keep that in its cache; the question comes last.
"""

import gc
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assistant.answer import Kind, Question, Strip
from assistant.answering.drafted import drafted
from assistant.answering.grammar import grammar
from assistant.errors import GenerationFailed
from assistant.messages.said import (
    AGAIN,
    AGAIN_IN_LANGUAGE,
    BRIEF,
    DECLINED,
    EARLIER,
    EXCERPT,
    FREE,
    MAY_DECLINE,
    NOT_FOUND,
    PLACE,
    SUMMARISE,
    SURELY,
    SYSTEM,
    USER,
    WISHES,
)
from assistant.models.language_model import held_to
from assistant.search.question import read
from assistant.text.language import Language
from assistant.text.shown import inert, turnless

if TYPE_CHECKING:
    from llama_index.core.llms import LLM, ChatMessage


_EARLIER = 2
"""Earlier questions that a follow-up is shown under."""
_THINKING = re.compile(r"<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_THOUGHT = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_THOUGHT_ALONE = re.compile(rf"^\s*{_THOUGHT.pattern}[ \t]*$", re.IGNORECASE | re.MULTILINE)
_BEGUN = re.compile(r"<[a-z]{0,9}", re.IGNORECASE)
"""What reasoning models put around their thinking; some templates write the first one before the model begins."""


def write(
    llm: "LLM",
    question: Question,
    language: Language,
    strips: Sequence[Strip],
    rejected: str = "",
    kind: Kind = Kind.CONTENT,
    may_decline: bool = True,
) -> Iterator[str]:
    """Yield the growing text that the model writes; raise GenerationFailed if it cannot be reached or breaks off.

    `rejected` is what it wrote before, if the strips bore out none of it. Of a summary, the strips are an outline.
    The model in this process overlooks evidence, so where it surely has some it is kept from declining (`may_decline`).
    """
    import httpx
    import openai

    # Before the first word the OpenAI client wraps errors; during the stream httpx's own errors come through.
    ended = True
    restricted = held_to(llm, grammar(question, language, strips, may_decline))
    try:
        free = restricted is llm
        prompt = messages(question, language, strips, rejected, kind, free, sure=not (free or may_decline))
        content = ""
        for response in restricted.stream_chat(prompt):
            content = response.message.content or ""
            yield spoken(content)
            ended = _ends(response.raw)
        if content.strip() and not spoken(content):
            raise GenerationFailed("the model thought until its tokens were used up; raise answer_tokens")
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
    if not ended:
        raise GenerationFailed("the server broke off in the middle of its answer")


def spoken(written: str) -> str:
    """Return what a model says: without the thinking that some models write first, between tags or before one."""
    begun = written.lstrip()
    ended = (_THOUGHT if _THINKING.match(begun) else _THOUGHT_ALONE).search(begun)
    if ended:
        return begun[ended.end() :].lstrip()
    return "" if _THINKING.match(begun) or _BEGUN.fullmatch(begun) else written


def _ends(chunk: object) -> bool:
    """Tell whether a chunk of the stream may be the last one; an OpenAI-compatible server marks it."""
    choices = getattr(chunk, "choices", None)
    return choices is None or any(choice.finish_reason for choice in choices) or not choices


def warm_up(llm: "LLM") -> None:
    """Have the model read the beginning of every prompt; raise what `write` raises."""
    for language in Language:
        for _ in write(llm, read("?"), language, ()):
            break


def messages(
    question: Question,
    language: Language,
    strips: Sequence[Strip],
    rejected: str = "",
    kind: Kind = Kind.CONTENT,
    free: bool = False,
    sure: bool = False,
) -> "list[ChatMessage]":
    """Return the messages of the prompt, in the question's language; the question comes last.

    A `free` writer, one that no grammar restricts, may also answer with lists and tables, and is shown a follow-up as
    it was typed, below the questions before it; a small one would answer those, too, so it is shown the reworded one.
    One who is told that the answer is there for `sure` is not told how to decline. A small one is not told the asker's
    wish, over which it would forget the rest.
    """
    from llama_index.core.llms import ChatMessage, MessageRole

    refusal, followed = NOT_FOUND[language], free and question.text != question.asked
    asked = turnless(question.asked if followed else question.text)
    before = [EARLIER[language].format(question=turnless(one)) for one, _ in question.history[-_EARLIER:]]
    earlier = "\n".join(["", *before, ""]) if followed else ""
    ending = (SURELY if sure else MAY_DECLINE)[language].format(refusal=refusal)
    system = SYSTEM[language].format(ending=ending, form=(FREE if free else BRIEF)[language].strip())
    if free and question.wish:
        system += "\n" + WISHES[language].format(wish=turnless(question.wish)).strip()
    shape = (SUMMARISE if kind is Kind.SUMMARY else USER)[language]
    user = shape.format(excerpts="\n".join(_excerpts(strips)), earlier=earlier, question=asked)
    prompt = [
        ChatMessage(role=MessageRole.SYSTEM, content=system),
        ChatMessage(role=MessageRole.USER, content=user),
    ]
    if rejected:
        # What the check took for another language is not told that the excerpts do not say it.
        message = AGAIN if any(one.says_in(language) for one in drafted(rejected, ())) else AGAIN_IN_LANGUAGE
        again = message[language].format(refusal=refusal, question=asked)
        prompt += [
            ChatMessage(role=MessageRole.ASSISTANT, content=turnless(rejected)),
            ChatMessage(role=MessageRole.USER, content=again),
        ]
    return prompt


def declines(written: str, language: Language) -> bool:
    """Tell whether the model declined: it wrote the refusal, or only says in other words that the excerpts lack it."""
    return _bare(NOT_FOUND[language]) in _bare(written) or bool(DECLINED[language].match(written.strip()))


def _excerpts(strips: Sequence[Strip]) -> Iterator[str]:
    """Yield a line for each strip, and a line with title and heading only where the section changes, to save tokens."""
    before = ""
    for strip in strips:
        headed = f"{strip.named} > {strip.heading.rsplit(' > ', 1)[-1]}" if strip.heading else strip.named
        where = inert(f"{headed} | {strip.columns}" if strip.columns else headed)
        if where != before:
            yield PLACE.format(where=where)
        before = where
        yield EXCERPT.format(number=strip.number, text=inert(strip.shown))


def _bare(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).lower() if char.isalnum())
