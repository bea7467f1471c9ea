"""The table of platforms: what lacks is named, and the table has a row for all that can be installed."""

import tomllib
from importlib.metadata import distribution
from pathlib import Path

import platforms
import pytest

ROOT = Path(__file__).parent.parent.parent
LOCK = """
lock-version = "1.0"
[[packages]]
name = "faiss-cpu"
wheels = [{ url = "https://example.org/faiss_cpu-1.15.1-cp313-abi3-win_amd64.whl" }]
[[packages]]
name = "kiwipiepy-model"
sdist = { url = "https://example.org/kiwipiepy_model-0.24.0.tar.gz" }
"""
COMPILED = '[[packages]]\nname = "mapped"\nsdist = { url = "https://example.org/mapped-1.tar.gz" }\n'


def test_what_would_have_to_be_compiled_is_named() -> None:
    assert platforms.lacking(LOCK) == []
    assert platforms.lacking(LOCK + COMPILED) == ["mapped"]
    assert platforms.lacking("# error: No solution found") == ["error: No solution found"]


@pytest.mark.parametrize("name", platforms.SOURCE_ALONE)
def test_a_package_that_is_published_as_source_alone_has_nothing_to_compile(name: str) -> None:
    assert "Tag: py3-none-any" in (distribution(name).read_text("WHEEL") or "").splitlines()


def test_the_table_says_which_versions_of_python_need_no_compiler() -> None:
    found = {
        (extra, label, python): ["mapped"] if extra and label.startswith("macOS") and python != "3.12" else []
        for extra in ("", "milvus")
        for label in platforms.PLATFORMS
        for python in platforms.PYTHONS
    }
    rows = platforms.table(found).splitlines()
    assert rows[2].startswith("| `notes-assistant` | 3.11, 3.12, 3.13 | 3.11, 3.12, 3.13 | 3.11, 3.12, 3.13 |")
    assert rows[3] == "| `notes-assistant[milvus]` | 3.11, 3.12, 3.13 | 3.11, 3.12, 3.13 | 3.12 | 3.11, 3.12, 3.13 |"


def test_the_page_has_a_row_for_each_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = ["", *(extra for extra in project["optional-dependencies"] if extra not in platforms.OURS)]
    page = platforms.PAGE.read_text(encoding="utf-8")
    written = platforms.TABLE.search(page)
    whole = {
        (extra, label, python): [] for extra in extras for label in platforms.PLATFORMS for python in platforms.PYTHONS
    }
    assert written and written[0] == platforms.table(whole), "write the page anew with: make platforms"
