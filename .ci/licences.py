"""Lists the licences of all that the package installs and fetches: `python .ci/licences.py` writes docs/licences.md.

In: the metadata of installed packages, beginning with the dependencies in pyproject.toml, and the catalogue of models.
Out: the page, and exit status 1 where a licence is unknown or not one of `ALLOWED`.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from assistant.models.catalogue import MODELS

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "licences.md"
OURS = ("dev",)
"""Extras that only those who work on the package install."""
ALLOWED = frozenset(
    "0BSD AFL-2.1 Apache-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC0-1.0 CNRI-Python ISC MIT MIT-0 MIT-CMU PSF-2.0 Zlib "
    "LLVM-exception MPL-2.0 LGPL-3.0-only".split()
)
"""SPDX identifiers. The last two ask that changes of the package itself are published, and nothing of who uses it."""
BY_HAND = {
    "cobble": ("BSD-2-Clause", "its README"),
    "defusedxml": ("PSF-2.0", "its licence file"),
    "dirtyjson": ("MIT OR AFL-2.1", "its classifiers"),
    "groovy": ("Apache-2.0", "its licence file; its classifier says MIT"),
    "matplotlib": ("PSF-2.0", "its classifier; the text is PSF's with its own names"),
    "pypdfium2": ("BSD-3-Clause AND Apache-2.0", "its metadata; PDFium's parts are listed in its wheel"),
    "pystemmer": ("MIT AND BSD-3-Clause", "its metadata and licence file"),
    "safehttpx": ("Apache-2.0", "its licence file; its classifier says MIT"),
}
"""Licences that the metadata does not tell exactly, and where each was read."""
JUDGE = "the extra `judge`"
ELSEWHERE = {
    "audioop-lts": ("PSF-2.0", "Python 3.13"),
    "pywin32": ("PSF-2.0", "Windows"),
    "triton": ("MIT", "torch's build for Linux on PyPI"),
    "deepeval": ("Apache-2.0", JUDGE),
    **dict.fromkeys(("opentelemetry-sdk", "opentelemetry-semantic-conventions"), ("Apache-2.0", JUDGE)),
    **dict.fromkeys(("pytest-asyncio",), ("Apache-2.0", JUDGE)),
    **dict.fromkeys(("portalocker", "prompt-toolkit"), ("BSD-3-Clause", JUDGE)),
    **dict.fromkeys(("pytest-repeat", "pytest-rerunfailures"), ("MPL-2.0", JUDGE)),
    **dict.fromkeys(("backoff", "execnet", "iniconfig", "pluggy", "posthog", "pydantic-settings"), ("MIT", JUDGE)),
    **dict.fromkeys(("pyfiglet", "pytest", "pytest-xdist", "questionary", "tabulate"), ("MIT", JUDGE)),
    **dict.fromkeys(("wcwidth", "wheel"), ("MIT", JUDGE)),
}
"""Packages that are not installed where the page is made, and where they are; read in their metadata."""
NVIDIA = ("nvidia-", "cuda-")
"""What torch's build for Linux brings; the page says so."""
SAID = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "OSI Approved :: Apache Software License": "Apache-2.0",
    "OSI Approved :: MIT License": "MIT",
    "OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "OSI Approved :: Python Software Foundation License": "PSF-2.0",
}
"""What metadata says instead of an SPDX identifier."""


def main() -> int:
    """Write the page, and print what is not allowed."""
    found = {name: licence_of(name, one) for name, one in tree().items()}
    PAGE.write_text(page(found), encoding="utf-8")
    wrong = {name: licence for name, licence in found.items() if not allowed(licence)}
    for name, licence in wrong.items():
        print(f"expected a licence that is allowed, found '{licence}' of {name}; see BY_HAND", file=sys.stderr)
    return int(bool(wrong))


