"""Answers questions from a person's own notes, in Korean and English, and cites the words that say so.

`from assistant import Assistant, Settings, Answer, Scope` is the public surface; names are imported when first used, so
that a command pays only for what it needs.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.answer import Answer, Scope
    from assistant.assistant import Assistant
    from assistant.config import Settings

__version__ = "1.0.0"
__all__ = ["Answer", "Assistant", "Scope", "Settings"]
_HOMES = {
    "Answer": "assistant.answer",
    "Assistant": "assistant.assistant",
    "Scope": "assistant.answer",
    "Settings": "assistant.config",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'assistant' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
