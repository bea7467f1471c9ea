"""What is left out of a folder of notes, by the files that people keep for that."""

from pathlib import Path

import pytest
from fakes import write_notes

from assistant.notes.files import NoteFile, find_notes
from assistant.notes.ignored import Ignored


def found(folder: Path) -> set[str]:
    return {item.source for item in find_notes([folder]) if isinstance(item, NoteFile)}


NOTES = {"차.md": "a", "draft/b.md": "b", "draft/keep.md": "c", "deep/draft/d.md": "d", "deep/e.txt": "e"}


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        ({".gitignore": "draft/\n"}, {"차.md", "deep/e.txt"}),
        ({".assistantignore": "/draft/*\n!keep.md\n"}, {"차.md", "draft/keep.md", "deep/draft/d.md", "deep/e.txt"}),
        ({"deep/.gitignore": "*.txt\n"}, {"차.md", "draft/b.md", "draft/keep.md", "deep/draft/d.md"}),
        ({".gitignore": "*.md", "deep/.assistantignore": "!d.md"}, {"deep/draft/d.md", "deep/e.txt"}),
        ({".obsidian/templates.json": '{"folder": "draft"}'}, {"차.md", "deep/draft/d.md", "deep/e.txt"}),
        (
            {".obsidian/plugins/templater-obsidian/data.json": '{"templates_folder": "/deep/draft"}'},
            set(NOTES) - {"deep/draft/d.md"},
        ),
        ({".obsidian/daily-notes.json": '{"template": "draft/b", "folder": "draft"}'}, set(NOTES) - {"draft/b.md"}),
        ({".obsidian/plugins/templater-obsidian/data.json": '{"templates_folder": "/"}'}, set(NOTES)),
        ({".obsidian/templates.json": '{"folder": "[a]*"}', "[a]*/b.md": "틀", "ab/c.md": "글"}, {*NOTES, "ab/c.md"}),
        ({".gitignore": "# 주석\n\n차.md\n"}, set(NOTES) - {"차.md"}),
        ({".obsidian/templates.json": "[broken", ".gitignore": ""}, set(NOTES)),
        (
            {"draft/logseq/config.edn": "{}", "draft/logseq/bak/old.md": "# 옛날", "logseq/b.md": "# 논리"},
            {*NOTES, "logseq/b.md"},
        ),
        ({}, set(NOTES)),
    ],
)
def test_what_the_owner_leaves_out_is_no_note(tmp_path: Path, rules: dict[str, str], left: set[str]) -> None:
    write_notes(tmp_path, NOTES | rules)
    assert found(tmp_path) == left


def test_a_file_that_is_named_itself_is_read_whatever_is_left_out(tmp_path: Path) -> None:
    write_notes(tmp_path, NOTES | {".gitignore": "*"})
    assert found(tmp_path / "차.md") == {"차.md"}


def test_rules_that_cannot_be_read_leave_nothing_out(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"\xff\xfe*")
    (tmp_path / ".assistantignore").mkdir()
    ignored = Ignored()
    ignored.enter(str(tmp_path), "")
    assert not ignored("차.md")
