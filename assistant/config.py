"""Settings: values only, read once from `assistant.toml` in the working folder and from the environment.

An environment variable `ASSISTANT_<NAME>` wins over the file, the file over the defaults below; an empty one counts as
not set. Where nobody chose an index it is the working folder's own, `.assistant/index`; only that of a folder without
`.assistant`, `assistant.toml` or `corpus` may lie in the user's data folder. Nothing here builds a model, creates a
folder or reaches the network; constants that tune a stage live beside its code.
"""

import hashlib
import os
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from assistant.errors import SettingsError


def cache_folder() -> Path:
    """Return the user's cache folder for this program, for files that can be fetched or made again."""
    return platformdirs.user_cache_path("notes-assistant", appauthor=False)


def _models() -> Path:
    """Return the models' folder: `~/.cache/notes-assistant/models` if it exists, since models may already be there."""
    earlier = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "notes-assistant" / "models"
    return earlier if earlier.is_dir() else cache_folder() / "models"


def _data() -> Path:
    return platformdirs.user_data_path("notes-assistant", appauthor=False)


def example_notes() -> Path:
    """Return the folder of the example notes: in the package where that is installed, at the top of a checkout."""
    package = Path(__file__).parent
    return package / "corpus" if (package / "corpus").is_dir() else package.parent / "corpus"


