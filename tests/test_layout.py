"""Imports run downwards only: a folder knows those above it in `ORDER` and none below."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDER = (
    *("errors", "machine", "config", "text", "messages", "trace", "answer"),
    *("models", "notes", "index", "search", "answering", "assistant", "llama_index"),
    *("server", "page", "cli", "__main__"),
)
ASSISTANT = sorted((ROOT / "assistant").rglob("*.py"))
EVAL = sorted((ROOT / "eval").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
PRIVATE = re.compile(r"_(?!_)\w+")
DOTTED = re.compile(r"(?:assistant|eval)(?:\.\w+)*\._(?!_)\w+")
OWN = {"self", "cls", "os", "super"}
"""Whose private names a test may say: its own classes', and `os._exit`."""
each = pytest.mark.parametrize


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


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


def rooms_of(file: Path) -> set[str]:
    """Return the names in `ORDER` that a file imports something of."""
    names = imported(file.read_text(encoding="utf-8"))
    return {name.split(".")[1] for name in names if name.startswith("assistant.")} & set(ORDER)


def room(file: Path) -> str:
    return file.relative_to(ROOT / "assistant").parts[0].removesuffix(".py")


def test_imports_are_found_wherever_they_stand() -> None:
    source = "import a.b\ndef f():\n  from assistant import models, index as i\n  from assistant.notes.files import x"
    assert {"a.b", "assistant.models", "assistant.index", "assistant.notes.files"} <= imported(source)


def test_every_folder_has_its_place() -> None:
    assert {room(file) for file in ASSISTANT} - {"__init__"} == set(ORDER)


@each("file", [file for file in ASSISTANT if room(file) != "__init__"], ids=name_of)
def test_a_file_imports_only_from_its_own_folder_and_those_above(file: Path) -> None:
    assert rooms_of(file) <= set(ORDER[: ORDER.index(room(file)) + 1])


@each("file", ASSISTANT, ids=name_of)
def test_the_assistant_does_not_know_its_evaluation(file: Path) -> None:
    assert not {name for name in imported(file.read_text(encoding="utf-8")) if name.split(".")[0] == "eval"}


@each("file", [file for file in ASSISTANT if room(file) != "index"], ids=name_of)
def test_only_the_index_knows_which_stores_there_are(file: Path) -> None:
    stores = {f"assistant.index.{name}" for name in ("database", "local", "local_writer", "snapshot")}
    names = imported(file.read_text(encoding="utf-8"))
    assert not stores & names and not any(name.startswith("assistant.index.milvus") for name in names)


OPTIONAL = {"torch", "transformers", "sentence_transformers", "scipy", "sklearn"}
"""Packages that are installed with an extra alone, and weigh as much as all others."""
NAMING = {"models/embedding.py", "search/graders.py"}
"""The files that load a model which the registry does not have."""


@each(
    "file", [file for file in ASSISTANT if file.relative_to(ROOT / "assistant").as_posix() not in NAMING], ids=name_of
)
def test_only_a_model_of_the_users_own_needs_torch(file: Path) -> None:
    parts = {part for name in imported(file.read_text(encoding="utf-8")) for part in name.split(".")}
    assert not OPTIONAL & parts


def test_the_evaluation_knows_the_assistant() -> None:
    assert any(rooms_of(file) for file in EVAL)


@each("file", ASSISTANT + EVAL, ids=name_of)
def test_a_file_is_short(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) < 300


@each("folder", [path.parent for path in ASSISTANT + EVAL if path.name == "__init__.py"], ids=name_of)
def test_a_folder_says_what_it_is_for(folder: Path) -> None:
    assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))


