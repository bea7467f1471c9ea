"""Settings: values only, read once from `assistant.toml` in the working folder and from the environment.

An environment variable `ASSISTANT_<NAME>` wins over the file, the file over the defaults below. Nothing here
builds a model, creates a folder or reaches the network; constants that tune a stage live beside its code.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from assistant.errors import SettingsError


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "notes-assistant" / "models"


@dataclass(frozen=True)
class Settings:
    """What a user may choose.

    `embedding` is a name in the registry, or the name or path of any sentence-transformers model. `llm` is
    `extractive`, a name in the registry, or `openai-like`, which takes `llm_address` (ending in `/v1`),
    `llm_model` and `llm_key`. `models` is where pulled models live; `local_models` a folder that is looked
    into before anything is downloaded. `top_k` counts the passages that reach the relevance check.
    """

    notes: Path = Path("corpus")
    index: Path = Path(".assistant/index")
    models: Path = field(default_factory=_cache)
    local_models: Path | None = None
    embedding: str = "multilingual-e5-small"
    llm: str = "qwen2.5-coder-1.5b"
    llm_address: str = ""
    llm_model: str = ""
    llm_key: str = field(default="", repr=False)
    llm_timeout: float = 120.0
    top_k: int = 8
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)

    def __post_init__(self) -> None:
        if self.top_k < 1:
            raise SettingsError(f"top_k must be at least 1, found {self.top_k}")
        if self.threads < 1:
            raise SettingsError(f"threads must be at least 1, found {self.threads}")

    @classmethod
    def read(
        cls, file: Path = Path("assistant.toml"), environment: Mapping[str, str] = os.environ
    ) -> "Settings":
        """Read the file, if there is one, and the environment; raise SettingsError naming what is wrong."""
        given: dict[str, object] = {}
        if file.is_file():
            try:
                given = tomllib.loads(file.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise SettingsError(f"{file} is not valid TOML: {error}") from error
        known = {item.name for item in fields(cls)}
        for name in given.keys() - known:
            raise SettingsError(f"{file}: unknown setting '{name}'; known are {', '.join(sorted(known))}")
        given |= {
            name: environment[key] for name in known if (key := f"ASSISTANT_{name.upper()}") in environment
        }
        return cls(**{name: _convert(name, value) for name, value in given.items()})  # type: ignore[arg-type]


def _convert(name: str, value: object) -> Path | int | float | str:
    kind = {"top_k": int, "threads": int, "llm_timeout": float}.get(name, str)
    if name in ("notes", "index", "models", "local_models"):
        kind = Path
    try:
        return kind(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise SettingsError(f"setting '{name}' must be {kind.__name__}, found {value!r}") from None
