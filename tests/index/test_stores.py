"""The one place that opens a store: whatever asks for one gets that of the settings."""

from dataclasses import replace
from pathlib import Path

from assistant.config import Settings
from assistant.index.local import LocalStore
from assistant.index.manifest import made_with
from assistant.index.snapshot import LocalSnapshot
from assistant.index.store import Store
from assistant.index.stores import apart, open_store


def test_without_a_setting_it_is_files(indexed: LocalSnapshot, settings: Settings) -> None:
    store: Store = open_store(settings)
    assert isinstance(store, LocalStore) and store.place == str(settings.index) and store.exists()
    assert store.made() == indexed.about.fingerprint and store.snapshot().notes == indexed.notes


def test_a_store_without_an_index_was_made_with_nothing(settings: Settings) -> None:
    store = open_store(settings)
    assert not store.exists() and store.made() == {}
    assert made_with(replace(settings, embedding=""), store).embedding == "multilingual-e5-small"


def test_notes_of_ones_own_share_neither_folder_nor_name(settings: Settings, tmp_path: Path) -> None:
    mine, yours = (apart(settings, tmp_path / name, tmp_path / name / "index") for name in ("me", "you"))
    assert len({one.store_name for one in (settings, mine, yours)}) == 3
    assert len({one.index for one in (settings, mine, yours)}) == 3
    assert mine.store_name.startswith(f"{settings.store_name}_") and mine == apart(settings, mine.notes, mine.index)