def tree(extras: Iterable[str] | None = None) -> dict[str, Distribution]:
    """Return what the package and its extras need, as far as it is installed, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional: Mapping[str, list[str]] = project.get("optional-dependencies", {})
    wanted = [extra for extra in optional if extra not in OURS] if extras is None else [*extras]
    here = {canonicalize_name(one.metadata["Name"]): one for one in distributions()}
    lines = project["dependencies"] + [line for extra in wanted for line in optional[extra]]
    waiting = [Requirement(line) for line in lines]
    found: dict[str, Distribution] = {}
    seen: set[str] = set()
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        if str(asked) in seen or name not in here or name.startswith(NVIDIA):
            continue
        seen.add(str(asked))
        found[name] = here[name]
        for line in here[name].requires or ():
            need = Requirement(line)
            if not need.marker or any(need.marker.evaluate({"extra": extra}) for extra in ("", *asked.extras)):
                waiting.append(need)
    return dict(sorted(found.items()))


def licence_of(name: str, package: Distribution) -> str:
    """Return a package's licence as an SPDX expression; what it says of it, if that is none."""
    if name in BY_HAND:
        return BY_HAND[name][0]
    fields = {name: package.metadata.get_all(name) or [""] for name in ("License-Expression", "License", "Classifier")}
    classifiers = [line.removeprefix("License :: ") for line in fields["Classifier"]]
    first = fields["License"][0].strip().partition("\n")[0]
    for said in (*fields["License-Expression"], first, *classifiers):
        try:
            return str(canonicalize_license_expression(SAID.get(said, said)))
        except InvalidLicenseExpression:
            continue
    if "OSI Approved :: BSD License" in classifiers:
        return _bsd(package)
    return first or "none"


def _bsd(package: Distribution) -> str:
    """Return which of the two licences called BSD the package's text is: the longer one protects its authors' names."""
    files = [file for file in package.files or () if re.search(r"\.dist-info/(.*/)?LICEN[CS]E[^/]*$", str(file))]
    text = "".join(Path(str(file.locate())).read_text(encoding="utf-8", errors="replace") for file in files)
    if "Redistributions of source" not in " ".join(text.split()):
        return "BSD"
    return "BSD-3-Clause" if re.search(r"endorse\s+or\s+promote", text) else "BSD-2-Clause"


def allowed(licence: str) -> bool:
    """Tell whether all parts of an expression are allowed."""
    return set(re.findall(r"[\w.-]+", licence)) - {"AND", "OR", "WITH"} <= ALLOWED


def page(found: Mapping[str, str]) -> str:
    """Return the page."""
    noted = {name: where for name, (_, where) in (*BY_HAND.items(), *ELSEWHERE.items())}
    packages = {name: licence for name, (licence, _) in ELSEWHERE.items()} | dict(found)
    rows = [f"| {name} | {licence} | {noted.get(name, '')} |" for name, licence in sorted(packages.items())]
    models = [f"| {model.name} | {model.licence} | {'; '.join(map(str, model.sources))} |" for model in MODELS.values()]
    return HEAD + "\n".join(rows) + MODELS_HEAD + "\n".join(models) + "\n" + FOOT


HEAD = """# Licences

`make licences` writes this page from the metadata of what is installed; a test holds it to the licences that are
allowed.

## Packages

What `notes-assistant` and its extras install, with what that needs in turn. The last column says where the licence was
read, if not in the metadata, or where the package is needed, if not everywhere.

| package | licence | |
|---|---|---|
"""
MODELS_HEAD = """

The Linux build of torch on PyPI, for those who install it, brings libraries of NVIDIA's (`nvidia-*`, under NVIDIA's own
licence, which is no open-source one). Its build for the CPU does without them.

## Models that are fetched

None comes with the package; each is fetched when its user asks for it, and its bytes are verified.

| model | licence | from |
|---|---|---|
"""
FOOT = """
## Figures that come with the package

`assistant/models/judge.safetensors`, `assistant/models/centres.json`, `assistant/answering/plan.safetensors` and
`assistant/text/lexicon.json` were learned by this project and are under its licence (MIT). docs/en/models.md names the
data that they were learned from and its licences; they hold words and numbers, no sentences.
"""

if __name__ == "__main__":
    sys.exit(main())
