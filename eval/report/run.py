"""One run of the evaluation: each stage's figures, each case's values, and the fingerprint of what was measured."""

import hashlib
import json
import math
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from assistant import Settings, __version__
from assistant.errors import SettingsError
from assistant.index.manifest import fingerprint

_CODE = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Stage:
    """What a stage gives: figures by group (`all`, `ko`, `en`, …), and values by metric and case for comparing runs."""

    figures: dict[str, Any]
    cases: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """Stages by name, and what they were measured on."""

    fingerprint: dict[str, Any]
    stages: dict[str, Stage]

    def save(self, folder: Path) -> Path:
        """Write run.json into the folder; return the file. Infinite and undefined numbers become null."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "run.json"
        file.write_text(json.dumps(finite(asdict(self)), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return file


def load(place: Path) -> Run:
    """Read a saved run from its folder or file; raise SettingsError if it is none."""
    file = place / "run.json" if place.is_dir() else place
    try:
        saved = json.loads(file.read_text(encoding="utf-8"))
        return Run(saved["fingerprint"], {name: Stage(**stage) for name, stage in saved["stages"].items()})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{file} is not a saved run ({error}); make one with: python -m eval --out DIR") from error


def describe(settings: Settings, split: str, limit: int | None, corpus: Path, questions: Path) -> dict[str, Any]:
    """Return the fingerprint of a run: settings, models, notes, questions and code, each by hash or version."""
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "split": split,
        "limit": limit,
        "threads": settings.threads,
        "llm": settings.llm,
        "top_k": settings.top_k,
        "index": fingerprint(settings),
        "corpus": _hash(*sorted(corpus.rglob("*.md"))),
        "questions": _hash(questions),
        "code": _hash(
            *sorted(
                file
                for folder, ending in (("assistant", "py"), ("assistant", "json"), ("eval", "py"))
                for file in (_CODE / folder).rglob(f"*.{ending}")
            )
        ),
        "version": __version__,
        "python": platform.python_version(),
    }


def _hash(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def finite(value: Any) -> Any:
    """Return the value with every number that JSON cannot hold replaced by None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, (list, tuple)) else value
