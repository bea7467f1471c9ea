"""Turns what readers marked on the page into drafts of cases, in the form of `eval/data/questions.jsonl`.

In: the marks, `feedback.jsonl`. Out: one draft a marked answer; an answer marked helpful lends its citations as gold.
`facts` are for a person to write: only they know which words a right answer cannot do without.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.errors import SettingsError


def drafts(file: Path) -> Iterator[dict[str, Any]]:
    """Yield a draft for each marked answer, the last mark counting; raise SettingsError naming a damaged line."""
    marked: dict[str, dict[str, Any]] = {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SettingsError(f"cannot read {file}: {error.strerror}; mark an answer on the page first") from error
    for number, line in enumerate(lines, start=1):
        try:
            said = json.loads(line)
            marked[said["id"]] = _draft(said)
        except (ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"line {number} of {file} is not a mark: {error!r}; remove it") from error
    yield from marked.values()


def _draft(said: dict[str, Any]) -> dict[str, Any]:
    answer, helpful = said["answer"], said["rated"] == "up"
    gold = [[{"note": cited["source"], "quote": cited["quote"]}] for cited in answer["citations"]]
    return {
        "id": f"feedback-{said['id']}",
        "split": "dev",
        "system": "",
        "language": answer["language"],
        "question": answer["question"],
        "kind": "fact",
        "answerable": not answer["abstained"] if helpful else None,
        "gold": gold if helpful else [],
        "facts": [],
        "rated": said["rated"],
        "reason": said["reason"],
        "answer": answer["answer"],
    }
