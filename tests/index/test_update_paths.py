"""Which notes the index is brought in line with: several folders, single files, files of the same name."""

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEmbedding, write_notes
from six_notes import NOTES
from update_parts import content, in_line, load, no_model, run, settled, sources

from assistant.config import Settings
from assistant.errors import NoteError
from assistant.index.snapshot import LocalSnapshot
from assistant.index.update import update


def test_a_second_folder_keeps_the_first(indexed: LocalSnapshot, settings: Settings, tmp_path: Path) -> None:
    other = write_notes(tmp_path / "other", {"kites.md": "# Kites\nA kite needs wind."})
    report = run(settings, other)
    assert (report.indexed, len(report.unchanged), report.removed) == (("kites.md",), 6, ())
    assert sources(settings) == sorted([*NOTES, "kites.md"])
    in_line(settings)


def test_only_the_named_folder_stays_if_that_is_asked_for(
    indexed: LocalSnapshot, settings: Settings, tmp_path: Path
) -> None:
    other = write_notes(tmp_path / "other", {"kites.md": "# Kites\nA kite needs wind."})
    report = update([other], settings, HashEmbedding, only=True)
    assert (report.indexed, sorted(report.removed)) == (("kites.md",), sorted(NOTES))
    assert sources(settings) == ["kites.md"]


def test_without_a_path_an_index_of_another_folder_stays_with_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_notes(tmp_path / "corpus", {"example.md": "# Example\nAn example."})
    usual = replace(settings, notes=Settings.notes)
    run(usual, settings.notes)
    assert update(None, usual, no_model).unchanged == tuple(sorted(NOTES))
    assert update(None, settings, no_model).unchanged == tuple(sorted(NOTES))
    other = replace(usual, index=tmp_path / "fresh")
    assert update(None, other, HashEmbedding).indexed == ("example.md",)


def test_what_vanished_elsewhere_leaves_too(indexed: LocalSnapshot, settings: Settings, tmp_path: Path) -> None:
    other = write_notes(tmp_path / "other", {"kites.md": "# Kites\nA kite needs wind."})
    (settings.notes / "등대.txt").unlink()
    assert run(settings, other).removed == ("등대.txt",)


def test_a_hidden_note_leaves_when_its_folder_is_indexed(settings: Settings) -> None:
    write_notes(settings.notes, {".draft.md": "# Kites\nA kite needs wind."})
    assert run(settings, settings.notes / ".draft.md").indexed == (".draft.md",)
    report = run(settings)
    assert (report.removed, len(report.indexed)) == ((".draft.md",), 6)


def test_a_single_file_can_be_indexed(settings: Settings) -> None:
    report = run(settings, settings.notes / "deep" / "bicycle.md")
    assert (report.indexed, sources(settings)) == (("bicycle.md",), ["bicycle.md"])


def test_the_same_folder_named_in_another_way_changes_nothing(
    indexed: LocalSnapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(settings.notes / "deep")
    report = update([Path("../../notes")], settings, no_model)
    assert (sorted(report.unchanged), report.skipped, report.removed) == (sorted(NOTES), {}, ())


@pytest.fixture
def twins(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders that each hold a README.md."""
    first = write_notes(tmp_path / "first", {"README.md": "# Kites\nA kite needs wind."})
    second = write_notes(tmp_path / "second", {"README.md": "# Boats\nA boat needs water."})
    return first, second


def test_files_of_the_same_name_in_two_folders_are_told_apart(settings: Settings, twins: tuple[Path, Path]) -> None:
    first, second = twins
    report = run(settings, first, second)
    assert sorted(report.indexed) == ["README.md", "second/README.md"]
    titles = {note.source: note.title for note in load(settings).notes}
    assert titles == {"README.md": "Kites", "second/README.md": "Boats"}
    in_line(settings)


def test_a_note_keeps_its_name_when_another_of_that_name_comes(
    settings: Settings, twins: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(monkeypatch.setattr)
    first, second = twins
    run(settings, first)
    report = run(settings, second)
    assert (report.indexed, report.unchanged, report.removed) == (("second/README.md",), ("README.md",), ())
    before = content(settings.index)
    for paths in ([first], [second], [second, first], [first, second]):
        report = update(paths, settings, no_model)
        assert (sorted(report.unchanged), report.indexed, report.removed) == (["README.md", "second/README.md"], (), ())
    assert content(settings.index) == before


def test_the_first_of_two_twins_can_leave(settings: Settings, twins: tuple[Path, Path]) -> None:
    first, second = twins
    run(settings, first, second)
    (first / "README.md").unlink()
    report = run(settings, first, second)
    assert (report.removed, report.unchanged) == (("README.md",), ("second/README.md",))
    in_line(settings)


def test_a_missing_path_is_named_and_the_index_stays(
    indexed: LocalSnapshot, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(NoteError, match=f"no file or folder at {tmp_path / 'missing'}"):
        run(settings, tmp_path / "missing")
    assert len(load(settings).notes) == 6


def test_of_two_tables_of_notion_the_whole_one_is_read(settings: Settings) -> None:
    name = "Teas 0123456789abcdef0123456789abcdef"
    write_notes(
        settings.notes, {f"{name}.csv": "tea,cups\nSencha,3\n", f"{name}_all.csv": "tea,cups\nSencha,3\nMint,4\n"}
    )
    report = run(settings)
    assert f"{name}_all.csv" in report.indexed and f"{name}.csv" in report.skipped


def test_a_link_to_a_note_does_not_hide_the_note(settings: Settings) -> None:
    (settings.notes / "0-link.md").symlink_to(settings.notes / "deep" / "bicycle.md")
    report = run(settings)
    assert "deep/bicycle.md" in report.indexed
    assert report.skipped["0-link.md"] == "the same content as deep/bicycle.md, which is indexed"
