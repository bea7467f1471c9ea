"""The messages that the code can give: texts of errors, with "…" where a value stands, found without running it."""

import ast
from functools import cache
from pathlib import Path

from assistant.messages.catalogue import sentences
from assistant.text.language import Language

ROOT = Path(__file__).parent.parent.parent / "assistant"
SAYING = {
    **dict.fromkeys(("SettingsError", "NoteError", "IndexUnusable", "ModelMissing", "PullFailed"), 0),
    **dict.fromkeys(("GenerationFailed", "SourceFailed", "Unkept"), 0),
    **dict.fromkeys(("Unread", "Unopened"), 1),
}
"""What carries a message, and the place of the message among its arguments."""
GAP = "…"


@cache
def _trees() -> tuple[ast.Module, ...]:
    return tuple(ast.parse(file.read_text(encoding="utf-8")) for file in sorted(ROOT.rglob("*.py")))


@cache
def _constants() -> dict[str, ast.expr]:
    """Return what is assigned to names in capitals at the top of modules."""
    tops = (line for tree in _trees() for line in tree.body if isinstance(line, ast.Assign))
    return {name.id: line.value for line in tops for name in line.targets if isinstance(name, ast.Name)}


def _texts(node: ast.expr) -> list[str]:
    """Return the texts that an expression can give; none where it only passes on another one's."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(_part(part) for part in parts)]
        case ast.BoolOp(values=choices):
            return [text for choice in choices for text in _texts(choice)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [one + other for one in _texts(left) for other in _texts(right)]
        case ast.Name(id=name) | ast.Attribute(attr=name) if name.strip("_").isupper() and name in _constants():
            return _texts(_constants()[name])
    return []


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue):
        value = part.value
        known = isinstance(value, ast.Name | ast.Attribute) and _texts(value)
        return known[0] if known else GAP
    return _texts(part)[0]


def of_errors() -> set[str]:
    """Return the messages of all errors and of all files that are not read."""
    calls = (node for tree in _trees() for node in ast.walk(tree) if isinstance(node, ast.Call))
    found = set[str]()
    for call in calls:
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name in SAYING and len(call.args) > SAYING[name]:
            found.update(_texts(call.args[SAYING[name]]))
    return {text for text in found if any(map(str.isalpha, text))}


def of_catalogue(table: str, language: Language) -> dict[str, str]:
    """Return the messages of a table by name, with "…" for each slot."""
    return {
        key.removeprefix(f"{table}."): _open(text)
        for key, text in sentences(language).items()
        if key.startswith(f"{table}.")
    }


def _open(text: str) -> str:
    import string

    return "".join(before + GAP * (slot is not None) for before, slot, _, _ in string.Formatter().parse(text))
