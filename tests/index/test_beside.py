"""Pictures that a note shows lie beside it, and nothing else is given."""

import zipfile
from pathlib import Path

import pytest
from fakes import HashEmbedding, opened, write_notes

from assistant import Settings
from assistant.errors import NoteError
from assistant.index.beside import picture
from assistant.index.store import Snapshot

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.fixture
def snapshot(settings: Settings, embed_model: HashEmbedding) -> Snapshot:
    write_notes(settings.notes, {"차/잎.md": "# 잎\n\n![a](leaf.png) and ![[pot.png]]", "secret.txt": "a secret"})
    for place in ("차/leaf.png", "attachments/pot.png", ".hidden/h.png", "top.png"):
        (settings.notes / place).parent.mkdir(exist_ok=True)
        (settings.notes / place).write_bytes(PNG)
    (settings.notes.parent / "outside.png").write_bytes(PNG)
    (settings.notes / "link.png").symlink_to(settings.notes.parent / "outside.png")
    (settings.notes / "fake.png").write_bytes(b"a secret")
    with zipfile.ZipFile(settings.notes / "Export.zip", "w") as archive:
        archive.writestr("kite/kite.md", "# Kite\n\nIt flies. ![](kite.png)")
        archive.writestr("kite/kite.png", PNG)
    return opened(settings, embed_model).snapshot


@pytest.mark.parametrize("name", ["leaf.png", "./leaf.png", "pot.png", "../top.png", "/top.png", "차/leaf.png"])
def test_a_picture_is_found_from_the_note_from_the_top_or_in_a_folder_for_such(snapshot: Snapshot, name: str) -> None:
    assert picture(snapshot, "차/잎.md", name) == (PNG, "image/png")


def test_a_picture_in_an_archive_is_found(snapshot: Snapshot) -> None:
    assert picture(snapshot, "Export.zip/kite/kite.md", "kite.png")[0] == PNG


@pytest.mark.parametrize(
    "name",
    [
        "none.png",
        "../../outside.png",
        "link.png",
        ".hidden/h.png",
        "fake.png",
        "secret.txt",
        "../secret.txt",
        "",
        "/",
        "//x",
        "\0",
    ],
)
def test_nothing_else_is_given(snapshot: Snapshot, name: str) -> None:
    with pytest.raises(NoteError):
        picture(snapshot, "차/잎.md", name)


def test_only_a_note_of_the_index_shows_pictures(snapshot: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(NoteError):
        picture(snapshot, "nowhere.md", "top.png")