@dataclass(frozen=True)
class Settings:
    """What a user may choose.

    `embedding` is a name in the registry, or the name or path of any sentence-transformers model; empty: the model
    that made the index, or multilingual-e5-small for a new one. `llm` is `extractive`, a name in the registry, or
    `openai-like`, which takes `llm_address` (ending in `/v1`), `llm_model` and `llm_key`, reads at most
    `evidence_tokens` of the notes and writes at most `answer_tokens`. `models` is the folder of
    pulled models; `local_models` is searched before anything is downloaded; below the folder `data` lies what belongs
    to notes that were opened by their path. `top_k` is the number of passages that
    reach the relevance check. `serve_user` with `serve_password`, or `serve_token`, is the log-in of `assistant serve`,
    which listens to other machines only with one; so are the accounts in the file `serve_accounts`, and the name that a
    proxy on this machine sends in the header `serve_user_header`. `serve_names` are the names, parted by commas, under
    which a proxy passes requests on, such as notes.example.org; with one a log-in is needed, too. `serve_audit` is a
    file for who asked when. Below the folder `serve_own_notes` each account has notes of its own, in a folder of its
    name. `serve_database` is the address of a PostgreSQL database for conversations and log-ins, which several servers
    share. `serve_log` is `json` for a log in lines of JSON.

    `store` is empty (files in `index`), or `milvus`: a server at `store_address` (http:// or https://), with
    `store_token` and the certificate `store_ca` where it wants them; its collections' names begin with `store_name`.

    `grader` grades passages: empty for the assistant's own, `llm` for the language model, or the name or path of a
    sentence-transformers CrossEncoder. `web` is empty (no web search), `searxng`, which takes `web_address`, or
    `tavily`, which takes `web_key`.
    """

    notes: Path = Path("corpus")
    index: Path = Path(".assistant/index")
    data: Path = field(default_factory=_data)
    models: Path = field(default_factory=_models)
    local_models: Path | None = None
    embedding: str = ""
    llm: str = "qwen2.5-coder-1.5b"
    llm_address: str = ""
    llm_model: str = ""
    llm_key: str = field(default="", repr=False)
    llm_timeout: float = 120.0
    evidence_tokens: int = 6000
    answer_tokens: int = 800
    grader: str = ""
    store: str = ""
    store_address: str = ""
    store_token: str = field(default="", repr=False)
    store_ca: Path | None = None
    store_name: str = "notes"
    web: str = ""
    web_address: str = ""
    web_key: str = field(default="", repr=False)
    top_k: int = 10
    serve_user: str = ""
    serve_password: str = field(default="", repr=False)
    serve_token: str = field(default="", repr=False)
    serve_accounts: Path | None = None
    serve_user_header: str = ""
    serve_names: str = ""
    serve_audit: Path | None = None
    serve_own_notes: Path | None = None
    serve_database: str = field(default="", repr=False)
    serve_log: str = ""
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)

    def __post_init__(self) -> None:
        for name in ("top_k", "threads", "evidence_tokens", "answer_tokens"):
            if (found := getattr(self, name)) < 1:
                raise SettingsError(f"{name} must be at least 1, found {found}")
        if not self.llm_timeout > 0:
            raise SettingsError(f"llm_timeout must be more than 0 seconds, found {self.llm_timeout}")
        if self.serve_log not in ("", "json"):
            raise SettingsError(f"serve_log must be json, or empty for lines of text; found '{self.serve_log}'")
        self._check_store()
        self._check_web()

    def _check_store(self) -> None:
        if self.store not in ("", "milvus"):
            raise SettingsError(f"store must be milvus, or empty for files in the index's folder; found '{self.store}'")
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,99}", self.store_name):
            raise SettingsError(
                f"store_name must be up to 100 of A-Z, a-z, 0-9 and _, no digit first; found '{self.store_name}'"
            )
        if self.store_ca and not self.store_address.lower().startswith("https://"):
            raise SettingsError(f"store_ca needs a store_address with https://, found '{self.store_address}'")
        if self.store and not self.store_address.lower().startswith(("http://", "https://")):
            raise SettingsError(
                "store 'milvus' needs the address of a server; set ASSISTANT_STORE_ADDRESS (such as http://127.0.0.1:19530)"
            )

    def _check_web(self) -> None:
        if self.web not in ("", "searxng", "tavily"):
            raise SettingsError(f"web must be searxng or tavily, or empty for no web search; found '{self.web}'")
        if self.web == "searxng" and not self.web_address.lower().startswith(("http://", "https://")):
            raise SettingsError(
                "web 'searxng' needs the address of an instance; set ASSISTANT_WEB_ADDRESS (such as http://127.0.0.1:8888)"
            )
        if self.web == "tavily" and not self.web_key:
            raise SettingsError("web 'tavily' needs a key; set ASSISTANT_WEB_KEY")

    @classmethod
    def read(cls, file: Path = Path("assistant.toml"), environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the file, if there is one, and the environment; raise SettingsError naming what is wrong."""
        values: dict[str, object] = {}
        if file.is_file():
            try:
                values = tomllib.loads(file.read_text(encoding="utf-8-sig"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise SettingsError(f"{file} is not valid TOML: {error}") from error
            except OSError as error:
                raise SettingsError(f"{file} cannot be read: {error.strerror}") from error
        known = {item.name for item in fields(cls)}
        for name in sorted(values.keys() - known):
            raise SettingsError(f"{file}: unknown setting '{name}'; known are {', '.join(sorted(known))}")
        values |= {name: value for name in known if (value := environment.get(f"ASSISTANT_{name.upper()}"))}
        converted: dict[str, Any] = {name: _convert(name, value) for name, value in values.items()}
        settings = cls(**converted)
        if "index" in values or file.is_file() or any(Path(name).is_dir() for name in (".assistant", "corpus")):
            return settings
        elsewhere = settings.over(settings.notes if "notes" in values else Path())
        return elsewhere if "notes" in values or elsewhere.home.is_dir() else settings

    @property
    def home(self) -> Path:
        """The folder that the index is in, beside what belongs to it: conversations, marks and measurements."""
        return self.index.parent

    def over(self, notes: Path) -> "Settings":
        """Return settings over a folder of notes with its index in the user's data folder.

        The index's folder has the name of the notes' folder, and a digest of its whole path: `papers-3f9a01c2`.
        """
        place = os.path.realpath(notes)
        name = re.sub(r"[^\w.-]+", "-", os.path.basename(place)).strip("-.")[:40] or "notes"
        path = unicodedata.normalize("NFC", os.path.normcase(place)).encode(errors="surrogateescape")
        folder = f"{name}-{hashlib.sha256(path).hexdigest()[:8]}"
        return replace(self, notes=Path(place), index=self.data / folder / "index")


_KINDS: dict[str, type[Path | int | float | str]] = {
    **dict.fromkeys(
        ("notes", "index", "data", "models", "local_models", "store_ca")
        + ("serve_accounts", "serve_audit", "serve_own_notes"),
        Path,
    ),
    **dict.fromkeys(("top_k", "threads", "evidence_tokens", "answer_tokens"), int),
    "llm_timeout": float,
}
_SECRET = ("serve_database", "store_token", "llm_key", "web_key", "serve_password", "serve_token")
_SAID: dict[type[Path | int | float | str], str] = {
    Path: "a path",
    int: "a whole number",
    float: "a number",
    str: "text",
}


def _convert(name: str, value: object) -> Path | int | float | str:
    kind: type[Path | int | float | str] = _KINDS.get(name, str)
    try:
        if isinstance(value, bool | list | dict) or (kind is int and isinstance(value, float)):
            raise ValueError
        return Path(str(value)).expanduser() if kind is Path else kind(str(value))
    except (ValueError, RuntimeError):  # RuntimeError: the home of ~ is unknown
        shown = "something else" if name in _SECRET else repr(value)
        raise SettingsError(f"setting '{name}' must be {_SAID[kind]}, found {shown}") from None
