"""What the files that run the product as an image and as several servers hold: the Dockerfile, Compose, Kubernetes."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "compose.yaml"
KUBERNETES = sorted((ROOT / "docs" / "kubernetes").glob("*.yaml"))
_SET = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
Document = dict[str, Any]


def filled(text: str, **given: str) -> str:
    """Return a text of compose.yaml as Compose reads it: variables that are given, or their defaults, or a word."""
    return _SET.sub(lambda found: given.get(found[1], found[3] if found[2] == "-" else "something"), text)


def services() -> dict[str, Document]:
    """Return the services of compose.yaml by their names."""
    found: dict[str, Document] = yaml.safe_load(filled(COMPOSE.read_text(encoding="utf-8")))["services"]
    return found


def documents(kind: str = "") -> list[Document]:
    """Return the documents for Kubernetes, of one kind or all."""
    found = [each for file in KUBERNETES for each in yaml.safe_load_all(file.read_text(encoding="utf-8"))]
    return [each for each in found if kind in ("", each["kind"])]


def pods() -> list[Document]:
    """Return the pods' templates."""
    jobs = [each["spec"]["jobTemplate"]["spec"]["template"] for each in documents("CronJob")]
    return [each["spec"]["template"] for each in documents("Deployment")] + jobs


def containers() -> Iterator[Document]:
    """Yield the containers of all pods."""
    for pod in pods():
        yield from [*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]]


def steps() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions with what they are given, lines that go on put together."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, " ".join(rest.split())) for word, _, rest in (line.partition(" ") for line in lines)]


def step(word: str) -> str:
    """Return what the last instruction of this name is given."""
    return [rest for name, rest in steps() if name == word][-1]


def environment() -> dict[str, str]:
    """Return the variables that the image sets."""
    return dict(pair.split("=", 1) for name, rest in steps() if name == "ENV" for pair in shlex.split(rest))


def command() -> list[str]:
    """Return the command that the image runs by itself."""
    found: list[str] = json.loads(step("CMD"))
    return found
