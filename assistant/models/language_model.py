"""Builds the language model that the settings name, as a LlamaIndex `LLM`.

`extractive` means none. A model of the registry runs inside this process, as llama.cpp's server on the loopback address
with a key that only this process knows. `openai-like` is any OpenAI-compatible address; nothing else here uses a
network.
"""

import secrets
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.config import Settings
from assistant.errors import GenerationFailed, SettingsError
from assistant.models import registry as models
from assistant.text.language import Language

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

EXTRACTIVE = "extractive"
OPENAI_LIKE = "openai-like"
_CONTEXT_TOKENS = 4096
_READS, _READS_MORE, _WRITES = 120, 280, 200
"""Tokens that the model in this process reads as evidence, for a fact and for what needs several passages, and writes
at most. Evidence is counted in the encoder's tokens: 120 are some 150 of its own, which two cores read in two seconds
with AVX-512 and in five with AVX2."""
_PROMPT_TOKENS = 2000
"""Tokens of a prompt beside its evidence, at most: instructions, question, a text that was rejected."""
_ROOMY = 1_000_000
"""The context window of a server that does not tell it: the user's budget holds."""
_SEED = 7


def build_llm(settings: Settings) -> "LLM | None":
    """Return the language model, None for `extractive`.

    Raises:
        ModelMissing: a registry model is not on this machine yet.
        SettingsError: the name is unknown, or `openai-like` lacks its address or model.
        GenerationFailed: llama.cpp could not load the file.

    """
    if settings.llm == EXTRACTIVE:
        return None
    if settings.llm == OPENAI_LIKE:
        if not settings.llm_address or not settings.llm_model:
            raise SettingsError(
                "llm 'openai-like' needs an address and a model; set ASSISTANT_LLM_ADDRESS (such as "
                "http://127.0.0.1:11434/v1) and ASSISTANT_LLM_MODEL"
            )
        return _client(
            settings.llm_address,
            settings.llm_model,
            settings.llm_key or "none",
            settings.llm_timeout,
            tokens=(settings.evidence_tokens + settings.answer_tokens + _PROMPT_TOKENS, settings.answer_tokens),
            repeat={},
        )
    known = models.MODELS.get(settings.llm)
    if known is None or known.kind is not models.Kind.LANGUAGE:
        names = [model.name for model in models.MODELS.values() if model.kind is models.Kind.LANGUAGE]
        raise SettingsError(
            f"llm must be one of {', '.join((EXTRACTIVE, *names, OPENAI_LIKE))}; found '{settings.llm}'"
        )
    try:
        server, key = _serve(models.locate(known.name, settings), settings.threads)
    except RuntimeError as error:
        again = models.pull_command(known)
        raise GenerationFailed(f"llama.cpp cannot load {known.file}: {error}; fetch it again with: {again}") from error
    import httpx

    return _client(
        f"{server.listening_address}/v1",
        known.name,
        key,
        settings.llm_timeout,
        tokens=(_CONTEXT_TOKENS, _WRITES),
        # Options of llama.cpp; without a penalty, small models repeat a long clause until their tokens run out.
        # Of models that can think first, none does: on a CPU that would take minutes.
        repeat={
            "extra_body": {
                "repeat_penalty": 1.1,
                "cache_prompt": True,
                "chat_template_kwargs": {"enable_thinking": False},
            }
        },
        # Requests to this machine must not go through a proxy from the environment.
        http_client=httpx.Client(trust_env=False, timeout=settings.llm_timeout),
    )


def evidence_tokens(settings: Settings, broad: bool = False) -> int:
    """Return how many tokens of evidence the writer that the settings name is given: no more than it can read.

    A `broad` question, for a list, a comparison or a summary, gets more of a writer that has little room. To quote
    takes no reading.
    """
    from assistant.models.window import window

    least = _READS_MORE if broad or settings.llm == EXTRACTIVE else _READS
    if settings.llm != OPENAI_LIKE:
        return least
    room = (window(settings) or _ROOMY) - settings.answer_tokens - _PROMPT_TOKENS
    return max(least, min(settings.evidence_tokens, room))


def held_to(llm: "LLM", grammar: str) -> "LLM":
    """Return the model restricted to a grammar (GBNF) if it runs in this process; any other model unchanged."""
    options = getattr(llm, "additional_kwargs", {})
    if "extra_body" not in options:
        return llm
    body = {**options["extra_body"], "grammar": grammar}
    return llm.model_copy(update={"additional_kwargs": {**options, "extra_body": body}})


def _client(
    address: str, model: str, key: str, timeout: float, tokens: tuple[int, int], repeat: dict[str, Any], **more: Any
) -> "LLM":
    """Return a client; `tokens` are those of the context and of an answer, at most."""
    from llama_index.llms.openai_like import OpenAILike

    return OpenAILike(
        model=model,
        api_base=address,
        api_key=key,
        is_chat_model=True,
        context_window=tokens[0],
        max_tokens=tokens[1],
        temperature=0.0,
        timeout=timeout,
        max_retries=0,
        additional_kwargs={"seed": _SEED, **repeat},
        **more,
    )


@lru_cache(maxsize=1)
def _serve(file: Path, threads: int) -> tuple[Any, str]:
    """Start llama.cpp's server for a model file, once; return it and its key."""
    import xllamacpp

    key = secrets.token_urlsafe(32)
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    # llama.cpp rearranges the weights in memory of its own: mapped into memory besides, they would be there twice.
    params.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
    params.cache_ram_mib = 0  # earlier prompts, up to 8 GB of them
    params.n_parallel = len(Language)  # one for each language, so that the constant part of its prompt stays there
    params.n_ctx = _CONTEXT_TOKENS * params.n_parallel
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.ui = False
    params.verbosity = 0
    return xllamacpp.Server(params), key
