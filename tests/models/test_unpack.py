"""What leaves an archive, and what does not."""

import hashlib
import re
import stat
import zipfile
from pathlib import Path

import pytest

from assistant.errors import PullFailed
from assistant.models.unpack import Archive, unpack

WEIGHTS = b"the weights"
ARCHIVE = Archive("model", hashlib.sha256(WEIGHTS).hexdigest())
Member = str | zipfile.ZipInfo


def packed(place: Path, members: dict[Member, bytes]) -> Path:
    with zipfile.ZipFile(place / "m.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return place / "m.zip"


def unpacked(place: Path, members: dict[Member, bytes]) -> set[str]:
    """Unpack into `place / out`; return what is there, as relative paths of files."""
    (place / "out").mkdir()
    unpack(packed(place, members), place / "out", ARCHIVE)
    return {path.relative_to(place / "out").as_posix() for path in (place / "out").rglob("*") if path.is_file()}


def link(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = (stat.S_IFLNK | 0o777) << 16
    return made


def test_the_data_files_below_the_folder_are_written_and_nothing_else(tmp_path: Path) -> None:
    members: dict[Member, bytes] = {
        "model/": b"",
        "model/model.safetensors": WEIGHTS,
        "model/1_Pooling/config.json": b"{}",
        "model/run.py": b"raise SystemExit",
        "model/notebook.ipynb": b"{}",
        "model/weights.bin": b"a pickle",
        "model/README.md": b"",
        "other/config.json": b"{}",
        "config.json": b"{}",
    }
    assert unpacked(tmp_path, members) == {"model.safetensors", "1_Pooling/config.json"}


@pytest.mark.parametrize(
    "name", ["../config.json", "model/../../config.json", "/config.json", "model\\..\\config.json", "C:/config.json"]
)
def test_a_path_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PullFailed, match=f"{re.escape(name)}.*outside the model's folder"):
        unpacked(tmp_path, {name: b"{}", "model/model.safetensors": WEIGHTS})
    assert not list(tmp_path.rglob("config.json"))


def test_a_link_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PullFailed, match="'model/config.json', which is not a plain file"):
        unpacked(tmp_path, {link("model/config.json"): b"/etc/passwd"})


def test_other_weights_are_refused_with_both_hashes(tmp_path: Path) -> None:
    with pytest.raises(PullFailed) as caught:
        unpacked(tmp_path, {"model/model.safetensors": b"others"})
    assert ARCHIVE.weights in str(caught.value) and hashlib.sha256(b"others").hexdigest() in str(caught.value)


def test_an_archive_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PullFailed, match="m.zip is not an archive of a model's folder"):
        unpacked(tmp_path, {"model/config.json": b"{}"})


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.zip").write_bytes(b"no zip")
    with pytest.raises(PullFailed, match="m.zip is not an archive of a model's folder"):
        unpack(tmp_path / "m.zip", tmp_path, ARCHIVE)
