"""What is published: the wheel and the sdist hold what a stranger needs, and it runs where there is no checkout."""

import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import assistant

ROOT = Path(__file__).parent.parent
UNWANTED = ("tests/", "docs/", "eval/training/", "eval/data/judge/", "eval/data/plan.jsonl", "eval/data/kinds.jsonl")


def built(checkout: Path, place: Path, *targets: str) -> None:
    """Build without a network, by the program that `pip wheel` and `python -m build` call."""
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(place), *targets]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the wheel and the sdist."""
    place = tmp_path_factory.mktemp("dist")
    built(ROOT, place)
    return place


def wheel(place: Path) -> zipfile.ZipFile:
    [file] = place.glob("*.whl")
    return zipfile.ZipFile(file)


def digests(place: Path) -> dict[str, str]:
    with wheel(place) as opened:
        return {name: hashlib.sha256(opened.read(name)).hexdigest() for name in opened.namelist()}


def below(folder: str) -> set[str]:
    """Return the files of a folder of the checkout, without what Python and the page leave there."""
    found = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if not {"__pycache__", ".removed"} & {*path.parts}}


def test_the_wheel_holds_the_packages_the_example_notes_and_the_licence(published: Path) -> None:
    names = set(digests(published))
    own = {name for name in names if ".dist-info/" not in name}
    evaluation = {name for name in below("eval") if not name.startswith(UNWANTED)}
    assert own == below("assistant") | {f"assistant/{name}" for name in below("corpus")} | evaluation
    assert {name.rpartition("/")[2] for name in names - own} >= {"METADATA", "LICENSE", "entry_points.txt", "RECORD"}
    assert {"page.css", "turn.html", "ko.toml", "judge.safetensors", "lexicon.json"} <= {Path(n).name for n in own}


def test_the_sdist_makes_the_same_wheel_and_holds_no_tests(published: Path, tmp_path: Path) -> None:
    [file] = published.glob("*.tar.gz")
    with tarfile.open(file) as opened:
        opened.extractall(tmp_path, filter="data")
    [unpacked] = [path for path in tmp_path.iterdir() if path.name.startswith("notes_assistant-")]
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert not [name for name in names if name.startswith(UNWANTED)] and "corpus/README.md" in names
    built(unpacked, tmp_path / "dist", "-t", "wheel")
    assert digests(tmp_path / "dist") == digests(published)


def test_the_version_is_one_everywhere_and_that_of_the_tag(published: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with wheel(published) as opened:
        [metadata] = [name for name in opened.namelist() if name.endswith(".dist-info/METADATA")]
        told = re.search(r"^Version: (.+)$", opened.read(metadata).decode(), re.MULTILINE)
    tags = subprocess.run(["git", "tag", "--points-at", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    of_tags = {tag.removeprefix("v") for tag in tags.stdout.split() if re.fullmatch(r"v?\d+(\.\d+)+\S*", tag)}
    assert told is not None and {told[1], assistant.__version__, *of_tags} == {project["version"]}


@pytest.fixture(scope="module")
def installed(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel is installed into; its libraries are those of the tests."""
    place = tmp_path_factory.mktemp("installed")
    [file] = published.glob("*.whl")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(place)]
    subprocess.run([*command, str(file)], check=True, capture_output=True)
    return place


def said(installed: Path, *command: str) -> str:
    """Return what a command prints for somebody who has set nothing, in a folder that holds nothing."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    environment |= {"PYTHONPATH": str(installed), "XDG_DATA_HOME": str(Path("data").absolute())}
    done = subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_commands_run_from_the_wheel(installed: Path) -> None:
    assert str(installed) in said(installed, "-c", "import assistant; print(assistant.__file__)")
    assert "assistant [FOLDER | --demo]" in said(installed, str(installed / "bin" / "assistant"), "--help")
    assert "notes" in said(installed, "-m", "assistant", "where", "--demo")
    assert "STAGE" in said(installed, "-m", "eval", "--help")
    assert not [*Path().iterdir()]


def test_the_example_notes_and_their_questions_are_in_the_wheel(installed: Path) -> None:
    """A page that is opened over them finds the notes, and its room for quality the questions about them."""
    code = "from eval.questions.dataset import CORPUS, problems, read_questions as read\n"
    code += "print(CORPUS, problems(read(), CORPUS))"
    assert said(installed, "-c", code) == f"{installed / 'assistant' / 'corpus'} []\n"