def private(text: str) -> Iterator[str]:
    """Yield the private names of other modules that a test says: imported, read off an object, or replaced."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            yield from (name.name for name in node.names if PRIVATE.fullmatch(name.name))
        elif isinstance(node, ast.Attribute) and PRIVATE.fullmatch(node.attr):
            owner = node.value.func if isinstance(node.value, ast.Call) else node.value
            if not (isinstance(owner, ast.Name) and owner.id in OWN):
                yield node.attr
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            said = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            yield from (text for text in said if DOTTED.fullmatch(text))
            if called in ("setattr", "getattr", "delattr", "hasattr"):
                yield from (text for text in said if PRIVATE.fullmatch(text))


@each(
    "line",
    [
        "from assistant.index.base import _FEW",
        "reader._model",
        "made()._folder",
        "module.thing._deep()",
        'monkeypatch.setattr(base, "_FEW", 1)',
        'monkeypatch.setattr("assistant.index.base._FEW", 1)',
        'settle("eval.speed._ROUNDS", 1)',
        'getattr(base, "_FEW")',
    ],
)
def test_private_names_are_noticed_however_they_are_said(line: str) -> None:
    assert list(private(line))
    assert not list(
        private("self._a\nsuper()._b()\nos._exit(0)\ncls._c\nx.__class__\nsay('a _b')\nx.setattr(y, 'z', 1)")
    )


@each("file", TESTS, ids=name_of)
def test_a_test_says_no_private_name_of_what_it_tests(file: Path) -> None:
    assert list(private(file.read_text(encoding="utf-8"))) == []


COVERED = {
    "answer": "page/test_answer.py",
    "answering/clock": "answering/test_reply.py",
    "assistant": "assistant/test_assistant.py",
    "cli/accounts": "server/test_team.py",
    "cli/batch": "cli/test_cli.py",
    "cli/commands": "cli/test_cli.py",
    "cli/main": "cli/test_cli.py",
    "cli/models": "cli/test_cli.py",
    "cli/status": "cli/test_cli.py",
    "page/login": "server/test_team.py",
    "server/audit": "server/test_team.py",
    "index/base": "index/test_damage.py",
    "index/changes": "index/test_snapshot.py",
    "index/database": "index/test_damage.py",
    "index/earlier": "index/test_update_anew.py",
    "index/ingest": "eval/test_speed.py",
    "index/local": "index/test_snapshot.py",
    "index/manifest": "assistant/test_switch.py",
    "index/mend": "index/test_damage.py",
    "index/milvus_client": "index/test_milvus.py",
    "index/milvus_rows": "index/test_milvus.py",
    "index/milvus_snapshot": "index/test_milvus.py",
    "index/milvus_head": "index/test_milvus.py",
    "index/milvus_lease": "index/test_milvus.py",
    "index/milvus_schema": "index/test_milvus.py",
    "index/milvus_words": "index/test_milvus.py",
    "index/part": "index/test_snapshot.py",
    "llama_index": "assistant/test_llama_index.py",
    "messages/said": "messages/test_catalogue.py",
    "models/bert_folder": "models/test_e5s1.py",
    "models/catalogue": "models/test_installed.py",
    "models/download": "models/test_pull.py",
    "models/encoders": "models/test_embedding_export.py",
    "models/exports": "models/test_installed.py",
    "models/language_model": "assistant/test_llm.py",
    "models/q4": "models/test_e5s1.py",
    "models/judge_export": "models/test_judge.py",
    "models/judge_graph": "models/test_judge.py",
    "models/layers": "models/test_embedding_export.py",
    "notes/describe": "notes/test_files.py",
    "notes/formats/archive": "notes/formats/test_sniffed.py",
    "notes/formats/charset": "notes/formats/test_html.py",
    "notes/formats/child": "notes/formats/test_apart.py",
    "notes/formats/formula": "notes/formats/test_html.py",
    "notes/formats/markup": "notes/formats/test_html.py",
    "notes/formats/pdf_hyphens": "notes/formats/test_pdf.py",
    "notes/formats/pdf_layout": "notes/formats/test_pdf.py",
    "notes/formats/pdf_parts": "notes/formats/test_pdf.py",
    "notes/formats/pdf_runs": "notes/formats/test_pdf.py",
    "notes/formats/pdf_table": "notes/formats/test_pdf.py",
    "notes/formats/seen": "notes/formats/test_html.py",
    "notes/formats/web_table": "notes/formats/test_html.py",
    "notes/formats/word": "notes/formats/test_docx.py",
    "notes/formats/word_numbers": "notes/formats/test_docx.py",
    "notes/document": "notes/test_files.py",
    "notes/formats/markdown": "notes/test_files.py",
    "notes/formats/text": "notes/test_files.py",
    "page/conversation": "page/test_talks_browser.py",
    "page/labels": "page/test_ui.py",
    "page/models": "page/test_ui.py",
    "page/mount": "page/test_doorway.py",
    "page/note": "page/test_answer.py",
    "page/notes": "page/test_render.py",
    "page/quality": "page/test_ui.py",
    "page/runs": "page/test_ui.py",
    "page/uploads": "page/test_doorway.py",
    "page/words": "page/test_ui.py",
    "search/counterparts": "search/test_wording.py",
    "search/parts": "assistant/test_switch.py",
    "server/app": "server/test_guard.py",
    "server/doors/api": "server/test_doors_api.py",
    "server/doors/health": "server/test_doors_health.py",
    "server/doors/mcp": "server/test_doors_mcp.py",
    "server/doors/openai": "server/test_doors_openai.py",
    "server/doors/within": "server/test_within.py",
    "server/forms": "server/test_guard.py",
    "server/kept": "server/test_log_ins.py",
    "text/blocks": "text/test_markdown.py",
    "text/inline": "text/test_markdown.py",
    "text/numbers": "text/test_claims.py",
    "text/obsidian": "text/test_markdown.py",
    "trace": "page/test_answer.py",
}
"""The modules without a test file of their own name, and the one that covers each."""


@cache
def imports_of(file: Path) -> frozenset[str]:
    return frozenset(imported(file.read_text(encoding="utf-8")))


@cache
def source_of(name: str) -> Path | None:
    """Return the file of a module of ours, or of the tests' own parts; None for any other."""
    place = ROOT / name.replace(".", "/")
    files = (place.with_suffix(".py"), place / "__init__.py", ROOT / "tests" / "parts" / f"{name}.py")
    return next((file for file in files if file.is_file()), None)


def reached(file: Path) -> set[str]:
    """Return the modules that a test imports, itself or by way of three others at most."""
    names = imports_of(file)
    for _ in range(3):
        files = [source for name in names if (source := source_of(name))]
        names = names.union(*map(imports_of, files))
    return set(names)


@each("file", [file for file in ASSISTANT if not file.name.startswith("__")], ids=name_of)
def test_a_module_has_tests_of_its_own_or_is_covered_by_name(file: Path) -> None:
    module = file.relative_to(ROOT / "assistant").with_suffix("")
    own = ROOT / "tests" / module.parent / f"test_{module.name}.py"
    covered = COVERED.get(module.as_posix())
    assert own.is_file() != (covered is not None), "one of the two, and no line that is out of date"
    file_of_tests = own if own.is_file() else ROOT / "tests" / str(covered)
    assert f"assistant.{module.as_posix().replace('/', '.')}" in reached(file_of_tests)
