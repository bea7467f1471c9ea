"""Tells where the package installs without a compiler: `python .ci/platforms.py` writes the table of docs/platforms.md.

In: the dependencies in pyproject.toml. uv resolves them and all that they need, as an install on each platform would,
from the index that uv's configuration names. Out: the table, and exit status 1 where something lacks.
"""

import os
import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "platforms.md"
TABLE = re.compile(r"(?<=<!-- table -->\n).*(?=<!-- end -->)", re.DOTALL)
PLATFORMS = {
    "Linux x86-64, glibc 2.28": "x86_64-manylinux_2_28",
    "Linux ARM, glibc 2.35": "aarch64-manylinux_2_35",
    "macOS 14, Apple silicon": "aarch64-apple-darwin",
    "Windows x86-64": "x86_64-pc-windows-msvc",
}
MACOS = "14.0"
PYTHONS = ("3.11", "3.12", "3.13")
SOURCE_ALONE = frozenset(("kiwipiepy-model",))
"""Packages without a wheel that pip builds everywhere: they hold data and Python, and nothing to compile."""
OURS = ("dev",)
"""Extras that only those who work on the package install."""
Place = tuple[str, str, str]
"""Extras, by commas, a platform and a version of Python."""


def main() -> int:
    """Resolve all combinations; write the table, print it and what lacks."""
    places = [*product(("", extras()), PLATFORMS, PYTHONS)]
    with ThreadPoolExecutor(4) as pool:  # each waits for the index most of its time
        found = dict(zip(places, pool.map(lambda place: lacking(resolved(*place)), places), strict=True))
    text = table(found)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(TABLE.sub(lambda _: text, page), encoding="utf-8")
    print(text)
    for (chosen, label, python), names in found.items():
        if names:
            print(f"{label}, Python {python}, {named(chosen)}: no wheel of {', '.join(names)}", file=sys.stderr)
    return int(any(found.values()))


def extras() -> str:
    """Return the extras that a user may install, all of them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return ",".join(sorted(extra for extra in project["optional-dependencies"] if extra not in OURS))


def resolved(chosen: str, label: str, python: str) -> str:
    """Return what uv would install, as a pylock.toml; what it says instead, if there is no solution."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--format", "pylock.toml"]
    command += ["--python-platform", PLATFORMS[label], "--python-version", python, "pyproject.toml"]
    command += [f"--extra={extra}" for extra in filter(None, chosen.split(","))]
    environment = os.environ | {"MACOSX_DEPLOYMENT_TARGET": MACOS}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)
    return done.stdout if done.returncode == 0 else f"# {' '.join(done.stderr.split())}"


def lacking(lock: str) -> list[str]:
    """Return the packages that would need a compiler; why there is nothing to install, where that is so."""
    packages = tomllib.loads(lock).get("packages", [])
    if not packages:
        return [lock.removeprefix("# ")]
    # uv names the wheels alone that fit the platform.
    return [one["name"] for one in packages if not one.get("wheels") and one["name"] not in SOURCE_ALONE]


def table(found: dict[Place, list[str]]) -> str:
    """Return the table: the versions of Python that need no compiler, without extras and with them."""
    lines = [f"| | {' | '.join(PLATFORMS)} |", f"|---|{'---|' * len(PLATFORMS)}"]
    for chosen in dict.fromkeys(chosen for chosen, _, _ in found):
        whole = [
            ", ".join(python for python in PYTHONS if not found[chosen, label, python]) or "–" for label in PLATFORMS
        ]
        lines.append(f"| {named(chosen)} | {' | '.join(whole)} |")
    return "\n".join(lines) + "\n"


def named(chosen: str) -> str:
    """Return what is installed: `notes-assistant[extra]`."""
    return f"`notes-assistant[{chosen}]`" if chosen else "`notes-assistant`"


if __name__ == "__main__":
    sys.exit(main())
