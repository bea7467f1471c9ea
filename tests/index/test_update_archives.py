"""Notes in zip archives, from indexing to citing: what is taken, kept and left, and that they can be opened."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
from fakes import HashEmbedding, opened, write_notes
from page_parts import Shown
from update_parts import in_line, load, no_model, run, settled, sources

from assistant import Settings
from assistant.answer import RankedPassage
from assistant.answering.recheck import still_there, without_deleted
from assistant.index import note_text
from assistant.index.update import update
from assistant.page import notebook
from assistant.page.note import note_html
from assistant.page.notes import shelf_html

KITE, WING = "# 연 (Kites)\n\nThe kite Zephyrine weighs 3 kg.\n", "# Wings\n\n날개의 길이는 2 m이다. See [[kite]].\n"


def pack(settings: Settings, name: str = "Export.zip", **members: str) -> Path:
    file = settings.notes / name
    with zipfile.ZipFile(file, "w") as made:
        for member, text in members.items():
            made.writestr(member.replace("__", "/") + ".md", text)
    return file


@pytest.fixture
def packed(settings: Settings) -> Path:
    """An archive of two notes beside the six; they are in the index, and no file changed just now."""
    file = pack(settings, kite=KITE, in__wing=WING)
    run(settings)
    return file


IN = ["Export.zip/in/wing.md", "Export.zip/kite.md"]


def unread(settings: Settings) -> list[str]:
    return [item.source for item in load(settings).unread]


def inside(settings: Settings) -> list[str]:
    return [source for source in sources(settings) if ".zip/" in source]


def test_archived_notes_are_indexed_and_found(packed: Path, settings: Settings, embed_model: HashEmbedding) -> None:
    in_line(settings)
    assert inside(settings) == IN
    assistant = opened(settings, embed_model)
    answer = assistant.ask("How much does the kite Zephyrine weigh?")
    [cited] = answer.citations[:1]
    assert (cited.source, cited.title) == (IN[1], "연 (Kites)") and "3 kg" in answer.answer
    note = note_text.read(assistant.snapshot, IN[1])
    assert note.text == KITE and note.text[cited.start : cited.end] == cited.quote
    found = note_html(assistant.snapshot.notes, IN[1], cited.start, cited.end, cited.quote)
    assert Shown(found).marked == [cited.quote]
    assert f'data-source="{IN[1]}"' in note_html(assistant.snapshot.notes, IN[0], 0, 0), "its link is resolved"


def test_an_unchanged_archives_notes_are_not_read_again(
    packed: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(monkeypatch.setattr)
    update([settings.notes], settings, no_model)
    monkeypatch.setattr("assistant.index.survey.contents", None)
    assert len(update([settings.notes], settings, no_model).unchanged) == 8


def test_of_a_changed_archive_only_what_changed_is_embedded(packed: Path, settings: Settings) -> None:
    pack(settings, kite=KITE, in__wing=WING + "\nIt is made of silk.\n", new="# New\n\nA new note.\n")
    assert not note_text.is_current(load(settings).notes[0])
    report = run(settings)
    assert (report.indexed, report.removed) == (("Export.zip/in/wing.md", "Export.zip/new.md"), ())
    assert "Export.zip/kite.md" in report.unchanged
    in_line(settings)


def test_what_left_the_archive_leaves_the_index(packed: Path, settings: Settings) -> None:
    pack(settings, kite=KITE)
    assert run(settings).removed == (IN[0],)
    packed.unlink()
    assert run(settings).removed == (IN[1],) and inside(settings) == []
    in_line(settings)


def test_the_notes_of_an_archive_elsewhere_stay_with_it(packed: Path, settings: Settings, tmp_path: Path) -> None:
    other = write_notes(tmp_path / "other", {"a.md": "# A\n\nAnother note.\n"})
    assert run(settings, other).removed == () and inside(settings) == IN
    pack(settings, kite=KITE)
    assert run(settings, other).removed == (IN[0],) and inside(settings) == IN[1:]
    packed.unlink()
    assert run(settings, other).removed == (IN[1],)


def test_an_archive_that_cannot_be_read_once_keeps_its_notes_and_is_one_line(
    packed: Path, settings: Settings, tmp_path: Path
) -> None:
    good = packed.read_bytes()
    packed.write_bytes(b"PK\x03\x04 half")
    other = write_notes(tmp_path / "other", {"a.md": "# A\n\nAnother note.\n"})
    for place in (settings.notes, other):
        report = run(settings, place)
        assert list(report.failed) == ["Export.zip"] and report.removed == ()
        assert inside(settings) == IN and unread(settings) == ["Export.zip"]
    packed.write_bytes(good)
    assert run(settings, other).failed == {} and unread(settings) == [] and inside(settings) == IN


def test_an_archive_that_was_never_read_is_read_once_it_can_be(settings: Settings, tmp_path: Path) -> None:
    (settings.notes / "Export.zip").write_bytes(b"PK\x03\x04 half")
    assert list(run(settings).failed) == ["Export.zip"]
    pack(settings, kite=KITE)
    other = write_notes(tmp_path / "other", {"a.md": "# A\n\nAnother note.\n"})
    assert "Export.zip/kite.md" in run(settings, other).indexed and unread(settings) == []


def test_refused_paths_are_listed_one_line_each(settings: Settings) -> None:
    pack(settings, **{"..__evil": "x", "in__..__..__evil": "x", "kite": KITE})
    report = run(settings)
    told = {source for source in report.skipped if source.startswith("Export.zip/")}
    assert told == {"Export.zip/../evil.md", "Export.zip/in/../../evil.md"}
    assert inside(settings) == ["Export.zip/kite.md"] and run(settings).removed == ()


def test_a_copy_in_an_archive_is_a_copy(packed: Path, settings: Settings) -> None:
    (settings.notes / "kite.md").write_text(KITE, encoding="utf-8")
    assert run(settings).skipped == {"kite.md": "the same content as Export.zip/kite.md, which is indexed"}


def test_what_is_gone_from_an_archive_is_not_cited(packed: Path, settings: Settings) -> None:
    snapshot = load(settings)
    strips = [_strip(snapshot, source) for source in IN]
    pack(settings, kite="\n" + KITE)
    kept, lost, moved = still_there(strips, snapshot)
    assert ([strip.source for strip in kept], lost, moved) == ([IN[1]], [IN[0]], [IN[1]])
    assert kept[0].start == strips[1].start + 1
    packed.unlink()
    ranked = [RankedPassage(source, 0, 1, "", "x", 1.0, 1.0) for source in (*IN, "sourdough.md")]
    assert [passage.source for passage in without_deleted(ranked, snapshot)] == ["sourdough.md"]


def _strip(snapshot: Any, source: str) -> Any:
    from assistant.search.strips import whole

    return whole(snapshot.of(source)[0])


def test_on_the_page_a_note_is_removed_with_its_archive_which_is_named(packed: Path, settings: Settings) -> None:
    snapshot = load(settings)
    html = shelf_html(snapshot, settings.notes)
    assert html.count("</span> Export.zip</button>") == 2
    [note] = [note for note in snapshot.notes if note.source == IN[0]]
    moved = notebook.remove(settings.notes, note)
    assert moved == settings.notes / ".removed" / "Export.zip" and not packed.exists()
    assert run(settings).removed == tuple(IN)


def test_an_archive_is_added_on_the_page(settings: Settings, tmp_path: Path) -> None:
    data = pack(settings, kite=KITE).read_bytes()
    (settings.notes / "Export.zip").unlink()
    notebook.add(settings.notes, "Export.zip", data)
    assert "Export.zip/kite.md" in run(settings).indexed
