"""Imports run one way: no stage knows a later one, what all stand on knows no stage, and files stay small."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOUNDATIONS = (
    "config",
    "errors",
    "language",
    "sounds",
    "orders",
    "untrusted",
    "lexicon",
    "term_weights",
    "centres",
    "answer",
    "clock",
    "prompts",
    "fetch",
    "unpack",
    "models",
    "e5s1",
    "openvino_export",
    "padding",
    "openvino_embedding",
    "claims",
    "direction",
    "overlap",
    "grammar",
    "language_model",
)
STAGES = (
    *(
        "load",
        "cut",
        "embed",
        "reader_export",
        "fitted",
        "manifest",
        "survey",
        "chunk",
        "vectors",
        "index",
        "journal",
        "update",
        "retrieve",
        "reader",
        "strips",
        "relevance",
        "graders",
        "twins",
        "refine",
        "web",
        "wording",
        "ladder",
        "abstain",
        "cite",
        "check",
        "support",
        "quotes",
        "disagree",
        "generate",
        "reply",
        "conversation",
        "pipeline",
    ),
    *("batch", "forms", "note_text", "turns", "refusal", "guard", "waiting", "api", "openai_door", "mcp_server", "app"),
    *("arrival", "exchanges", "suggest", "feedback", "notebook", "renewal", "runs"),
    *(
        "page_words",
        "page_labels",
        "page_answer",
        "page_note",
        "page_chat",
        "page_notes",
        "page_quality",
        "page_models",
    ),
    *("ui", "mount", "serve", "commands", "__main__"),
)
ASSISTANT = sorted((ROOT / "assistant").glob("*.py"))
EVAL = sorted((ROOT / "eval").glob("*.py"))
each = pytest.mark.parametrize


def imported(text: str) -> set[str]:
    """Return the dotted names of the modules that a source imports, at its top, inside functions or for types."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            # `from assistant import models` imports assistant.models.
            found |= {node.module or ""} | {f"{node.module}.{name.name}" for name in node.names}
    return found


def stages_of(file: Path) -> set[str]:
    """Return the names of our modules that a file imports."""
    ours = {path.stem for path in ASSISTANT}
    names = imported(file.read_text(encoding="utf-8"))
    return {name.split(".")[1] for name in names if name.startswith("assistant.")} & ours


def test_imports_are_found_wherever_they_stand() -> None:
    source = "import a.b\ndef f():\n    from assistant import models, index as i\n    from assistant.load import read\n"
    assert {"a.b", "assistant.models", "assistant.index", "assistant.load"} <= imported(source)


def test_every_module_has_its_place() -> None:
    assert {path.stem for path in ASSISTANT} - {"__init__"} <= {*FOUNDATIONS, *STAGES}


@each("file", [path for path in ASSISTANT if path.stem in FOUNDATIONS], ids=lambda path: path.stem)
def test_what_all_stand_on_imports_no_stage(file: Path) -> None:
    assert stages_of(file) <= set(FOUNDATIONS)


@each("file", [path for path in ASSISTANT if path.stem in STAGES], ids=lambda path: path.stem)
def test_a_stage_imports_only_earlier_ones(file: Path) -> None:
    earlier = STAGES[: STAGES.index(file.stem)]
    assert stages_of(file) <= {*FOUNDATIONS, *earlier}


@each("file", ASSISTANT, ids=lambda path: path.stem)
def test_the_assistant_does_not_know_its_evaluation(file: Path) -> None:
    assert not {name for name in imported(file.read_text(encoding="utf-8")) if name.split(".")[0] == "eval"}


def test_the_evaluation_knows_the_assistant() -> None:
    assert any(stages_of(file) for file in EVAL)


@each("file", ASSISTANT + EVAL, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_is_short(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) < 300
