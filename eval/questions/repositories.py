"""Files of public repositories at one commit, by git.

In: a repository's name, a commit, a path. Out: the file's bytes. Knows nothing of what they are for.
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from assistant.errors import SettingsError

_HOST = "https://github.com/"


def clones_of(arguments: Iterable[str]) -> dict[str, Path]:
    """Return git directories by repository, from arguments such as `owner/name=DIRECTORY`."""
    return {name: Path(place) for name, _, place in (argument.partition("=") for argument in arguments)}


def fetched(repository: str, commit: str, folder: Path) -> Path:
    """Fetch one commit of a repository into a git directory below `folder`, and return that."""
    git_dir = folder / repository.replace("/", "--")
    git_dir.mkdir()
    _git(git_dir, "init", "--quiet", "--bare", str(git_dir))
    _git(git_dir, "fetch", "--quiet", "--depth=1", f"{_HOST}{repository}", commit)
    return git_dir


def contents(git_dir: Path, commit: str, path: str) -> bytes:
    """Return a file's bytes at a commit; raise SettingsError if git does not have it."""
    return _git(git_dir, "show", f"{commit}:{path}")


def _git(git_dir: Path, *arguments: str) -> bytes:
    done = subprocess.run(["git", "--git-dir", str(git_dir), *arguments], capture_output=True, check=False)
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise SettingsError(f"git {arguments[0]} failed: {reason[-1]}; check the network, or name a clone")
    return done.stdout
